/** Finding and loading runbooks: those that come with the tool by id, any other by the path of its file. */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scenarios } from '../rehearsal/scenarios.ts';
import { UsageError } from '../runbook/errors.ts';
import { loadRunbook } from '../runbook/load.ts';
import type { LoadedRunbook } from '../runbook/load.ts';
import type { Runbook } from '../runbook/model.ts';
import { formatProblem } from '../runbook/problems.ts';
import { suggestion } from '../runbook/suggest.ts';

/** The folder of the runbooks that come with the tool: beside `dist/` when bundled, beside `source/` otherwise. */
const runbooksFolder = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../runbooks/' : '../runbooks/', import.meta.url),
);

/** The file of a runbook given by its id or by a path. */
export function runbookFile(idOrPath: string): string {
  const isPath = /\.ya?ml$/.test(idOrPath) || idOrPath.includes('/') || idOrPath.includes(sep);
  return isPath ? idOrPath : join(runbooksFolder, `${idOrPath}.yaml`);
}

/** The files of the runbooks that come with the tool, by id. */
export function shippedRunbookFiles(): { id: string; file: string }[] {
  return readdirSync(runbooksFolder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => ({ id: basename(name, '.yaml'), file: join(runbooksFolder, name) }));
}

/** Loads a file, with all that is wrong with it. Never throws. */
export function checkRunbookFile(file: string): LoadedRunbook {
  const known = scenarios.map(({ name }) => name);
  return loadRunbook(file, (path) => readFileSync(path, 'utf8'), known);
}

/** Loads a runbook. Throws `UsageError` when there is none or it has errors. */
export function openRunbook(idOrPath: string): Runbook {
  const file = runbookFile(idOrPath);
  const shipped = shippedRunbookFiles();
  if (file.startsWith(runbooksFolder) && !shipped.some((known) => known.file === file)) {
    const ids = shipped.map(({ id }) => id);
    throw new UsageError(
      `There is no runbook "${idOrPath}".`,
      `Give the path of a .yaml file, or the id of one that comes with the tool: ${suggestion(idOrPath, ids, 'runbooks')}`,
    );
  }
  const { runbook, problems } = checkRunbookFile(file);
  if (runbook === undefined) {
    throw new UsageError(
      `The runbook has errors:\n\n${problems.map(formatProblem).join('\n\n')}\n`,
      `Correct them; check with \`aks-kms-runbook lint ${file}\`.`,
    );
  }
  return runbook;
}
