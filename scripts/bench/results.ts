/** What a benchmark found, and how it is told. */
import { arch, cpus, platform, totalmem } from 'node:os';

export interface Result {
  what: string;
  /** Empty where the budget is no comparison. */
  against: string;
  unit: 'ms' | 'MB' | 'bytes' | 'requests/s';
  /** Medians. */
  ours: number;
  /** Absent where the budget is no comparison. */
  theirs?: number;
  /** Ours by theirs; for `times faster`, theirs by ours. */
  ratio?: number;
  /** What the ratio, or ours where there is none, is held against; absent where there is no budget. */
  target?: { at: 'most' | 'least'; value: number };
}

/** The middle one; of an even number the higher of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export function rounded(value: number): number {
  return Math.abs(value) < 100 ? Math.round(value * 100) / 100 : Math.round(value);
}

/** What it was measured on. */
export interface Machine {
  platform: string;
  arch: string;
  cpu: string | undefined;
  cores: number;
  memoryGiB: number;
  node: string;
}

/** Results by the topic they were measured for, and the machine of the latest. */
export interface Measured {
  machine: Machine;
  topics: Record<string, readonly Result[]>;
}

/** This machine. */
export function machine(): Machine {
  return {
    platform: platform(),
    arch: arch(),
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
  };
}

/** Lines of a table, one for each result. */
export function tell(results: readonly Result[]): string {
  const rows = results.map(({ what, against, unit, ours, theirs, ratio, target }) => [
    what,
    `${ours} ${unit}`,
    against,
    theirs === undefined ? '' : `${theirs} ${unit}`,
    ratio === undefined ? '' : String(ratio),
    target === undefined ? '' : `${target.at === 'most' ? '≤' : '≥'} ${target.value}`,
    target === undefined ? '' : isMet({ ours, ratio, target }) ? 'met' : 'NOT MET',
  ]);
  const table = [['what', 'ours', 'against', 'theirs', 'ratio', 'target', ''], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${table.map(line).join('\n')}\n`;
}

/** Whether a result keeps to its budget. */
export function isMet({
  ours,
  ratio,
  target,
}: Pick<Result, 'ours' | 'target'> & { ratio?: number | undefined }): boolean {
  const value = ratio ?? ours;
  return target?.at === 'most' ? value <= target.value : value >= (target?.value ?? 0);
}
