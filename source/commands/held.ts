/** What a sitting at a run holds: locks, journal, world; and the run itself. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { identify, isAlive } from '../adapters/command/processes.ts';
import type { RunController } from '../engine/controller.ts';
import type { RunEvent, RunHeader, Session as Sitting } from '../engine/events.ts';
import { openRun } from '../engine/run.ts';
import type { Ports } from '../engine/ports.ts';
import type { RunState } from '../engine/state.ts';
import { takeLock } from '../journal/lock.ts';
import type { HeldLock } from '../journal/lock.ts';
import { makePrivateDirectory } from '../journal/state-directory.ts';
import type { RunFiles, StateDirectory } from '../journal/state-directory.ts';
import type { FileJournal } from '../journal/writer.ts';
import { ToolError } from '../runbook/errors.ts';
import { writeTranscript } from './change-record.ts';

export interface Session {
  runId: string;
  files: RunFiles;
  controller: RunController;
  /**
   * Writes the transcript and lets go of everything; for when the controller has finished. Returns why the transcript
   * could not be written, if so: the run is none the worse for it.
   */
  close(): Promise<ToolError | undefined>;
}

/** The ports of a run. `close` ends what they hold open; `forget` removes what was got for the run alone. */
export interface Wiring {
  ports: Ports;
  forget(): Promise<void>;
  close(): void;
}

/** What a sitting holds, let go in the reverse order. */
export class Held {
  hasJournal = false;
  readonly #releases: (() => Promise<void> | void)[] = [];

  add(release: () => Promise<void> | void): void {
    this.#releases.push(release);
  }

  async journal(opening: Promise<FileJournal>): Promise<FileJournal> {
    const journal = await opening;
    this.hasJournal = true;
    this.add(() => journal.close());
    return journal;
  }

  /** The run's lock, and for a real run the cluster's. Returns what is to be recorded of taking them over. */
  async locks(
    state: StateDirectory,
    files: RunFiles,
    header: RunHeader,
    sitting: Sitting,
  ): Promise<RunEvent[]> {
    const identity = await identify(process.pid);
    if (identity === undefined)
      throw new ToolError('This process cannot be identified.', 'Is /proc mounted?');
    const holder = {
      ...identity,
      operator: sitting.operator.name,
      runId: header.runId,
      since: new Date().toISOString(),
    };
    const events: RunEvent[] = [];
    const take = async (path: string, what: string): Promise<void> => {
      const lock: HeldLock = await takeLock(path, what, holder, isAlive);
      this.add(() => lock.release());
      const from = lock.takenOverFrom;
      if (from !== undefined) {
        const { pid, host, operator, since } = from;
        events.push({ type: 'run.lock-taken-over', from: { pid, host, operator, since } });
      }
    };
    await take(files.lock, `Run ${header.runId}`);
    if (!header.rehearsal) {
      await makePrivateDirectory(state.clusters);
      const id = createHash('sha256').update(header.cluster.id.toLowerCase()).digest('hex').slice(0, 32);
      await take(join(state.clusters, `${id}.lock`), `Cluster ${header.plan.target.clusterName}`);
    }
    return events;
  }

  async session(
    runId: string,
    files: RunFiles,
    { ports, forget, close }: Wiring,
    how: Pick<Parameters<typeof openRun>[0], 'opening' | 'state'>,
  ): Promise<Session> {
    this.add(close);
    const controller = await openRun({ ports, ...how });
    return {
      runId,
      files,
      controller,
      close: async () => {
        try {
          // A command that may still be running needs the kubeconfig.
          if (isAtRest(controller.view().state)) await forget();
          return await transcriptProblem(files);
        } finally {
          await this.release();
        }
      },
    };
  }

  async release(): Promise<void> {
    for (const release of this.#releases.splice(0).toReversed()) await release();
  }
}

/** No command of the run can be running. */
function isAtRest({ steps }: RunState): boolean {
  return Object.values(steps).every(({ status }) => status !== 'running' && status !== 'unknown');
}

async function transcriptProblem(files: RunFiles): Promise<ToolError | undefined> {
  try {
    await writeTranscript(files);
    return undefined;
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
}
