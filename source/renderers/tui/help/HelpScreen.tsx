import { Box } from 'ink';
import type { ReactNode } from 'react';
import { line, scrolled } from '../lines.ts';
import { helpRows } from './help.ts';
import type { KeyContext } from '../keys/context.ts';
import { layout, panelColumns, panelRows, type Size } from '../layout.ts';
import { titleRow } from '../run/header.ts';
import { Frame } from '../screen/Frame.tsx';
import { Panel } from '../screen/Panel.tsx';

interface HelpProps {
  size: Size;
  /** Of the help itself, and of the screen it lies over. */
  context: KeyContext;
  beneath: KeyContext;
  rehearsal: boolean;
  scroll: number;
}

/** The keys of the screen one is on, from the one table. */
export function HelpScreen({ size, context, beneath, rehearsal, scroll }: HelpProps): ReactNode {
  const { body } = layout(size);
  const rows = helpRows(beneath, size.columns - panelColumns);
  return (
    <Frame size={size} header={[titleRow('keys', rehearsal, size.columns), line('')]} context={context}>
      <Box height={body}>
        <Panel
          title="keys"
          rows={scrolled(rows, body - panelRows, 'top', scroll)}
          columns={size.columns}
          height={body}
        />
      </Box>
    </Frame>
  );
}
