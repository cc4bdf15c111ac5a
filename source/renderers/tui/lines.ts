/** Lines as the screen draws them: styled pieces of text, each line exactly one row. */
import type { Tone } from '../status.ts';
import { clean, cut, width, wrap } from '../text.ts';

export interface Style {
  tone?: Tone | 'accent' | undefined;
  bold?: boolean | undefined;
  inverse?: boolean | undefined;
}

export interface Span extends Style {
  text: string;
}

export type Line = readonly Span[];

/** An empty row. */
export const blank: Line = [];

/** One row of text in one style. */
export function line(text: string, style: Style = {}): Line {
  return [{ text: clean(text).replaceAll('\n', ' '), ...style }];
}

/** A text as rows of at most `columns` columns. */
export function paragraph(text: string, columns: number, style: Style = {}): Line[] {
  return wrap(text, columns).map((part) => [{ text: part, ...style }]);
}

/** A paragraph whose every row begins with `prefix`. */
export function prefixed(prefix: Span, text: string, columns: number, style: Style = {}): Line[] {
  const room = Math.max(1, columns - width(prefix.text));
  return wrap(text, room).map((part) => [prefix, { text: part, ...style }]);
}

/** A paragraph that begins with `first`; its other rows are indented to stand under the text. */
export function hanging(first: Span, text: string, columns: number, style: Style = {}): Line[] {
  const indent = { text: ' '.repeat(width(first.text)) };
  return prefixed(indent, text, columns, style).map((row, index) =>
    index === 0 ? [first, ...row.slice(1)] : row,
  );
}

/** The text of a row. */
export function textOf(row: Line): string {
  return row.map(({ text }) => text).join('');
}

/** A row whose text is fit for a screen: clean, and without line breaks. */
function cleanLine(row: Line): Line {
  return row.map((span) => ({ ...span, text: clean(span.text).replaceAll('\n', ' ') }));
}

/** A clean row of at most `columns` columns. */
export function cutLine(raw: Line, columns: number): Line {
  const row = cleanLine(raw);
  if (width(textOf(row)) <= columns) return row;
  const spans: Span[] = [];
  let room = columns;
  for (const span of row) {
    const text = cut(span.text, room);
    if (text !== '') spans.push({ ...span, text });
    room -= width(text);
    if (text !== span.text) break;
  }
  return spans;
}

/** `left` and `right` on one row of `columns` columns; the left one gives way. */
export function spread(left: Line, right: Line, columns: number): Line {
  const end = cutLine(right, columns);
  const room = columns - width(textOf(end));
  const start = cutLine(left, end.length === 0 ? room : Math.max(0, room - 1));
  const gap = Math.max(0, room - width(textOf(start)));
  return [...start, { text: ' '.repeat(gap) }, ...end];
}

/** As many rows as fit, with row `focus` among them and a note of what is above and below. */
export function around(rows: readonly Line[], room: number, focus: number): Line[] {
  const position = focus - Math.floor((room - 2) / 2) - 1;
  return windowed(rows, room, position, { up: '', down: '' });
}

/**
 * As many rows as fit, beginning at the top or ending at the bottom, moved `by` positions away from there, with a
 * note of what is out of sight and how to see it.
 */
export function scrolled(rows: readonly Line[], room: number, anchor: 'top' | 'bottom', by: number): Line[] {
  const moved = clamp(by, 0, scrollRange(rows.length, room));
  const position = anchor === 'top' ? moved : scrollRange(rows.length, room) - moved;
  return windowed(rows, room, position, { up: ' (pgup)', down: ' (pgdn)' });
}

/** How many positions there are to scroll away from an anchor. */
export function scrollRange(rows: number, room: number): number {
  return rows <= room ? 0 : rows - room + 1;
}

/** Position 0 shows the beginning, the last one the end; at those, one note is not needed and a row is gained. */
function windowed(
  rows: readonly Line[],
  room: number,
  position: number,
  hint: { up: string; down: string },
): Line[] {
  if (rows.length <= room) return [...rows];
  if (room <= 0) return [];
  if (room < 4) {
    const from = clamp(position, 0, rows.length - room);
    return rows.slice(from, from + room);
  }
  const last = scrollRange(rows.length, room);
  const at = clamp(position, 0, last);
  const shown = at === 0 || at === last ? room - 1 : room - 2;
  const from = at === 0 ? 0 : at === last ? rows.length - shown : at + 1;
  const below = rows.length - from - shown;
  return [
    ...(from > 0 ? [line(`↑ ${from} more${hint.up}`, { tone: 'quiet' })] : []),
    ...rows.slice(from, from + shown),
    ...(below > 0 ? [line(`↓ ${below} more${hint.down}`, { tone: 'quiet' })] : []),
  ];
}

/** `value` kept between `low` and `high`; `low` when there is no room between. */
export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
