import { Box } from 'ink';
import type { ReactNode } from 'react';
import { hanging, type Line, line, scrolled } from '../lines.ts';
import { helpGroups } from '../keys/active.ts';
import type { KeyContext } from '../keys/context.ts';
import { layout, panelColumns, panelRows, type Size } from '../layout.ts';
import { titleRow } from '../run/header.ts';
import { Frame } from '../screen/Frame.tsx';
import { Panel } from '../screen/Panel.tsx';

interface HelpProps {
  size: Size;
  context: KeyContext;
  rehearsal: boolean;
  scroll: number;
}

/** Every key, from the one table. */
export function HelpScreen({ size, context, rehearsal, scroll }: HelpProps): ReactNode {
  const { body } = layout(size);
  const rows = helpRows(context, size.columns - panelColumns);
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

function helpRows(context: KeyContext, columns: number): Line[] {
  return helpGroups(context).flatMap(({ title, keys }, index) => [
    ...(index === 0 ? [] : [line('')]),
    line(title, { bold: true }),
    ...keys.flatMap(({ label, help }) =>
      hanging({ text: `  ${label.padEnd(16)} `, tone: 'accent', bold: true }, help, columns),
    ),
  ]);
}
