/** Finding a run by its id, whether it is a real one or a rehearsal. */
import { existsSync } from 'node:fs';
import { hint } from '../engine/hint.ts';
import { runFiles, stateDirectory } from '../journal/state-directory.ts';
import type { RunFiles, StateDirectory } from '../journal/state-directory.ts';
import { UsageError } from '../runbook/errors.ts';
import type { CommonOptions } from './options.ts';

export interface LocatedRun {
  directory: StateDirectory;
  files: RunFiles;
  rehearsal: boolean;
}

/** Where a run is kept. An id tells which it is; `--rehearse` only refuses a real one. Throws `UsageError`. */
export function locateRun(runId: string, options: CommonOptions): LocatedRun {
  for (const rehearsal of [false, true]) {
    const directory = stateDirectory(options.stateDir, rehearsal);
    const files = runFiles(directory, runId);
    if (!existsSync(files.directory)) continue;
    if (options.rehearse && !rehearsal) {
      throw new UsageError(`Run ${runId} is no rehearsal.`, 'Leave --rehearse out if you mean the real run.');
    }
    return { directory, files, rehearsal };
  }
  const { root, stateDir } = stateDirectory(options.stateDir, false);
  const [runs, rehearsals] = [false, true].map((rehearsal) => hint(['runs'], { rehearsal, stateDir }));
  throw new UsageError(
    `There is no run ${runId} in ${root}.`,
    `List them with \`${runs}\`, rehearsals with \`${rehearsals}\`; --state-dir names another place.`,
  );
}
