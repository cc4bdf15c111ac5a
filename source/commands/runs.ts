import { lockHolder } from '../journal/lock.ts';
import type { LockHolder } from '../journal/lock.ts';
import { readJournal } from '../journal/read.ts';
import { listRunIds, runFiles, stateDirectory } from '../journal/state-directory.ts';
import type { StateDirectory } from '../journal/state-directory.ts';
import { currentStep } from '../engine/decide.ts';
import { countPassedOver, endText } from '../engine/in-short.ts';
import { stepState } from '../engine/state.ts';
import type { RunState } from '../engine/state.ts';
import { between, duration } from '../renderers/time.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import type { CommonOptions } from './options.ts';
import { printTable } from './aligned.ts';
import { print, printJson } from './terminal.ts';

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
  const directory = stateDirectory(options.stateDir, options.rehearse === true);
  const listed = await listRuns(directory);
  const holders = await workingOn(directory, listed);
  if (options.json) {
    printJson(listed.map((run) => asJson(run, holders.get(run.runId))));
    return 0;
  }
  if (listed.length === 0) {
    print(options.rehearse ? 'No rehearsals yet.' : 'No runs yet. Rehearsals are listed with --rehearse.');
    return 0;
  }
  const rows = listed.map(({ runId, state, problem }) =>
    state === undefined
      ? [runId, 'unreadable', '', '', '', '', '', problem]
      : [
          runId,
          standing(state, holders.get(runId)),
          localTime(state.startedAt),
          duration(between(state.startedAt, state.updatedAt)),
          state.plan.target.clusterName,
          state.header.operator.name,
          state.plan.runbook.id,
          currentStep(state)?.title ?? '',
        ],
  );
  await printTable(['run', 'outcome', 'started', 'lasted', 'cluster', 'operator', 'runbook', 'at'], rows);
  return 0;
}

function asJson({ runId, state, problem }: ListedRun, holder: LockHolder | undefined): unknown {
  if (state === undefined) return { run: runId, problem };
  const { header, plan } = state;
  return {
    run: runId,
    status: holder === undefined ? status(state) : 'open',
    withoutProof: countPassedOver(state),
    openedBy: holder && {
      operator: holder.operator,
      host: holder.host,
      pid: holder.pid,
      since: holder.since,
    },
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
    duration: between(state.startedAt, state.updatedAt),
    step: currentStep(state)?.id ?? null,
  };
}

/** Who works on which run now. */
export async function workingOn(
  directory: StateDirectory,
  runs: readonly ListedRun[],
): Promise<Map<string, LockHolder>> {
  const { isAlive } = await import('../adapters/command/processes.ts');
  const holders = new Map<string, LockHolder>();
  for (const { runId, state } of runs) {
    if (state === undefined) continue;
    const holder = await lockHolder(runFiles(directory, runId).lock);
    if (holder !== undefined && (await isAlive(holder))) holders.set(runId, holder);
  }
  return holders;
}

/** The same as one word for programs. */
function status(state: RunState): string {
  if (state.status === 'completed' && countPassedOver(state) > 0) return 'completed-without-proof';
  return standing(state, undefined);
}

/** In few words where a run stands. One that neither completed nor stopped is being worked on, or was cut off. */
function standing(state: RunState, holder: LockHolder | undefined): string {
  if (holder !== undefined) return `open (${holder.operator} on ${holder.host})`;
  if (state.status === 'active') return 'interrupted';
  if (state.status === 'completed') return endText(state);
  const step = currentStep(state);
  const failed = step !== undefined && stepState(state, step.id).status === 'failed';
  return state.status === 'stopped' && failed ? 'failed' : state.status;
}

/** `2026-11-21 21:34`, by the local clock. */
export function localTime(time: string): string {
  const date = new Date(time);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
