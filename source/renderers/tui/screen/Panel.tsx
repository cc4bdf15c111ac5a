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
  /** The panel that has the keys. */
  active?: boolean;
}

/** A bordered panel with its title in the border; for a screen reader, the title and the rows. */
export function Panel({ title, rows, columns, height, role, active = true }: PanelProps): ReactNode {
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
  const rule = '─'.repeat(Math.max(0, columns - 4 - width(shown)));
  const edge = style({ tone: active ? 'plain' : 'quiet' });
  return (
    <Box flexDirection="column" width={columns} height={height} flexShrink={0}>
      <Text wrap="truncate-end">
        <Text {...edge}>╭ </Text>
        <Text bold>{shown}</Text>
        <Text {...edge}> {rule}╮</Text>
      </Text>
      <Box
        borderStyle="round"
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
