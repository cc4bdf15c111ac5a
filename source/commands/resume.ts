import { hint } from '../engine/hint.ts';
import type { RunState } from '../engine/state.ts';
import { readJournal } from '../journal/read.ts';
import { stateDirectory } from '../journal/state-directory.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { carryOutPlain, requireAccepted } from './carry-out.ts';
import { locateRun, withTranscripts } from './locate.ts';
import type { RunOptions } from './options.ts';
import { isUnfinished, listRuns, localTime } from './runs.ts';
import type { ListedRun } from './runs.ts';
import { isInteractive, say, sayWaiting } from './terminal.ts';

/** `resume`: goes on with a run; without an id, with the unfinished one that was worked on last, which is said. */
export async function resume(run: string | undefined, options: RunOptions): Promise<ExitStatus> {
  const given = run ?? (await lastWorkedOn(options));
  const { runId, directory, files, rehearsal } = await locateRun(given, options);
  const { state } = await readJournal(files);
  requireAccepted(state.plan, options);
  const { resumeSession } = await import('./session.ts');
  const places = await withTranscripts(directory, options);
  const session = await resumeSession(places, runId, options, sayWaiting);
  if (options.plain === true || !isInteractive()) return carryOutPlain(session, options);
  const { openScreen } = await import('./screen.ts');
  return openScreen({ ...options, rehearse: rehearsal }, { kind: 'run', session });
}

async function lastWorkedOn(options: RunOptions): Promise<string> {
  const directory = stateDirectory(options.stateDir, options.rehearse === true);
  const list = hint(['runs'], directory);
  const runs = await listRuns(directory);
  const unfinished = runs.flatMap(({ state }) => (state !== undefined && isUnfinished(state) ? [state] : []));
  const newestFirst = unfinished.toSorted((one, other) => compareTimes(other.updatedAt, one.updatedAt));
  const [last] = newestFirst;
  const unreadable = runs.find(({ problem }) => problem !== undefined);
  if (unreadable !== undefined && isNewer(unreadable, last)) {
    throw new UsageError(
      `Which unfinished run was worked on last cannot be told: ${unreadable.problem}`,
      `Give the id of the run to go on with; \`${list}\` lists them.`,
    );
  }
  if (last === undefined) {
    throw new UsageError(
      options.rehearse ? 'There is no unfinished rehearsal.' : 'There is no unfinished run.',
      options.rehearse
        ? `List all of them with \`${list}\`.`
        : `List all with \`${list}\`; rehearsals are taken up with --rehearse.`,
    );
  }
  // Each rehearsal has a cluster of its own, whatever its name.
  const same = options.rehearse ? [last] : newestFirst.filter((state) => nameOf(state) === nameOf(last));
  if (same.length > 1) {
    throw new UsageError(
      `${same.length} runs for the cluster ${nameOf(last)} are unfinished.`,
      `Give the id of the one to go on with:\n${same.map((state) => `  ${told(state)}`).join('\n')}`,
    );
  }
  if (unfinished.length > 1)
    say(`Of ${unfinished.length} unfinished runs, going on with the one worked on last:\n  ${told(last)}\n`);
  return last.header.runId;
}

/** Whether a run that cannot be read began after `last`: it may have been worked on later. */
function isNewer({ runId }: ListedRun, last: RunState | undefined): boolean {
  return last === undefined || runId > last.header.runId;
}

function nameOf({ plan }: RunState): string {
  return plan.target.clusterName;
}

function told(state: RunState): string {
  const { header, plan, updatedAt } = state;
  return `${header.runId}  ${nameOf(state)}  ${plan.runbook.title}, last worked on ${localTime(updatedAt)}`;
}

function compareTimes(one: string, other: string): number {
  return Date.parse(one) - Date.parse(other);
}
