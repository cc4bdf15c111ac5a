/** Finding runbooks: those that come with the tool by id, any other by the path of its file. */
import { readdirSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { quoteWords } from '../plan/command.ts';
import { UsageError } from '../runbook/errors.ts';
import type { LoadedRunbook } from '../runbook/load.ts';
import type { Runbook } from '../runbook/model.ts';
import { suggestion } from '../runbook/suggest.ts';
import { indexedRunbooks, runbooksFolder } from './runbook-index.ts';

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

/** Reads a file, with all that is wrong with it. Never throws. */
export async function checkRunbookFile(file: string): Promise<LoadedRunbook> {
  // Those the build has checked are as it found them: only its word is needed.
  const runbook = indexedRunbooks()?.find(({ id }) => join(runbooksFolder, `${id}.yaml`) === file);
  if (runbook !== undefined) return { runbook, problems: [] };
  const { readRunbookFile } = await import('./runbook-reading.ts');
  return readRunbookFile(file);
}

/** The runbooks that come with the tool. */
export async function openShippedRunbooks(): Promise<Runbook[]> {
  const files = shippedRunbookFiles();
  const indexed = indexedRunbooks();
  if (indexed?.length === files.length) return [...indexed];
  return Promise.all(files.map(({ id }) => openRunbook(id)));
}

/** Opens a runbook. Throws `UsageError` when there is none or it has errors. */
export async function openRunbook(idOrPath: string): Promise<Runbook> {
  const file = runbookFile(idOrPath);
  const shipped = shippedRunbookFiles();
  if (file.startsWith(runbooksFolder) && !shipped.some((known) => known.file === file)) {
    const ids = shipped.map(({ id }) => id);
    throw new UsageError(
      `There is no runbook "${idOrPath}".`,
      `Give the path of a .yaml file, or the id of one that comes with the tool: ${suggestion(idOrPath, ids, 'runbooks')}`,
    );
  }
  const { runbook, problems } = await checkRunbookFile(file);
  if (runbook === undefined) {
    const { formatProblem } = await import('../runbook/problems.ts');
    throw new UsageError(
      `The runbook has errors:\n\n${problems.map(formatProblem).join('\n\n')}\n`,
      `Correct them; check with \`aks-kms-runbook ${quoteWords(['lint', idOrPath])}\`.`,
    );
  }
  return runbook;
}
