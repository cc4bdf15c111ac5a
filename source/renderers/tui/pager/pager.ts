/** Reading something long: which part of it is shown, and searching in it. Long lines take several rows. Pure. */
import type { OutputBuffer } from '../../../engine/output.ts';
import { wrap, wrapOutput } from '../../text.ts';

/** What is read: the output of an attempt, or the record of the run. */
export type Reading = { kind: 'output'; step: string; attempt: number } | { kind: 'record' };

/** A row of it: a line, counted from the first there ever was, and which of its rows. */
export interface Spot {
  line: number;
  row: number;
}

export interface Pager {
  of: Reading;
  /** The first row shown; `end` stays with the newest. */
  top: Spot | 'end';
  /** A search being typed. */
  searching?: string | undefined;
  /** What was searched for; the line found last, which of the lines found it is, and how many there are. */
  search?: { words: string; at?: number | undefined; index: number; count: number } | undefined;
}

/** What a pager reads from. */
export type Lines = Pick<OutputBuffer, 'length' | 'dropped' | 'slice'>;

/** Lines that are all there. */
export function linesOf(lines: readonly string[]): Lines {
  return { length: lines.length, dropped: 0, slice: (from, to) => lines.slice(from, to) };
}

/** The record of a run, opened at its beginning. */
export const recordPager: Pager = { of: { kind: 'record' }, top: { line: 0, row: 0 } };

/** The room there is for it. */
export interface Page {
  rows: number;
  /** Of the text itself. */
  columns: number;
  /** It is prose: lines are broken between words. */
  prose: boolean;
}

export interface PageRow extends Spot {
  text: string;
}

/** The rows in sight, no more than there is room for. */
export function pageOf(pager: Pager, lines: Lines, page: Page): PageRow[] {
  const top = firstSpot(pager, lines, page);
  const shown: PageRow[] = [];
  for (let line = top.line; line < lines.length && shown.length < page.rows; line += 1) {
    for (const [row, text] of rowsOf(lines, line, page).entries())
      if (line > top.line || row >= top.row) shown.push({ line, row, text });
  }
  return shown.slice(0, page.rows);
}

/** Moves by rows; past the end it stays with the newest. */
export function scroll(pager: Pager, lines: Lines, page: Page, by: number): Pager {
  return { ...pager, top: settle(moved(firstSpot(pager, lines, page), lines, page, by), lines, page) };
}

/** Goes to the first line held. */
export function toStart(pager: Pager, lines: Lines): Pager {
  return { ...pager, top: { line: lines.dropped, row: 0 } };
}

/** Goes to the newest line and stays there. */
export function toEnd(pager: Pager): Pager {
  return { ...pager, top: 'end' };
}

/** Goes to the next line with the words after the one found last (or before it), ignoring case, around the end. */
export function find(pager: Pager, lines: Lines, page: Page, words: string, direction: 1 | -1): Pager {
  const { length, dropped } = lines;
  const wanted = words.toLowerCase();
  const found = lines
    .slice(dropped, length)
    .flatMap((text, index) => (text.toLowerCase().includes(wanted) ? [dropped + index] : []));
  const same = pager.search?.words === words ? pager.search.at : undefined;
  const from = same === undefined ? firstSpot(pager, lines, page).line : same + direction;
  const at =
    direction === 1
      ? (found.find((line) => line >= from) ?? found[0])
      : (found.findLast((line) => line <= from) ?? found.at(-1));
  const search = { words, at, index: at === undefined ? 0 : found.indexOf(at) + 1, count: found.length };
  if (at === undefined) return { ...pager, search };
  const top = moved({ line: at, row: 0 }, lines, page, -Math.floor(page.rows / 3));
  return { ...pager, search, top: settle(top, lines, page) };
}

function rowsOf(lines: Lines, line: number, page: Page): string[] {
  const text = lines.slice(line, line + 1)[0] ?? '';
  return (page.prose ? wrap : wrapOutput)(text, page.columns);
}

/** Where the page begins: so that the newest rows fill it, or the place scrolled to as far as it is still held. */
function firstSpot(pager: Pager, lines: Lines, page: Page): Spot {
  const last = lastSpot(lines, page);
  if (pager.top === 'end') return last;
  const { line, row } = pager.top;
  if (line < lines.dropped) return { line: lines.dropped, row: 0 };
  if (isBefore(last, pager.top)) return last;
  // In a wider window a line has fewer rows.
  return { line, row: Math.min(row, rowsOf(lines, line, page).length - 1) };
}

/** The first row of the last page. */
function lastSpot(lines: Lines, page: Page): Spot {
  return moved({ line: lines.length, row: 0 }, lines, page, -page.rows);
}

/** `by` rows on, or back to the first row there is. */
function moved(from: Spot, lines: Lines, page: Page, by: number): Spot {
  let { line, row } = from;
  row += by;
  while (row < 0 && line > lines.dropped) {
    line -= 1;
    row += rowsOf(lines, line, page).length;
  }
  if (row < 0) return { line: lines.dropped, row: 0 };
  for (; line < lines.length; line += 1) {
    const { length } = rowsOf(lines, line, page);
    if (row < length) break;
    row -= length;
  }
  return { line, row };
}

function settle(spot: Spot, lines: Lines, page: Page): Spot | 'end' {
  return isBefore(spot, lastSpot(lines, page)) ? spot : 'end';
}

function isBefore(one: Spot, other: Spot): boolean {
  return one.line < other.line || (one.line === other.line && one.row < other.row);
}
