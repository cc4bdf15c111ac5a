/** Tables that fit the terminal: cells are wrapped, and where that is not enough a row is told field by field. */
import wrapAnsi from 'wrap-ansi';
import { clean, width, wrapProse } from '../renderers/text.ts';
import { aligned, columnsOf, gap, measured, naturalWidths, under } from './aligned.ts';
import type { Row } from './aligned.ts';
import { print } from './terminal.ts';

/**
 * Rows as aligned columns, separated by two spaces: the lines of each row. Only what breaks at blanks is wrapped. A last
 * cell with a word that would leave the others no room, such as an address, follows in a line of its own, whole.
 */
export function tableLines(rows: readonly Row[], columns = columnsOf(process.stdout)): string[][] {
  const isLong = (cell: string): boolean => columns !== undefined && longestWord(cell) > columns / 2;
  const apart = rows.map((row) => {
    const last = row.at(-1) ?? '';
    return row.length > 1 && isLong(last)
      ? { cells: row.slice(0, -1), after: wrapProse(`    ${last}`, columns) }
      : { cells: row, after: [] };
  });
  const widths = fitted(
    apart.map(({ cells }) => cells),
    columns,
  );
  return apart.map(({ cells, after }) => [...rowLines(cells, widths), ...after]);
}

function rowLines(row: Row, widths: readonly number[]): string[] {
  const cells = row.map((cell, column) => folded(cell, widths[column] ?? 0));
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    aligned(
      cells.map((lines) => lines[line] ?? ''),
      widths,
    ),
  );
}

/** Rows under their heads; in a terminal too narrow for that, each row as a paragraph with its fields named. */
export function fittedTable(heads: Row, rows: readonly Row[], columns: number): string[] {
  const all = under(heads, rows);
  const lines =
    total(narrowest(all)) <= columns
      ? tableLines(all, columns)
      : rows.map((row) => stacked(heads, row, columns));
  return lines.flat();
}

/** Prints a line with what belongs to it, wrapped between words; what is carried over begins under its text. */
export function printHanging(mark: string, text: string): void {
  const columns = columnsOf(process.stdout);
  const rows = wrapProse(text, columns && columns - mark.length);
  for (const [index, row] of rows.entries()) print(`${index === 0 ? mark : ' '.repeat(mark.length)}${row}`);
}

/** The name in a line of its own, then `field: value`, as many beside each other as there is room for. */
function stacked(heads: Row, [name = '', ...values]: Row, columns: number): string[] {
  const fields = values.flatMap((value, index) =>
    value === '' ? [] : [`${heads[index + 1]}: ${clean(value)}`],
  );
  const lines: string[] = [];
  for (const field of fields) {
    const last = lines.at(-1);
    const longer = last === undefined ? `  ${field}` : `${last} · ${field}`;
    if (last !== undefined && width(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(`  ${field}`);
  }
  return [clean(name), ...lines.flatMap((line) => hanging(line, columns))];
}

function hanging(line: string, columns: number): string[] {
  if (width(line) <= columns) return [line];
  const [first = '', ...rest] = wrapAnsi(line.trim(), columns - 4, { hard: false, trim: true }).split('\n');
  return [`  ${first}`, ...rest.map((row) => `    ${row}`)];
}

/** The widths of the columns: as wide as their cells, or the widest of them narrower until all fit. */
function fitted(rows: readonly Row[], columns: number | undefined): number[] {
  const widths = naturalWidths(rows);
  if (columns === undefined) return widths;
  const least = narrowest(rows);
  while (total(widths) > columns) {
    const spare = widths.map((each, column) => (each > (least[column] ?? 0) ? each : 0));
    const widest = Math.max(...spare);
    if (widest === 0) break;
    widths[spare.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/** The widths below which words would have to be broken. */
function narrowest(rows: readonly Row[]): number[] {
  return measured(rows, longestWord);
}

function longestWord(cell: string): number {
  return Math.max(...cell.split(' ').map(width));
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each + gap, -gap);
}

function folded(cell: string, columns: number): string[] {
  const text = clean(cell);
  if (width(text) <= columns) return [text];
  const indent = /^ */.exec(text)?.[0] ?? '';
  const rows = wrapAnsi(text.trimStart(), columns - indent.length, { hard: false, trim: true }).split('\n');
  return rows.map((row) => indent + row);
}
