/** Looking at a command's output: which part of it, and searching in it. Pure. */
import type { OutputBuffer } from '../../../engine/output.ts';
import { clamp } from '../lines.ts';

export interface Pager {
  step: string;
  attempt: number;
  /** The first line shown, counted from the first there ever was; `end` stays with the newest. */
  top: number | 'end';
  /** A search being typed. */
  searching?: string | undefined;
  /** What was searched for, and the line found last. */
  search?: { words: string; at?: number | undefined } | undefined;
}

/** The part of an output a pager reads. */
export type Lines = Pick<OutputBuffer, 'length' | 'dropped' | 'slice'>;

/** Where the page begins: the newest `rows` lines, or the place scrolled to as far as it is still held. */
export function firstLine(pager: Pager, output: Lines, rows: number): number {
  const last = Math.max(output.dropped, output.length - rows);
  return pager.top === 'end' ? last : clamp(pager.top, output.dropped, last);
}

/** Moves by lines; past the end it stays with the newest. */
export function scroll(pager: Pager, output: Lines, rows: number, by: number): Pager {
  return { ...pager, top: settle(firstLine(pager, output, rows) + by, output, rows) };
}

/** Goes to the first line held. */
export function toStart(pager: Pager, output: Lines): Pager {
  return { ...pager, top: output.dropped };
}

/** Goes to the newest line and stays there. */
export function toEnd(pager: Pager): Pager {
  return { ...pager, top: 'end' };
}

/** Goes to the next line with the words after the one found last (or before it), ignoring case, around the end. */
export function find(pager: Pager, output: Lines, rows: number, words: string, direction: 1 | -1): Pager {
  const { length, dropped } = output;
  const count = length - dropped;
  const wanted = words.toLowerCase();
  const lines = output.slice(dropped, length);
  const same = pager.search?.words === words ? pager.search.at : undefined;
  const start = same === undefined ? firstLine(pager, output, rows) : same + direction;
  for (let step = 0; step < count; step += 1) {
    const index = (((start - dropped + step * direction) % count) + count) % count;
    if (lines[index]?.toLowerCase().includes(wanted) !== true) continue;
    const at = dropped + index;
    return { ...pager, search: { words, at }, top: settle(at - Math.floor(rows / 3), output, rows) };
  }
  return { ...pager, search: { words } };
}

function settle(line: number, output: Lines, rows: number): number | 'end' {
  return line >= output.length - rows ? 'end' : Math.max(output.dropped, line);
}
