/** One holder at a time: of a run, and of a cluster. A lock is a file that says who, where and since when. */
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import type { ProcessIdentity } from '../engine/ports.ts';
import { ToolError } from '../runbook/errors.ts';
import { errorCode, reason } from './state-directory.ts';

export interface LockHolder extends ProcessIdentity {
  operator: string;
  runId: string;
  /** ISO 8601, UTC. */
  since: string;
}

/** Another process holds the lock; exit status 4. */
export class LockedError extends ToolError {
  readonly holder: LockHolder | undefined;

  constructor(what: string, next: string, holder?: LockHolder) {
    super(what, next, { status: 4 });
    this.holder = holder;
  }
}

export interface HeldLock {
  /** The dead holder it was taken over from. */
  takenOverFrom?: LockHolder | undefined;
  release(): Promise<void>;
}

/**
 * Takes the lock at `path`. A lock whose holder is known to be dead is taken over; `isAlive` is true unless that is
 * certain, as it is not for a process of another machine. Throws `LockedError` when somebody holds it.
 */
export async function takeLock(
  path: string,
  what: string,
  holder: LockHolder,
  isAlive: (identity: ProcessIdentity) => Promise<boolean>,
): Promise<HeldLock> {
  const mine = `${JSON.stringify(holder)}\n`;
  const draft = `${path}.${randomUUID()}`;
  await writeSynced(draft, mine);
  try {
    if (await place(draft, path)) return held(path, mine);
    const found = await readLock(path);
    // Released between the two looks.
    if (found === undefined) {
      if (await place(draft, path)) return held(path, mine);
      throw locked(what, path, undefined);
    }
    if (found.holder !== undefined && (await isAlive(found.holder))) {
      throw locked(what, path, found.holder);
    }
    if (found.holder === undefined || !(await replaceDead(draft, path, found.text, isAlive)))
      throw locked(what, path, undefined);
    return held(path, mine, found.holder);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Who holds a lock, for showing. Undefined when nobody does. */
export async function lockHolder(path: string): Promise<LockHolder | undefined> {
  return (await readLock(path))?.holder;
}

async function writeSynced(path: string, text: string): Promise<void> {
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new ToolError(
      `The lock ${path} cannot be written: ${reason(cause)}.`,
      'Make the state directory writable.',
      { cause },
    );
  }
}

/** Puts the finished file in place, unless one is there: a lock is never seen half written. */
async function place(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw new ToolError(
      `The lock ${path} cannot be made: ${reason(error)}.`,
      'Make the state directory writable.',
      { cause: error },
    );
  }
}

async function readLock(path: string): Promise<{ text: string; holder: LockHolder | undefined } | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const holder = JSON.parse(text) as LockHolder;
    return {
      text,
      holder: Number.isInteger(holder.pid) && typeof holder.host === 'string' ? holder : undefined,
    };
  } catch {
    return { text, holder: undefined };
  }
}

/**
 * Puts the finished file where a dead holder's lock is. Of several who try, one gets to: they take turns by a
 * second lock, and who comes late finds another text than the one judged dead. The place is never empty meanwhile.
 */
async function replaceDead(
  draft: string,
  path: string,
  expected: string,
  isAlive: (identity: ProcessIdentity) => Promise<boolean>,
): Promise<boolean> {
  const turn = `${path}.takeover`;
  if (!(await place(draft, turn))) {
    const other = (await readLock(turn))?.holder;
    // Whoever had the turn died in it: that is cleared away, and the next try gets it.
    if (other !== undefined && !(await isAlive(other))) await rm(turn, { force: true });
    return false;
  }
  try {
    if ((await readLock(path))?.text !== expected) return false;
    await rename(draft, path);
    return true;
  } finally {
    await rm(turn, { force: true });
  }
}

function held(path: string, mine: string, takenOverFrom?: LockHolder): HeldLock {
  return {
    takenOverFrom,
    async release() {
      // Only ever our own: after a takeover the file may be another's.
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === mine) await rm(path, { force: true });
    },
  };
}

function locked(what: string, path: string, holder: LockHolder | undefined): LockedError {
  if (holder === undefined) {
    return new LockedError(
      `${what} is being worked on by another process.`,
      `Try again. If nobody works on it, delete ${path}.`,
    );
  }
  const who = `${holder.operator} on ${holder.host} (process ${holder.pid}) since ${holder.since}`;
  return new LockedError(
    `${what} is being worked on by ${who}.`,
    `Wait until they are done, or ask them to stop. If that process is certainly gone, delete ${path}.`,
    holder,
  );
}
