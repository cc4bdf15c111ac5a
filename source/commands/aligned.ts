/** Tables as far as they need no wrapping: for a program or a file, which a row reaches as one line. */
import { clean, width } from '../renderers/width.ts';
import { print } from './terminal.ts';

export type Row = readonly string[];

/** Spaces between two columns. */
export const gap = 2;

/** The columns there are to fit into; undefined where nobody looks at a terminal, and each row stays one line. */
export function columnsOf(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY ? stream.columns : undefined;
}

/** Prints rows under their heads. What fits them into a terminal is loaded only where there is one. */
export async function printTable(
  heads: Row,
  rows: readonly Row[],
  columns = columnsOf(process.stdout),
  printLine: (line: string) => void = print,
): Promise<void> {
  for (const line of await linesOf(heads, rows, columns)) printLine(line);
}

async function linesOf(heads: Row, rows: readonly Row[], columns: number | undefined): Promise<string[]> {
  if (columns !== undefined) return (await import('./table.ts')).fittedTable(heads, rows, columns);
  const all = under(heads, rows);
  const widths = naturalWidths(all);
  return all.map((row) => aligned(row.map(clean), widths));
}

/** Rows under their heads. */
export function under(heads: Row, rows: readonly Row[]): Row[] {
  return [heads.map((head) => head.toUpperCase()), ...rows];
}

/** Clean cells as one line. */
export function aligned(cells: Row, widths: readonly number[]): string {
  return cells
    .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
    .join(' '.repeat(gap))
    .trimEnd();
}

/** The widths at which no cell is wrapped. */
export function naturalWidths(rows: readonly Row[]): number[] {
  return measured(rows, width);
}

/** Of each column, the most that its clean cells measure. */
export function measured(rows: readonly Row[], measure: (cell: string) => number): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => measure(clean(row[column] ?? '')))),
  );
}
