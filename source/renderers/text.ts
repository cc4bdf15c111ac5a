/** Text as a terminal shows it: cleaned, measured in columns, wrapped, cut. Nothing here knows about colour. */
import cliTruncate from 'cli-truncate';
import wrapAnsi from 'wrap-ansi';
import { clean, width } from './width.ts';

export { clean, width };

/** Clean text as lines of at most `columns` columns, broken between words where possible. Indentation is kept. */
export function wrap(text: string, columns: number): string[] {
  if (columns < 1) return [];
  return clean(text)
    .trimEnd()
    .split('\n')
    .flatMap((line) => wrapLine(line, columns, true));
}

/** A line of prose in rows of at most `columns` columns, as far as its words allow: none is broken, so that paths and names can be copied. */
export function wrapProse(line: string, columns: number | undefined): string[] {
  const text = clean(line);
  if (columns === undefined || columns < 20 || width(text) <= columns) return [text];
  const indent = /^ */.exec(text)?.[0] ?? '';
  const room = Math.max(1, columns - indent.length);
  const rows = wrapAnsi(text.trimStart(), room, { hard: false, trim: true, wordWrap: true });
  return rows.split('\n').map((row) => indent + row);
}

/** A command's lines: broken only where they must be, with what is carried over indented, nothing trimmed. */
export function wrapCommand(lines: readonly string[], columns: number): string[] {
  if (columns < 8) return wrap(lines.join('\n'), columns);
  return lines.flatMap((line) => {
    const text = clean(line).replaceAll('\n', ' ');
    if (width(text) <= columns) return [text];
    const indent = `${/^ */.exec(text)?.[0].slice(0, columns - 6) ?? ''}  `;
    const [first = '', ...rest] = wrapLine(text, columns, false);
    return [first, ...wrapLine(rest.join(''), columns - indent.length, false).map((part) => indent + part)];
  });
}

/** A line of output in pieces of at most `columns` columns, nothing added, dropped or moved. */
export function wrapOutput(text: string, columns: number): string[] {
  const line = clean(text).replaceAll('\n', ' ');
  const room = Math.max(2, columns);
  if (line.length <= room && width(line) <= room) return [line];
  // Most output is plain, and a line of it can be a megabyte long.
  if (!/^[\u0020-\u007e]*$/.test(line)) return wrapLine(line, room, false);
  return Array.from({ length: Math.ceil(line.length / room) }, (_, index) =>
    line.slice(index * room, (index + 1) * room),
  );
}

function wrapLine(line: string, columns: number, wordWrap: boolean): string[] {
  if (width(line) <= columns) return [line];
  const indent = /^ */.exec(line)?.[0].slice(0, Math.floor(columns / 2)) ?? '';
  const body = wordWrap ? line.trimStart() : line;
  const room = wordWrap ? columns - indent.length : columns;
  const wrapped = wrapAnsi(body, room, { hard: true, trim: wordWrap, wordWrap }).split('\n');
  return wordWrap ? wrapped.map((part) => indent + part) : wrapped;
}

/** One line of at most `columns` columns; what was cut shows as an ellipsis. */
export function cut(text: string, columns: number): string {
  if (columns < 1) return '';
  const line = clean(text).replaceAll('\n', ' ');
  return width(line) <= columns ? line : cliTruncate(line, columns);
}

/** One line of exactly `columns` columns. */
export function fit(text: string, columns: number): string {
  const line = cut(text, columns);
  return line + ' '.repeat(Math.max(0, columns - width(line)));
}

/** The end of a line in at most `columns` columns: what was typed last stays in sight. */
export function cutStart(text: string, columns: number): string {
  if (columns < 1) return '';
  const line = clean(text).replaceAll('\n', ' ');
  return width(line) <= columns ? line : cliTruncate(line, columns, { position: 'start' });
}
