/**
 * The runbooks that come with the tool as the build read them, so that a start need not read their YAML again. Taken
 * only while every file of theirs is, byte for byte, what the build read.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Runbook } from '../runbook/model.ts';

interface RunbookIndex {
  /** The files the runbooks were read from; see `filesIn`. */
  files: string;
  runbooks: readonly Runbook[];
}

const bundled = !import.meta.url.endsWith('.ts');

/** The folder of the runbooks that come with the tool: beside `dist/` when bundled, beside `source/` otherwise. */
export const runbooksFolder = fileURLToPath(
  new URL(bundled ? '../runbooks/' : '../../runbooks/', import.meta.url),
);

/** Beside the program when it is bundled; from source there is none. */
const indexFile = new URL('runbooks.json', import.meta.url);

let index: RunbookIndex | undefined;

/** The runbooks, when the index of the build tells of the files as they are now. */
export function indexedRunbooks(): readonly Runbook[] | undefined {
  if (!bundled) return undefined;
  try {
    index ??= JSON.parse(readFileSync(indexFile, 'utf8')) as RunbookIndex;
    return index.files === filesIn(runbooksFolder) ? index.runbooks : undefined;
  } catch {
    // Without an index that can be read, the files are.
    return undefined;
  }
}

/** The index of runbooks read from `folder`, as text for its file. */
export function writeIndex(folder: string, runbooks: readonly Runbook[]): string {
  return JSON.stringify({ files: filesIn(folder), runbooks } satisfies RunbookIndex);
}

/**
 * The names and contents of all runbooks and fragments in a folder. Compared whole: loading what a digest takes would be
 * slower than that.
 */
function filesIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const content = readFileSync(join(folder, name), 'latin1');
      return `${name}\n${content.length}\n${content}`;
    })
    .join('');
}
