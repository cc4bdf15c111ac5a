import type { ExitStatus } from '../runbook/errors.ts';
import { formatProblem } from '../runbook/problems.ts';
import { checkRunbookFile, runbookFile, shippedRunbookFiles } from './runbook-files.ts';
import { print, printJson } from './terminal.ts';

/** `lint`: everything that is wrong with runbook files. Exit status 2 when there is an error. */
export function lint(files: readonly string[], options: { json?: boolean }): ExitStatus {
  const paths = files.length > 0 ? files.map(runbookFile) : shippedRunbookFiles().map(({ file }) => file);
  const problems = paths.flatMap((path) => checkRunbookFile(path).problems);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (options.json) {
    printJson(problems);
  } else {
    for (const problem of problems) print(`${formatProblem(problem)}\n`);
    print(
      `${count(paths.length, 'file')}: ${count(errors, 'error')}, ${count(problems.length - errors, 'warning')}`,
    );
  }
  return errors > 0 ? 2 : 0;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
