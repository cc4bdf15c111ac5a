import { Box, Text, useIsScreenReaderEnabled } from 'ink';
import type { ReactNode } from 'react';
import { panelColumns } from '../layout.ts';
import { type Line, line, textOf } from '../lines.ts';
import { cut, width } from '../../text.ts';
import { Rows } from './Rows.tsx';
import { useTextStyle } from './theme.ts';

interface PanelProps {
  title: string;
  rows: readonly Line[];
  columns: number;
  height: number;
  role?: 'list';
  /** Of what cannot be undone: its border is another. */
  alarm?: boolean;
  /** The panel that has the keys. */
  active?: boolean;
}

const borders = {
  usual: { style: 'round', left: '╭', rule: '─', right: '╮' },
  alarm: { style: 'double', left: '╔', rule: '═', right: '╗' },
} as const;

/** A bordered panel with its title in the border; for a screen reader, the title and the rows. */
export function Panel({
  title,
  rows,
  columns,
  height,
  role,
  alarm = false,
  active = true,
}: PanelProps): ReactNode {
  const reader = useIsScreenReaderEnabled();
  const style = useTextStyle();
  const inner = Math.max(1, columns - panelColumns);
  if (reader) {
    const spoken = rows.filter((row) => textOf(row).trim() !== '');
    return (
      <Rows
        rows={[line(`${title}:`), ...spoken].slice(0, height)}
        columns={columns}
        {...(role && { role })}
      />
    );
  }
  const shown = cut(title, columns - 5);
  const border = alarm ? borders.alarm : borders.usual;
  const rule = border.rule.repeat(Math.max(0, columns - 4 - width(shown)));
  const edge = style({ tone: active ? 'plain' : 'quiet' });
  return (
    <Box flexDirection="column" width={columns} height={height} flexShrink={0}>
      <Text wrap="truncate-end">
        <Text {...edge}>{border.left} </Text>
        <Text bold>{shown}</Text>
        <Text {...edge}>
          {' '}
          {rule}
          {border.right}
        </Text>
      </Text>
      <Box
        borderStyle={border.style}
        borderTop={false}
        borderDimColor={!active}
        width={columns}
        height={Math.max(0, height - 1)}
        paddingX={1}
        overflow="hidden"
      >
        <Rows rows={rows} columns={inner} {...(role && { role })} />
      </Box>
    </Box>
  );
}
