import type { ExitStatus } from '../runbook/errors.ts';
import type { Problem } from '../runbook/problems.ts';
import { checkRunbookFile, runbookFile, shippedRunbookFiles } from './runbook-files.ts';
import { print, printJson } from './terminal.ts';

/** `lint`: everything that is wrong with runbook files. Exit status 2 when there is an error. */
export async function lint(files: readonly string[], options: { json?: boolean }): Promise<ExitStatus> {
  const paths = files.length > 0 ? files.map(runbookFile) : shippedRunbookFiles().map(({ file }) => file);
  const checked = await Promise.all(paths.map((path) => checkRunbookFile(path)));
  const problems = checked.flatMap((loaded) => loaded.problems);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (options.json) {
    printJson(problems);
  } else {
    await tell(problems);
    print(
      `${count(paths.length, 'file')}: ${count(errors, 'error')}, ${count(problems.length - errors, 'warning')}`,
    );
  }
  return errors > 0 ? 2 : 0;
}

async function tell(problems: readonly Problem[]): Promise<void> {
  if (problems.length === 0) return;
  const { formatProblem } = await import('../runbook/problems.ts');
  for (const problem of problems) print(`${formatProblem(problem)}\n`);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
