import { readFileSync } from 'node:fs';
import { scenarios } from '../rehearsal/scenarios.ts';
import { loadRunbook } from '../runbook/load.ts';
import type { LoadedRunbook } from '../runbook/load.ts';

/** Reads a runbook and its fragments from their files, with all that is wrong with them. Never throws. */
export function readRunbookFile(file: string): LoadedRunbook {
  const known = scenarios.map(({ name }) => name);
  return loadRunbook(file, (path) => readFileSync(path, 'utf8'), known);
}
