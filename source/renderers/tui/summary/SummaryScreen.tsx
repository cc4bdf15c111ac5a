import { Box } from 'ink';
import type { ReactNode } from 'react';
import { layout, panelColumns, panelRows, type Size } from '../layout.ts';
import { contextOf } from '../keys/now.ts';
import { paragraph, scrolled } from '../lines.ts';
import { runHeader } from '../run/header.ts';
import type { RunUi } from '../run/run-ui.ts';
import { summaryRows } from './rows.ts';
import { Frame } from '../screen/Frame.tsx';
import { Panel } from '../screen/Panel.tsx';
import { useSession, useTui } from '../screen/binding.tsx';

/** How a run ended: outcome, what changed, what was decided by hand, where the transcript is. */
export function SummaryScreen({ ui, size }: { ui: RunUi; size: Size }): ReactNode {
  const session = useSession();
  const { scroll } = useTui();
  const { body } = layout(size);
  const { state } = ui.view;
  const columns = size.columns - panelColumns;
  const message =
    ui.message === undefined ? [] : paragraph(ui.message, columns, { tone: 'warn', bold: true });
  const rows = [...message, ...summaryRows(state, session.places(state), columns)];
  return (
    <Frame size={size} header={runHeader(state, size.columns)} context={contextOf(session, size)}>
      <Box height={body}>
        <Panel
          title="summary"
          rows={scrolled(rows, body - panelRows, 'top', scroll)}
          columns={size.columns}
          height={body}
        />
      </Box>
    </Frame>
  );
}
