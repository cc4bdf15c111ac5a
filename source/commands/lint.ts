import { basename, normalize } from 'node:path';
import type { ExitStatus } from '../runbook/errors.ts';
import type { Problem } from '../runbook/problems.ts';
import { checkRunbookFile, runbookFile, shippedRunbookFiles } from './runbook-files.ts';
import { print, printJson } from './terminal.ts';

/** `lint`: everything that is wrong with runbook files. Exit status 2 when there is an error. */
export async function lint(files: readonly string[], options: { json?: boolean }): Promise<ExitStatus> {
  const paths = files.length > 0 ? files.map(runbookFile) : shippedRunbookFiles().map(({ file }) => file);
  const found = await findProblems(paths);
  const errors = found.filter(({ severity }) => severity === 'error').length;
  if (options.json) {
    printJson(found);
  } else {
    await tell(paths, found);
    print(
      `${count(paths.length, 'file')}: ${count(errors, 'error')}, ${count(found.length - errors, 'warning')}`,
    );
  }
  return errors > 0 ? 2 : 0;
}

/** A problem, and the runbooks that have it: what is wrong in a fragment may be in several. */
type Found = Problem & { runbooks: string[] };

/** Each problem once. */
async function findProblems(paths: readonly string[]): Promise<Found[]> {
  const found = new Map<string, Found>();
  for (const path of paths)
    for (const problem of (await checkRunbookFile(path)).problems) {
      const key = JSON.stringify(problem);
      const known = found.get(key) ?? { ...problem, runbooks: [] };
      known.runbooks.push(basename(path));
      found.set(key, known);
    }
  return [...found.values()];
}

async function tell(paths: readonly string[], found: readonly Found[]): Promise<void> {
  if (found.length === 0) return;
  const { formatProblem } = await import('../runbook/problems.ts');
  const own = new Set(paths.map((path) => normalize(path)));
  for (const { runbooks, ...problem } of found) {
    const through = paths.length > 1 && !own.has(problem.file) ? `\n  in ${runbooks.join(', ')}` : '';
    print(`${formatProblem(problem)}${through}\n`);
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
