import { Box, useIsScreenReaderEnabled } from 'ink';
import type { ReactNode } from 'react';
import type { KeyContext } from '../keys/context.ts';
import { keyRow } from '../keys/active.ts';
import type { Size } from '../layout.ts';
import { type Line, line } from '../lines.ts';
import { Rows } from './Rows.tsx';

interface FrameProps {
  size: Size;
  header: readonly Line[];
  context: KeyContext;
  children: ReactNode;
}

/** The whole window: header, what is between, and the keys that work now. Never taller than the window. */
export function Frame({ size, header, context, children }: FrameProps): ReactNode {
  const { columns, rows } = size;
  const reader = useIsScreenReaderEnabled();
  return (
    <Box flexDirection="column" width={columns} {...(reader ? {} : { height: rows, overflow: 'hidden' })}>
      <Rows rows={header} columns={columns} />
      {children}
      <Rows rows={[keysLine(context, columns)]} columns={columns} role="toolbar" />
    </Box>
  );
}

function keysLine(context: KeyContext, columns: number): Line {
  const keys = keyRow(context, columns - 2);
  if (keys.length === 0) return line('');
  return [
    { text: ' ' },
    ...keys.flatMap(({ label, does }, index) => [
      { text: `${index === 0 ? '' : ' · '}`, tone: 'quiet' } as const,
      { text: label, bold: true },
      { text: ` ${does}` },
    ]),
  ];
}
