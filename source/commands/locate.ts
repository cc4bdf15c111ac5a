/** Finding a run by its id, whether it is a real one or a rehearsal. */
import { readdir } from 'node:fs/promises';
import { hint } from '../engine/hint.ts';
import { makePrivateDirectory, runFiles, stateDirectory } from '../journal/state-directory.ts';
import type { RunFiles, StateDirectory } from '../journal/state-directory.ts';
import { UsageError } from '../runbook/errors.ts';
import { closest } from '../runbook/suggest.ts';
import type { CommonOptions, RunOptions } from './options.ts';

export interface LocatedRun {
  runId: string;
  directory: StateDirectory;
  files: RunFiles;
  rehearsal: boolean;
}

/**
 * The run with this id, or the only one whose id begins so. The id tells whether it is a rehearsal; `--rehearse` only
 * refuses a real one. Throws `UsageError`.
 */
export async function locateRun(given: string, options: CommonOptions): Promise<LocatedRun> {
  const { root, stateDir } = stateDirectory(options.stateDir, false);
  const known = await knownRuns(options.stateDir);
  const [runs, rehearsals] = [false, true].map((rehearsal) => hint(['runs'], { rehearsal, stateDir }));
  const where = `List them with \`${runs}\`, rehearsals with \`${rehearsals}\`; --state-dir names another place.`;
  // What could not be an id is refused before anything is looked for.
  runFiles(stateDirectory(options.stateDir, false), given);
  const exact = known.find(({ runId }) => runId === given);
  const beginning = known.filter(({ runId }) => runId.startsWith(given));
  const meant = options.rehearse ? beginning.filter(({ rehearsal }) => rehearsal) : beginning;
  const found = exact ?? (meant.length === 1 ? meant[0] : undefined);
  if (found === undefined && meant.length > 1) {
    throw new UsageError(
      `The ids of ${meant.length} runs begin with ${given}.`,
      `Give more of one of them:\n${meant.map(({ runId, rehearsal }) => `  ${runId}${rehearsal ? '  (rehearsal)' : ''}`).join('\n')}`,
    );
  }
  if (found === undefined && beginning.length === 0) {
    const match = closest(
      given,
      known.map(({ runId }) => runId),
    );
    throw new UsageError(
      `There is no run ${given} in ${root}.`,
      match === undefined ? where : `Did you mean \`${match}\`? ${where}`,
    );
  }
  if (found === undefined || (options.rehearse && !found.rehearsal)) {
    throw new UsageError(
      `Run ${found?.runId ?? given} is no rehearsal.`,
      'Leave --rehearse out if you mean the real run.',
    );
  }
  return { ...found, files: runFiles(found.directory, found.runId) };
}

/** Every run, real ones and rehearsals, newest first. What cannot be read has none. */
async function knownRuns(stateDir: string | undefined): Promise<Omit<LocatedRun, 'files'>[]> {
  const both = [false, true].map(async (rehearsal) => {
    const directory = stateDirectory(stateDir, rehearsal);
    const ids = (await namesIn(directory.runs)).sort().toReversed();
    return ids.map((runId) => ({ runId, directory, rehearsal }));
  });
  return (await Promise.all(both)).flat();
}

/** Every directory counts here: what is wrong with one is said by who reads it. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** The directory with the place the operator wants transcripts in (`--transcript`), which is made. */
export async function withTranscripts(
  directory: StateDirectory,
  { transcript }: Pick<RunOptions, 'transcript'>,
): Promise<StateDirectory> {
  if (transcript === undefined) return directory;
  await makePrivateDirectory(transcript);
  return { ...directory, transcripts: transcript };
}
