import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { LockedError, lockHolder, takeLock } from '../../source/journal/lock.ts';
import type { LifeOf, LockHolder } from '../../source/journal/lock.ts';
import { temporaryDirectory } from '../support/directory.ts';

const alive = async () => 'alive' as const;
const dead = async () => 'gone' as const;
const unseen = async () => 'unknown' as const;
const allButFirst: LifeOf = async ({ pid }) => (pid === 1 ? 'gone' : 'alive');
const goneOrUnseen: LifeOf = async ({ pid }) => (pid === 1 ? 'gone' : 'unknown');
const fromThree: LifeOf = async ({ pid }) => (pid > 2 ? 'alive' : 'gone');

function holder(pid: number, host = 'bastion'): LockHolder {
  return {
    pid,
    startMark: 's',
    host,
    operator: `op${pid}@contoso.com`,
    runId: 'r',
    since: '2026-11-21T20:15:00Z',
  };
}

test('a lock is held by one, says who, and is free when released', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  const held = await takeLock(path, 'Run r', holder(1), alive);
  assert.deepEqual(await lockHolder(path), holder(1));
  await assert.rejects(takeLock(path, 'Run r', holder(2), alive), (error: LockedError) => {
    assert.equal(error.status, 4);
    assert.match(
      error.message,
      /^Run r is being worked on by op1@contoso\.com on bastion \(process 1\) since 2026-11-2[12] \d\d:15\.$/,
    );
    return true;
  });
  await held.release();
  assert.equal(await lockHolder(path), undefined);
  const again = await takeLock(path, 'Run r', holder(2), alive);
  assert.equal(again.takenOver, undefined);
});

test('a lock on a cluster tells which run has it', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  await takeLock(path, 'The cluster blue', holder(1), alive);
  await assert.rejects(
    takeLock(path, 'The cluster blue', holder(2), alive),
    /^LockedError: The cluster blue is being worked on by \S+ on bastion \(process 1, run r\) since /,
  );
});

test("a dead holder's lock is taken over, and whose it was is told", async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  await takeLock(path, 'Run r', holder(1), alive);
  const held = await takeLock(path, 'Run r', holder(2), dead);
  assert.deepEqual(held.takenOver?.from, holder(1));
  assert.deepEqual(await lockHolder(path), holder(2));
});

test('of many who see a dead holder, one takes over', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  await takeLock(path, 'Run r', holder(1), alive);
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => takeLock(path, 'Run r', holder(index + 2), allButFirst)),
  );
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.deepEqual(await readdir(join(path, '..')), ['lock']);
});

test('a takeover that was cut off does not block the next ones', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  await writeFile(path, `${JSON.stringify(holder(1))}\n`);
  await writeFile(`${path}.takeover`, `${JSON.stringify(holder(2))}\n`);
  await assert.rejects(takeLock(path, 'Run r', holder(3), fromThree), LockedError);
  const held = await takeLock(path, 'Run r', holder(3), fromThree);
  assert.deepEqual(held.takenOver?.from, holder(1));
});

test('a damaged lock is respected and named, until the operator vouches for it', async (t) => {
  const directory = await temporaryDirectory(t);
  const whole = JSON.stringify(holder(1));
  const damages = [
    '',
    '\0\0\0\0',
    'null',
    '7',
    '{}',
    whole.slice(0, 40),
    whole.replace('"pid":1', '"pid":"1"'),
  ];
  for (const [index, damage] of damages.entries()) {
    const path = join(directory, `lock-${index}`);
    await writeFile(path, damage);
    await assert.rejects(takeLock(path, 'Run r', holder(2), dead), (error: LockedError) => {
      assert.equal(error.status, 4);
      assert.ok(error.message.includes(path), error.message);
      assert.match(error.next, /--take-over/);
      return true;
    });
    assert.equal(await readFile(path, 'utf8'), damage);
    const held = await takeLock(path, 'Run r', holder(2), dead, true);
    assert.deepEqual(held.takenOver, { from: undefined, seenGone: false });
    assert.deepEqual(await lockHolder(path), holder(2));
  }
  await mkdir(join(directory, 'folder'));
  await assert.rejects(takeLock(join(directory, 'folder'), 'Run r', holder(2), dead), LockedError);
  assert.equal(await lockHolder(join(directory, 'folder')), undefined);
});

test('a holder that cannot be seen is taken over on the operator’s word only', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  await takeLock(path, 'Run r', holder(1, 'elsewhere'), unseen);
  await assert.rejects(takeLock(path, 'Run r', holder(2), unseen), (error: LockedError) => {
    assert.match(error.message, /on elsewhere .* cannot be seen from here/);
    assert.match(error.next, /--take-over/);
    return true;
  });
  const held = await takeLock(path, 'Run r', holder(2), unseen, true);
  assert.deepEqual(held.takenOver, { from: holder(1, 'elsewhere'), seenGone: false });
});

test('a holder that is seen to be alive is not taken over on anybody’s word', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  await takeLock(path, 'Run r', holder(1), alive);
  await assert.rejects(takeLock(path, 'Run r', holder(2), alive, true), (error: LockedError) => {
    assert.doesNotMatch(error.next, /--take-over/);
    return true;
  });
  assert.deepEqual(await lockHolder(path), holder(1));
});

test('a takeover that nobody can see the end of is named, and given up on the operator’s word', async (t) => {
  for (const turn of [JSON.stringify(holder(5, 'elsewhere')), 'garbage']) {
    const path = join(await temporaryDirectory(t), 'lock');
    await writeFile(path, JSON.stringify(holder(1)));
    await writeFile(`${path}.takeover`, turn);
    await assert.rejects(takeLock(path, 'Run r', holder(2), goneOrUnseen), /lock\.takeover|on elsewhere/);
    await assert.rejects(takeLock(path, 'Run r', holder(2), goneOrUnseen, true), /just now/);
    const held = await takeLock(path, 'Run r', holder(2), goneOrUnseen, true);
    assert.deepEqual(held.takenOver, { from: holder(1), seenGone: true });
  }
});

test('a lock from the future is told as one, and holds as any other', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  const since = new Date(Date.now() + 3_600_000).toISOString();
  await takeLock(path, 'Run r', { ...holder(1), since }, alive);
  await assert.rejects(
    takeLock(path, 'Run r', holder(2), alive),
    /since \d{4}-\d\d-\d\d \d\d:\d\d \(by a clock 60 min ahead of this one\)/,
  );
  const held = await takeLock(path, 'Run r', holder(2), dead);
  assert.equal(held.takenOver?.from?.since, since);
});

test("releasing never removes another's lock", async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  const first = await takeLock(path, 'Run r', holder(1), alive);
  await takeLock(path, 'Run r', holder(2), dead);
  await first.release();
  assert.deepEqual(await lockHolder(path), holder(2));
  assert.equal(await readFile(path, 'utf8'), `${JSON.stringify(holder(2))}\n`);
});
