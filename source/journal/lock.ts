/** One holder at a time: of a run, and of a cluster. A lock is a file that says who, where and since when. */
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import type { ProcessIdentity } from '../engine/ports.ts';
import { ToolError } from '../runbook/errors.ts';
import { errorCode, reason } from './state-directory.ts';

export interface LockHolder extends ProcessIdentity {
  operator: string;
  runId: string;
  /** ISO 8601, UTC, by the holder's clock. */
  since: string;
}

/** Whether a process still runs; `unknown` when that cannot be seen from here. */
export type LifeOf = (identity: ProcessIdentity) => Promise<'alive' | 'gone' | 'unknown'>;

/** Another process holds the lock; exit status 4. */
export class LockedError extends ToolError {
  readonly holder: LockHolder | undefined;

  constructor(what: string, next: string, holder?: LockHolder) {
    super(what, next, { status: 4 });
    this.holder = holder;
  }
}

export interface TakenOver {
  /** Who had it; undefined when the lock could not be read. */
  from: LockHolder | undefined;
  /** Whether the holder was seen to be gone. If not, it was taken over on the operator's word. */
  seenGone: boolean;
}

export interface HeldLock {
  /** Whose it was, when somebody's. */
  takenOver?: TakenOver | undefined;
  /** Gives it back. What cannot be removed is left to be taken over: this process is gone by then. */
  release(): Promise<void>;
}

/** What `takeLock` was asked for. */
interface LockRequest {
  path: string;
  what: string;
  lifeOf: LifeOf;
  takeOver: boolean;
}

/**
 * Takes the lock at `path` on `what` (as in `Run 20261121-201500-ab12`). One whose holder is seen to be gone is taken
 * over; one whose holder cannot be seen, or that cannot be read, only with `takeOver`, by which the operator vouches that
 * the holder is gone; one whose holder is seen to be alive never. Throws `LockedError` when it is not to be had.
 */
export async function takeLock(
  path: string,
  what: string,
  holder: LockHolder,
  lifeOf: LifeOf,
  takeOver = false,
): Promise<HeldLock> {
  const request: LockRequest = { path, what, lifeOf, takeOver };
  const mine = `${JSON.stringify(holder)}\n`;
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeSynced(draft, mine);
    if (await place(draft, path)) return held(path, mine);
    const found = await readLock(path);
    // Released between the two looks.
    if (found === undefined) {
      if (await place(draft, path)) return held(path, mine);
      throw busy(request);
    }
    const life = found.holder === undefined ? 'unknown' : await lifeOf(found.holder);
    if (life === 'alive' || (life === 'unknown' && !takeOver)) throw locked(request, found.holder, life);
    await replace(draft, found.text, request);
    return held(path, mine, { from: found.holder, seenGone: life === 'gone' });
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/** Who holds a lock, for showing. Undefined when nobody does, or that cannot be read. */
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
    throw unwritable(path, cause);
  }
}

/** Puts the finished file in place, unless one is there: a lock is never seen half written. */
async function place(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw unwritable(path, error);
  }
}

/** The text of a lock and who it names, if anybody. Undefined when there is none. Throws nothing. */
async function readLock(path: string): Promise<{ text: string; holder: LockHolder | undefined } | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? undefined : { text: '', holder: undefined };
  }
  try {
    const holder = JSON.parse(text) as LockHolder;
    const { pid, startMark, host, operator, runId, since } = holder;
    const whole = [startMark, host, operator, runId, since].every((value) => typeof value === 'string');
    return { text, holder: Number.isInteger(pid) && whole ? holder : undefined };
  } catch {
    return { text, holder: undefined };
  }
}

/**
 * Puts the finished file where another's lock is. Of several who try, one gets to: they take turns by a second lock,
 * and who comes late finds another text than the one that was judged. The place is never empty meanwhile.
 */
async function replace(draft: string, expected: string, request: LockRequest): Promise<void> {
  const { path, lifeOf, takeOver } = request;
  const turn = `${path}.takeover`;
  if (!(await place(draft, turn))) {
    const found = await readLock(turn);
    if (found === undefined) throw busy(request);
    const life = found.holder === undefined ? 'unknown' : await lifeOf(found.holder);
    if (life === 'unknown' && !takeOver) throw locked({ ...request, path: turn }, found.holder, life);
    // Whoever had the turn died in it: that is cleared away, and the next try gets it.
    if (life !== 'alive') await rm(turn, { force: true }).catch(() => undefined);
    throw busy(request);
  }
  try {
    if ((await readLock(path))?.text !== expected) throw busy(request);
    await rename(draft, path);
  } catch (error) {
    throw error instanceof ToolError ? error : unwritable(path, error);
  } finally {
    await rm(turn, { force: true }).catch(() => undefined);
  }
}

function held(path: string, mine: string, takenOver?: TakenOver): HeldLock {
  return {
    takenOver,
    async release() {
      // Only ever our own: after a takeover the file may be another's.
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === mine) await rm(path, { force: true }).catch(() => undefined);
    },
  };
}

function unwritable(path: string, cause: unknown): ToolError {
  return new ToolError(
    `The lock ${path} cannot be written: ${reason(cause)}.`,
    'Make room or restore access there; a state directory has to be on a file system that knows hard links.',
    { cause },
  );
}

/** Somebody else takes it at this very moment. */
function busy({ what }: LockRequest): LockedError {
  return new LockedError(`${what} is being taken up by another process just now.`, 'Try again.');
}

function locked(
  { path, what }: LockRequest,
  holder: LockHolder | undefined,
  life: 'alive' | 'unknown',
): LockedError {
  const byWord =
    'If nobody works on it any more, give the same command with --take-over and the reason for the record.';
  if (holder === undefined) {
    return new LockedError(`${what} is locked, and ${path} does not tell by whom: it is damaged.`, byWord);
  }
  const { operator, host, pid, runId } = holder;
  const run = what.endsWith(` ${runId}`) ? '' : `, run ${runId}`;
  const where = `${operator} on ${host} (process ${pid}${run}) since ${sinceWhen(holder)}`;
  const text = `${what} is being worked on by ${where}.`;
  return life === 'alive'
    ? new LockedError(text, 'Wait until they are done, or ask them to stop.', holder)
    : new LockedError(
        `${text} Whether that process still runs cannot be seen from here.`,
        `Ask them. ${byWord}`,
        holder,
      );
}

/** `2026-11-21 21:34`, by the local clock. Clocks of two machines may differ; a time to come is told as such. */
function sinceWhen({ since }: LockHolder): string {
  const time = new Date(since);
  if (Number.isNaN(time.getTime())) return since;
  const shown = time.toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' });
  const ahead = time.getTime() - Date.now();
  return ahead > 60_000 ? `${shown} (by a clock ${Math.round(ahead / 60_000)} min ahead of this one)` : shown;
}
