/** A list to choose from: which item is marked, and the words it is narrowed by. Pure. */
import { clamp } from '../lines.ts';

export interface ListItem {
  /** Unique in the list. */
  value: string;
  label: string;
  /** Heads what is said about it; the label unless given. */
  title?: string | undefined;
  /** Paragraphs about it, shown while it is marked. */
  about: readonly string[];
}

export interface Picking {
  /** The `value` of the item marked; the first one while nothing was marked, or what was marked is not there. */
  marked?: string | undefined;
  /** Only items with all of these words are listed. */
  words: string;
  /** The words are being written: letters are no keys. */
  writing: boolean;
}

/** A list nobody has touched. */
export const untouched: Picking = { words: '', writing: false };

/** The items that have every word in their label or title, in capitals or not. */
export function narrowed<T extends ListItem>(items: readonly T[], { words }: Picking): readonly T[] {
  const wanted = words
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== '');
  if (wanted.length === 0) return items;
  return items.filter(({ label, title = '' }) => {
    const text = `${label}\n${title}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** The index of the item marked among those listed; -1 when none is listed. */
export function markedIndex(listed: readonly ListItem[], { marked }: Picking): number {
  const index = listed.findIndex(({ value }) => value === marked);
  return index === -1 ? Math.min(0, listed.length - 1) : index;
}

/** Marks another item, `by` positions on; stays at the ends. */
export function mark(listed: readonly ListItem[], picking: Picking, by: number | 'first' | 'last'): Picking {
  const last = listed.length - 1;
  const to =
    by === 'first'
      ? 0
      : by === 'last'
        ? last
        : clamp(markedIndex(listed, picking) + by, 0, Math.max(0, last));
  return { ...picking, marked: listed[to]?.value };
}
