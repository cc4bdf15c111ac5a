import { readJournal } from '../journal/read.ts';
import { listRunIds, runFiles, stateDirectory } from '../journal/state-directory.ts';
import type { StateDirectory } from '../journal/state-directory.ts';
import { currentStep } from '../engine/decide.ts';
import type { RunState } from '../engine/state.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import type { CommonOptions } from './options.ts';
import { print, printJson, table } from './terminal.ts';

/** A run in a list. One whose journal cannot be read is listed with the reason. */
export type ListedRun =
  | { runId: string; state: RunState; problem?: undefined }
  | { runId: string; state?: undefined; problem: string };

/** Every run of a state directory, newest first. */
export async function listRuns(directory: StateDirectory): Promise<ListedRun[]> {
  const ids = (await listRunIds(directory)).toReversed();
  return Promise.all(
    ids.map(async (runId): Promise<ListedRun> => {
      try {
        return { runId, state: (await readJournal(runFiles(directory, runId))).state };
      } catch (error) {
        // One run that cannot be read must not hide the others.
        return { runId, problem: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}

/** Whether a run can be gone on with. */
export function isUnfinished(state: RunState): boolean {
  return state.status !== 'completed';
}

/** `runs`: every run, newest first. */
export async function runs(options: CommonOptions): Promise<ExitStatus> {
  const listed = await listRuns(stateDirectory(options.stateDir, options.rehearse === true));
  if (options.json) {
    printJson(listed.map(asJson));
    return 0;
  }
  if (listed.length === 0) {
    print(options.rehearse ? 'No rehearsals yet.' : 'No runs yet. Rehearsals are listed with --rehearse.');
    return 0;
  }
  const rows = listed.map(({ runId, state, problem }) =>
    state === undefined
      ? [runId, 'unreadable', '', '', problem]
      : [
          runId,
          standing(state),
          state.plan.target.clusterName,
          state.plan.runbook.id,
          currentStep(state)?.title ?? '',
        ],
  );
  for (const line of table([['RUN', 'STATUS', 'CLUSTER', 'RUNBOOK', 'AT'], ...rows])) print(line);
  return 0;
}

function asJson({ runId, state, problem }: ListedRun): unknown {
  if (state === undefined) return { run: runId, problem };
  const { header, plan } = state;
  return {
    run: runId,
    status: standing(state),
    runbook: plan.runbook.id,
    cluster: {
      name: plan.target.clusterName,
      resourceGroup: plan.target.resourceGroup,
      id: header.cluster.id,
    },
    operator: header.operator.name,
    rehearsal: header.rehearsal,
    startedAt: state.startedAt,
    updatedAt: state.updatedAt,
    step: currentStep(state)?.id ?? null,
  };
}

/** A run that neither completed nor stopped is being worked on, or was cut off. */
function standing(state: RunState): string {
  return state.status === 'active' ? 'unfinished' : state.status;
}
