/** What a sitting at a run holds: locks, journal, world; and the run itself. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { identify, lifeOf } from '../adapters/command/processes.ts';
import type { RunController } from '../engine/controller.ts';
import type { RunEvent, RunHeader, Session as Sitting } from '../engine/events.ts';
import { hint } from '../engine/hint.ts';
import { redact } from '../engine/redaction.ts';
import { openRun } from '../engine/run.ts';
import type { Ports } from '../engine/ports.ts';
import type { RunState } from '../engine/state.ts';
import { takeLock } from '../journal/lock.ts';
import type { LockHolder } from '../journal/lock.ts';
import { makePrivateDirectory } from '../journal/state-directory.ts';
import type { RunFiles, StateDirectory } from '../journal/state-directory.ts';
import type { FileJournal } from '../journal/writer.ts';
import { ToolError } from '../runbook/errors.ts';
import { writeTranscript } from './change-record.ts';

export interface Session {
  runId: string;
  /** Where the run is kept. */
  directory: StateDirectory;
  files: RunFiles;
  controller: RunController;
  /**
   * Writes the transcript and lets go of everything; for when the controller has finished. Returns what of that could
   * not be done: the run is none the worse for it.
   */
  close(): Promise<readonly ToolError[]>;
}

/** The ports of a run. `close` ends what they hold open; `forget` removes what was got for the run alone. */
export interface Wiring {
  ports: Ports;
  forget(): Promise<void>;
  close(): void;
}

/** What a sitting holds, let go in the reverse order. */
export class Held {
  readonly #releases: (() => Promise<void> | void)[] = [];
  #journal: FileJournal | undefined;

  /** Something of this sitting is on record. */
  get hasRecord(): boolean {
    return this.#journal !== undefined && !this.#journal.isEmpty;
  }

  add(release: () => Promise<void> | void): void {
    this.#releases.push(release);
  }

  async journal(opening: Promise<FileJournal>): Promise<FileJournal> {
    const journal = await opening;
    this.#journal = journal;
    this.add(() => journal.close());
    return journal;
  }

  /**
   * The run's lock, and for a real run the cluster's. `takeOver` is why one whose holder cannot be seen may be taken
   * over. Returns what is to be recorded of taking them over.
   */
  async locks(
    state: StateDirectory,
    files: RunFiles,
    header: RunHeader,
    sitting: Sitting,
    takeOver: string | undefined,
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
      const { takenOver, release } = await takeLock(path, what, holder, lifeOf, takeOver !== undefined);
      this.add(release);
      if (takenOver === undefined) return;
      const { from, seenGone } = takenOver;
      const reason = seenGone ? undefined : redact(takeOver ?? '');
      events.push({ type: 'run.lock-taken-over', from: from && named(from), reason });
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
    directory: StateDirectory,
    runId: string,
    files: RunFiles,
    { ports, forget, close }: Wiring,
    how: Pick<Parameters<typeof openRun>[0], 'opening' | 'state'>,
  ): Promise<Session> {
    this.add(close);
    const controller = await openRun({ ports, ...how });
    return {
      runId,
      directory,
      files,
      controller,
      close: async () => {
        const problems: ToolError[] = [];
        const attempt = async (work: () => Promise<void>): Promise<void> => {
          try {
            await work();
          } catch (error) {
            if (!(error instanceof ToolError)) throw error;
            problems.push(error);
          }
        };
        try {
          // A command that may still be running needs the kubeconfig.
          if (isAtRest(controller.view().state)) await attempt(forget);
          await attempt(() => transcript(files, runId, directory));
        } finally {
          await attempt(() => this.release());
        }
        return problems;
      },
    };
  }

  /** Lets go of everything, also when some of it cannot be; throws the first error there was then. */
  async release(): Promise<void> {
    const errors: unknown[] = [];
    for (const release of this.#releases.splice(0).toReversed()) {
      try {
        await release();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

function named({ pid, host, operator, since }: LockHolder): Omit<LockHolder, 'startMark' | 'runId'> {
  return { pid, host, operator, since };
}

/** No command of the run can be running. */
function isAtRest({ steps }: RunState): boolean {
  return Object.values(steps).every(({ status }) => status !== 'running' && status !== 'unknown');
}

async function transcript(files: RunFiles, runId: string, directory: StateDirectory): Promise<void> {
  try {
    await writeTranscript(files);
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    const again = hint(['export', runId], directory);
    throw new ToolError(cause.message, `The record is complete; write the transcript with \`${again}\`.`, {
      cause,
    });
  }
}
