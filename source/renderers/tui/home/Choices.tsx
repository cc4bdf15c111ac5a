import { Text } from 'ink';
import SelectInput from 'ink-select-input';
import type { ReactNode } from 'react';
import { cut } from '../../text.ts';

export interface Choosable {
  value: string;
  label: string;
}

interface ChoicesProps<T extends Choosable> {
  items: readonly T[];
  columns: number;
  /** Rows there are for the list. */
  rows: number;
  /** Takes the keys. */
  active: boolean;
  onMark(item: T): void;
  onChoose(item: T): void;
}

/**
 * A list to choose from. It acts on a digit at once, so it is only for choices that change nothing by themselves.
 * The choice is handed on after the key has been dealt with, so that the screen it opens does not see the same key.
 */
export function Choices<T extends Choosable>(props: ChoicesProps<T>): ReactNode {
  const { items, columns, rows, active, onMark, onChoose } = props;
  const byValue = (value: string): T | undefined => items.find((item) => item.value === value);
  return (
    <SelectInput
      items={items.map(({ value, label }) => ({ key: value, value, label: cut(label, columns - 2) }))}
      isFocused={active}
      limit={Math.max(1, rows)}
      indicatorComponent={Mark}
      itemComponent={Label}
      onHighlight={({ value }) => {
        const item = byValue(value);
        if (item !== undefined) onMark(item);
      }}
      onSelect={({ value }) => {
        const item = byValue(value);
        if (item !== undefined) queueMicrotask(() => onChoose(item));
      }}
    />
  );
}

function Mark({ isSelected = false }: { isSelected?: boolean }): ReactNode {
  return <Text bold>{isSelected ? '› ' : '  '}</Text>;
}

function Label({ isSelected = false, label }: { isSelected?: boolean; label: string }): ReactNode {
  return (
    <Text bold={isSelected} inverse={isSelected} wrap="truncate-end">
      {label}
    </Text>
  );
}
