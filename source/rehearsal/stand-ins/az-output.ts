/** `--query` and `--output` as az has them. */
import type { Values } from './arguments.ts';
import { azError } from './ended.ts';

/**
 * Prints a command's result as asked for. Like az, prints nothing at all for null. `columns` is the query that makes
 * the table of a command that has one of its own.
 */
export async function print(result: unknown, values: Values, columns?: string): Promise<void> {
  const output = values.get('output') ?? 'json';
  const ownColumns = output === 'table' && !values.has('query') ? columns : undefined;
  const chosen = await query(result, values.get('query') ?? ownColumns);
  if (chosen === null || chosen === undefined || output === 'none') return;
  if (Array.isArray(chosen) && chosen.length === 0 && output === 'tsv') return;
  process.stdout.write(`${await format(chosen, output)}\n`);
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
  if (typeof row === 'boolean') return String(row);
  if (typeof row !== 'object' || row === null) return tsvCell(row);
  const values = Array.isArray(row)
    ? row
    : Object.entries(row)
        .sort(byName)
        .map(([, value]) => value as unknown);
  return values.map(tsvCell).join('\t');
}

function byName([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}

/** az writes Python's words, the length of a list and nothing for an object: the columns stay where they are. */
function tsvCell(value: unknown): string {
  if (Array.isArray(value)) return String(value.length);
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? '' : String(value);
}

const notInTables = new Set(['id', 'type', 'etag']);

function tableRow(row: unknown): Record<string, string> {
  if (typeof row !== 'object' || row === null) return { Result: String(row) };
  return Object.fromEntries(
    Object.entries(row)
      .filter(([field, value]) => !notInTables.has(field) && value !== null && typeof value !== 'object')
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
