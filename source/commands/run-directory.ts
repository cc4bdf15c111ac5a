/** The directory of a run, for who begins one or takes one up: made, locked, read. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { systemClock } from '../adapters/clock.ts';
import { localOperator } from '../adapters/operator.ts';
import type { RunEvent, RunHeader, Session as Sitting } from '../engine/events.ts';
import { hint } from '../engine/hint.ts';
import { reduce } from '../engine/reduce.ts';
import type { RunState } from '../engine/state.ts';
import { outputNames, requireTold } from '../journal/output.ts';
import { readJournal } from '../journal/read.ts';
import type { Journal } from '../journal/read.ts';
import { makeNewDirectory, makePrivateDirectory, runFiles } from '../journal/state-directory.ts';
import type { RunFiles, StateDirectory } from '../journal/state-directory.ts';
import { FileJournal } from '../journal/writer.ts';
import { UsageError } from '../runbook/errors.ts';
import { Held } from './held.ts';
import type { Session } from './held.ts';
import { Retries } from './retries.ts';

/** Clocks that differ by less than this are taken for the same. Milliseconds. */
const clockTolerance = 60_000;

/** Begins a run in a new directory, which is removed again when that fails before anything was on record. */
export async function inNewDirectory(
  state: StateDirectory,
  begin: (runId: string, files: RunFiles, held: Held) => Promise<Session>,
): Promise<Session> {
  const runId = await newRunDirectory(state);
  const files = runFiles(state, runId);
  const held = new Held();
  try {
    return await begin(runId, files, held);
  } catch (error) {
    await held.release().catch(() => undefined);
    if (!held.hasRecord) await rm(files.directory, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/** A run as it is found by who takes it up: locked, and with what was found on the way to it on record. */
export interface TakenUp {
  files: RunFiles;
  header: RunHeader;
  state: RunState;
  journal: FileJournal;
  /** What the journal had to wait for goes there too. */
  retries: Retries;
  /** A word for the record where the clock says an earlier time than the record before; else nothing. */
  clockWarnings: readonly RunEvent[];
  held: Held;
}

/**
 * Takes up a run that has not completed. `takeOver` is why a lock whose holder cannot be seen may be taken over. Throws
 * `ToolError` when the run cannot be gone on with.
 */
export async function takeUp(
  directory: StateDirectory,
  runId: string,
  takeOver: string | undefined,
  goOn: (run: TakenUp) => Promise<Session>,
): Promise<Session> {
  const files = runFiles(directory, runId);
  const { header } = (await readUnfinished(files, directory)).state;
  const held = new Held();
  try {
    const takenOver = await held.locks(directory, files, header, lockSitting(), takeOver);
    // Read again now that nobody else can write.
    const read = await readUnfinished(files, directory);
    const retries = new Retries();
    const journal = await held.journal(FileJournal.reopen(files, systemClock, read, retries.add));
    // On record before anything that can fail: the next sitting would not see it any more.
    let { state } = read;
    const found: RunEvent[] = [
      ...(read.tornBytes > 0
        ? [{ type: 'run.journal-repaired', droppedBytes: read.tornBytes } as const]
        : []),
      ...takenOver,
    ];
    for (const event of found) state = reduce(state, await journal.append(event));
    return await goOn({
      files,
      header,
      state,
      journal,
      retries,
      clockWarnings: clockDifference(read.state),
      held,
    });
  } catch (error) {
    await held.release().catch(() => undefined);
    throw error;
  }
}

/** Where the journal goes on at an earlier time than it left off, a word that says so. */
function clockDifference({ updatedAt }: RunState): RunEvent[] {
  const now = new Date();
  if (Date.parse(updatedAt) - now.getTime() < clockTolerance) return [];
  const text =
    `The record before this sitting is of ${updatedAt}, and the clock of this machine says ${now.toISOString()}. ` +
    'Times of different sittings cannot be compared.';
  return [{ type: 'run.warned', text }];
}

/**
 * Reads a run that can be gone on with. Throws `UsageError` when it has completed, and `ToolError` when commands ran
 * that the journal does not tell of.
 */
async function readUnfinished(files: RunFiles, directory: StateDirectory): Promise<Journal> {
  const names = await outputNames(files);
  const journal = await readJournal(files);
  requireTold(files, journal.state, names);
  const { runId } = journal.state.header;
  if (journal.state.status !== 'completed') return journal;
  throw new UsageError(
    `Run ${runId} has completed.`,
    `Read its record with \`${hint(['export', runId], directory)}\`.`,
  );
}

/** Who asks for a lock, before it is known who is signed in. */
function lockSitting(): Sitting {
  const local = localOperator();
  return { operator: { name: local.localUser, ...local }, pid: process.pid, versions: {} };
}

/**
 * Makes the directory of a new run and returns its id. Ids sort by time and are easy to say: the UTC time and four
 * hexadecimal digits. The directory is never one that is there already.
 */
async function newRunDirectory(state: StateDirectory): Promise<string> {
  await makePrivateDirectory(state.runs);
  for (;;) {
    const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
    const runId = `${time}-${randomBytes(2).toString('hex')}`;
    if (await makeNewDirectory(runFiles(state, runId).directory)) return runId;
  }
}
