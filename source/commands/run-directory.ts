/** The directory of a run, for who begins one or takes one up: made, locked, read. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { systemClock } from '../adapters/clock.ts';
import { localOperator } from '../adapters/operator.ts';
import type { RunEvent, RunHeader, Session as Sitting } from '../engine/events.ts';
import { reduce } from '../engine/reduce.ts';
import type { RunState } from '../engine/state.ts';
import { readJournal } from '../journal/read.ts';
import type { Journal } from '../journal/read.ts';
import { makeNewDirectory, makePrivateDirectory, runFiles } from '../journal/state-directory.ts';
import type { RunFiles, StateDirectory } from '../journal/state-directory.ts';
import { FileJournal } from '../journal/writer.ts';
import { UsageError } from '../runbook/errors.ts';
import { Held } from './held.ts';
import type { Session } from './held.ts';

/** Begins a run in a new directory, which is removed again when that fails before there was a journal. */
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
    await held.release();
    if (!held.hasJournal) await rm(files.directory, { recursive: true, force: true });
    throw error;
  }
}

/** A run as it is found by who takes it up: locked, and with what was found on the way to it on record. */
export interface TakenUp {
  files: RunFiles;
  header: RunHeader;
  state: RunState;
  journal: FileJournal;
  held: Held;
}

/** Takes up a run that has not completed. Throws `UsageError` when it has. */
export async function takeUp(
  directory: StateDirectory,
  runId: string,
  goOn: (run: TakenUp) => Promise<Session>,
): Promise<Session> {
  const files = runFiles(directory, runId);
  const { header } = (await readUnfinished(files)).state;
  const held = new Held();
  try {
    const takenOver = await held.locks(directory, files, header, lockSitting());
    // Read again now that nobody else can write.
    const read = await readUnfinished(files);
    const journal = await held.journal(FileJournal.reopen(files, systemClock, read));
    // On record before anything that can fail: the next sitting would not see it any more.
    let { state } = read;
    const found: RunEvent[] = [
      ...(read.tornBytes > 0
        ? [{ type: 'run.journal-repaired', droppedBytes: read.tornBytes } as const]
        : []),
      ...takenOver,
    ];
    for (const event of found) state = reduce(state, await journal.append(event));
    return await goOn({ files, header, state, journal, held });
  } catch (error) {
    await held.release();
    throw error;
  }
}

/** Reads a run that can be gone on with. Throws `UsageError` when it has completed. */
async function readUnfinished(files: RunFiles): Promise<Journal> {
  const journal = await readJournal(files);
  const { runId, rehearsal } = journal.state.header;
  if (journal.state.status !== 'completed') return journal;
  throw new UsageError(
    `Run ${runId} has completed.`,
    `Read its record with \`aks-kms-runbook export ${runId}${rehearsal ? ' --rehearse' : ''}\`.`,
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
