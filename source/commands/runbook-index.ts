/**
 * The runbooks that come with the tool as the build read them, so that a start need not read their YAML again. Taken
 * only while every file of theirs is, byte for byte, what the build read.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Runbook } from '../runbook/model.ts';

interface RunbookIndex {
  /** Of the files the runbooks were read from; see `digestOf`. */
  digest: string;
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
    return index.digest === digestOf(runbooksFolder) ? index.runbooks : undefined;
  } catch {
    // Without an index that can be read, the files are.
    return undefined;
  }
}

/** The index of runbooks read from `folder`, as text for its file. */
export function writeIndex(folder: string, runbooks: readonly Runbook[]): string {
  return JSON.stringify({ digest: digestOf(folder), runbooks } satisfies RunbookIndex);
}

/** SHA-256 (hex) over the names and contents of all runbooks and fragments in a folder. */
function digestOf(folder: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  for (const name of names) {
    const content = readFileSync(join(folder, name));
    hash.update(`${name}\n${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
