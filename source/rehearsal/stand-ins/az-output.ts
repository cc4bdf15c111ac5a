/** `--query` and `--output` as az has them. */
import type { Values } from './arguments.ts';
import { azError } from './ended.ts';

/** Prints a command's result as asked for. Like az, prints nothing at all for null. */
export async function print(result: unknown, values: Values): Promise<void> {
  const chosen = await query(result, values.get('query'));
  if (chosen === null || chosen === undefined) return;
  const text = await format(chosen, values.get('output') ?? 'json');
  if (text !== '') process.stdout.write(`${text}\n`);
}

async function query(result: unknown, expression: string | undefined): Promise<unknown> {
  if (expression === undefined || result === undefined) return result;
  const { search } = await import('@jmespath-community/jmespath');
  try {
    return search(JSON.parse(JSON.stringify(result)), expression);
  } catch {
    throw azError(`argument --query: invalid jmespath_type value: '${expression}'`, 2);
  }
}

async function format(value: unknown, output: string): Promise<string> {
  switch (output) {
    case 'none':
      return '';
    case 'tsv':
      return (Array.isArray(value) ? value : [value]).map(tsvRow).join('\n');
    case 'table':
      return table((Array.isArray(value) ? value : [value]).map(tableRow));
    case 'yaml':
    case 'yamlc': {
      const { stringify } = await import('yaml');
      return stringify(value).trimEnd();
    }
    default:
      return JSON.stringify(value, undefined, 2);
  }
}

function tsvRow(row: unknown): string {
  if (typeof row !== 'object' || row === null) return tsvCell(row);
  return Object.values(row).map(tsvCell).join('\t');
}

/** az writes the length of a list and nothing for an object, so that the columns stay where they are. */
function tsvCell(value: unknown): string {
  if (Array.isArray(value)) return String(value.length);
  if (value === null || value === undefined || typeof value === 'object') return '';
  return String(value);
}

function tableRow(row: unknown): Record<string, string> {
  if (typeof row !== 'object' || row === null) return { Result: String(row) };
  return Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => value !== null && typeof value !== 'object')
      .map(([name, value]) => [name.replace(/^./u, (first) => first.toUpperCase()), String(value)]),
  );
}

function table(rows: readonly Record<string, string>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const widths = columns.map((name) => Math.max(name.length, ...rows.map((row) => (row[name] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    line(columns),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map((row) => line(columns.map((name) => row[name] ?? ''))),
  ].join('\n');
}
