import { hint } from '../engine/hint.ts';
import { readJournal } from '../journal/read.ts';
import { stateDirectory } from '../journal/state-directory.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { carryOutPlain, requireAccepted } from './carry-out.ts';
import { locateRun, withTranscripts } from './locate.ts';
import type { RunOptions } from './options.ts';
import { isUnfinished, listRuns } from './runs.ts';
import { isInteractive, sayWaiting } from './terminal.ts';

/** `resume`: goes on with a run; without an id, with the latest that is unfinished. */
export async function resume(run: string | undefined, options: RunOptions): Promise<ExitStatus> {
  const given = run ?? (await latestUnfinished(options));
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

async function latestUnfinished(options: RunOptions): Promise<string> {
  const directory = stateDirectory(options.stateDir, options.rehearse === true);
  const runs = await listRuns(directory);
  const latest = runs.find(({ state }) => state === undefined || isUnfinished(state));
  if (latest?.problem !== undefined) {
    throw new UsageError(
      `Which run is the latest unfinished one cannot be told: ${latest.problem}`,
      `Give the id of the run to go on with; \`${hint(['runs'], directory)}\` lists them.`,
    );
  }
  if (latest !== undefined) return latest.runId;
  throw new UsageError(
    options.rehearse ? 'There is no unfinished rehearsal.' : 'There is no unfinished run.',
    options.rehearse
      ? `List all of them with \`${hint(['runs'], directory)}\`.`
      : `List all with \`${hint(['runs'], directory)}\`; rehearsals are taken up with --rehearse.`,
  );
}
