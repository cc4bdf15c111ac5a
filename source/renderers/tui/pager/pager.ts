/** Reading something long: which part of it is shown, and searching in it. Long lines take several rows. Pure. */
import type { OutputBuffer } from '../../../engine/output.ts';
import { cut, wrap, wrapOutput } from '../../text.ts';

/** What is read: the output of an attempt, the record of a run, or what has happened in it so far. */
export type Reading =
  | { kind: 'output'; step: string; attempt: number }
  | { kind: 'record' }
  | { kind: 'story' };

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
  search?: (Search & { at?: number | undefined; index: number; count: number }) | undefined;
  /** Each line is one row, cut where it is too long. */
  cut?: boolean | undefined;
}

/** Words, in capitals or not; or whatever tells of an error. */
export type Search = { for: 'words'; words: string } | { for: 'errors' };

/** What a pager reads from. */
export type Lines = Pick<OutputBuffer, 'length' | 'dropped' | 'slice'>;

/** Lines that are all there. */
export function linesOf(lines: readonly string[]): Lines {
  return { length: lines.length, dropped: 0, slice: (from, to) => lines.slice(from, to) };
}

/** The record of a run, opened at its beginning. */
export const recordPager: Pager = { of: { kind: 'record' }, top: { line: 0, row: 0 } };

/** What has happened so far, opened at its beginning. */
export const storyPager: Pager = { of: { kind: 'story' }, top: { line: 0, row: 0 } };

/** The room there is for it. */
export interface Page {
  rows: number;
  /** Of the text itself. */
  columns: number;
  /** It is prose: lines are broken between words. */
  prose: boolean;
  /** Each line is one row. */
  cut?: boolean | undefined;
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

/** Words that lines of az, kubectl and most other programs have when something is wrong. */
const errorWords =
  /\b(error|fail(ed|ure)?|exception|fatal|denied|forbidden|unauthorized|refused|timed? ?out|traceback)\b/i;

/** Where in a line something is that was searched for: beginning and end of each place. */
export function matches(text: string, search: Search): [number, number][] {
  if (search.for === 'errors') {
    const found = errorWords.exec(text);
    return found === null ? [] : [[found.index, found.index + found[0].length]];
  }
  const wanted = search.words.toLowerCase();
  const lower = text.toLowerCase();
  const places: [number, number][] = [];
  // Where small letters are of another length than capitals, places would be off.
  if (wanted === '' || lower.length !== text.length) return places;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + wanted.length))
    places.push([at, at + wanted.length]);
  return places;
}

/** Whether what was searched for is in a text. */
export function fits(text: string, search: Search): boolean {
  return search.for === 'errors'
    ? errorWords.test(text)
    : text.toLowerCase().includes(search.words.toLowerCase());
}

/** Goes to the next line found after the one found last (or before it), around the end. */
export function find(pager: Pager, lines: Lines, page: Page, search: Search, direction: 1 | -1): Pager {
  const { length, dropped } = lines;
  const found = lines
    .slice(dropped, length)
    .flatMap((text, index) => (fits(text, search) ? [dropped + index] : []));
  const same = isSame(pager.search, search) ? pager.search?.at : undefined;
  const from = same === undefined ? firstSpot(pager, lines, page).line : same + direction;
  const at =
    direction === 1
      ? (found.find((line) => line >= from) ?? found[0])
      : (found.findLast((line) => line <= from) ?? found.at(-1));
  const result = { ...search, at, index: at === undefined ? 0 : found.indexOf(at) + 1, count: found.length };
  if (at === undefined) return { ...pager, search: result };
  const row = Math.max(
    0,
    rowsOf(lines, at, page).findIndex((text) => fits(text, search)),
  );
  const top = moved({ line: at, row }, lines, page, -Math.floor(page.rows / 3));
  return { ...pager, search: result, top: settle(top, lines, page) };
}

function isSame(one: Search | undefined, other: Search): boolean {
  if (one?.for === 'words' && other.for === 'words') return one.words === other.words;
  return one?.for === other.for;
}

function rowsOf(lines: Lines, line: number, page: Page): string[] {
  const text = lines.slice(line, line + 1)[0] ?? '';
  if (page.cut === true) return [cut(text, page.columns)];
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
