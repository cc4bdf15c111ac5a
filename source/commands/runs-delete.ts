import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { identify, lifeOf } from '../adapters/command/processes.ts';
import { localOperator } from '../adapters/operator.ts';
import { passedOverSteps } from '../engine/in-short.ts';
import { takeLock } from '../journal/lock.ts';
import { readJournal } from '../journal/read.ts';
import { reason } from '../journal/state-directory.ts';
import { clockTime } from '../renderers/time.ts';
import { ToolError, UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { locateRun } from './locate.ts';
import type { CommonOptions } from './options.ts';
import { isInteractive, print } from './terminal.ts';

/**
 * `runs delete`: removes a completed run with everything that is kept of it. One that can be gone on with, cannot be
 * read, or is in use stays.
 */
export async function deleteRun(
  run: string,
  options: CommonOptions & { yes?: boolean },
): Promise<ExitStatus> {
  const { runId, directory, files } = await locateRun(run, options);
  const { state } = await readJournal(files).catch((cause: unknown) => unreadable(cause, files.directory));
  const { plan, status, updatedAt } = state;
  if (status !== 'completed') {
    throw new UsageError(
      `Run ${runId} has not completed: it can be gone on with, and may say what was left undone.`,
      `Resume it, or export it and delete ${files.directory} yourself.`,
    );
  }
  const open = passedOverSteps(state);
  const end = open === undefined ? 'completed' : `ended with ${open},`;
  const identity = await identify(process.pid);
  if (identity === undefined) throw new ToolError('This process cannot be identified.', 'Is /proc mounted?');
  const holder = { ...identity, operator: localOperator().localUser, runId, since: new Date().toISOString() };
  const lock = await takeLock(files.lock, `Run ${runId}`, holder, lifeOf);
  try {
    const what = `run ${runId} (${plan.runbook.title}, cluster ${plan.target.clusterName}, ${end} ${clockTime(updatedAt)})`;
    if (options.yes !== true && !(await agreed(what))) {
      print('Nothing was deleted.');
      return 1;
    }
    // Away from the runs in one step: what is left when this is cut off is no run any more.
    const gone = join(directory.root, `deleted-${runId}`);
    await rename(files.directory, gone);
    await rm(gone, { recursive: true, force: true });
    print(`Deleted run ${runId} and its record.`);
    return 0;
  } catch (cause) {
    if (cause instanceof ToolError || !(cause instanceof Error && 'code' in cause)) throw cause;
    throw new ToolError(
      `${files.directory} cannot be deleted: ${reason(cause)}.`,
      'Make its directory writable, then try again.',
      { cause },
    );
  } finally {
    await lock.release();
  }
}

/** What nobody can read is not thrown away by a tool that cannot say what it was. */
function unreadable(cause: unknown, directory: string): never {
  if (!(cause instanceof ToolError)) throw cause;
  throw new ToolError(
    cause.message,
    `A run that cannot be read is not deleted here. If you know that it is not needed, delete ${directory} yourself.`,
    { cause },
  );
}

async function agreed(what: string): Promise<boolean> {
  if (!isInteractive()) {
    throw new UsageError(
      `Deleting ${what} has to be confirmed.`,
      'Add --yes; export the run first if its record is still needed.',
    );
  }
  const asking = createInterface(process.stdin, process.stdout);
  try {
    const answer = await asking.question(`Delete ${what}, its record and its outputs, for good? Type yes: `);
    return answer.trim().toLowerCase() === 'yes';
  } finally {
    asking.close();
  }
}
