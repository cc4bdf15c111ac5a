import { Box, Text, type TextProps } from 'ink';
import type { ReactNode } from 'react';
import { cutLine, type Line } from '../lines.ts';
import { useTextStyle } from './theme.ts';

type Role = 'list' | 'listitem' | 'toolbar' | 'timer';

/** Rows of text, each exactly one row high and no wider than `columns`. */
export function Rows({
  rows,
  columns,
  role,
}: {
  rows: readonly Line[];
  columns: number;
  role?: Role;
}): ReactNode {
  const style = useTextStyle();
  return (
    <Box flexDirection="column" flexShrink={0} {...(role === undefined ? {} : { 'aria-role': role })}>
      {rows.map((row, index) => (
        // Rows have no identity but their place on the screen.
        // oxlint-disable-next-line react/no-array-index-key
        <Row key={index} row={cutLine(row, columns)} style={style} />
      ))}
    </Box>
  );
}

function Row({ row, style }: { row: Line; style: (span: Line[number]) => TextProps }): ReactNode {
  const spans = row.filter(({ text }) => text !== '');
  // A row without text would take no row at all.
  if (spans.length === 0) return <Text> </Text>;
  return (
    <Text wrap="truncate-end">
      {spans.map((span, index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <Text key={index} {...style(span)}>
          {span.text}
        </Text>
      ))}
    </Text>
  );
}
