import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { LockedError, lockHolder, takeLock } from '../../source/journal/lock.ts';
import type { LockHolder } from '../../source/journal/lock.ts';
import { temporaryDirectory } from '../support/directory.ts';

const alive = async () => true;
const dead = async () => false;
const allButFirst = async ({ pid }: { pid: number }) => pid !== 1;
const fromThree = async ({ pid }: { pid: number }) => pid > 2;

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
    assert.match(error.message, /op1@contoso\.com on bastion \(process 1\) since 2026-11-21T20:15:00Z/);
    return true;
  });
  await held.release();
  assert.equal(await lockHolder(path), undefined);
  const again = await takeLock(path, 'Run r', holder(2), alive);
  assert.equal(again.takenOverFrom, undefined);
});

test("a dead holder's lock is taken over, and whose it was is told", async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  await takeLock(path, 'Run r', holder(1), alive);
  const held = await takeLock(path, 'Run r', holder(2), dead);
  assert.deepEqual(held.takenOverFrom, holder(1));
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
  assert.deepEqual(held.takenOverFrom, holder(1));
});

test('an unreadable lock is respected and named', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  await writeFile(path, '');
  await assert.rejects(takeLock(path, 'Run r', holder(2), dead), (error: LockedError) => {
    assert.ok(error.next.includes(path));
    return true;
  });
});

test("releasing never removes another's lock", async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  const first = await takeLock(path, 'Run r', holder(1), alive);
  await takeLock(path, 'Run r', holder(2), dead);
  await first.release();
  assert.deepEqual(await lockHolder(path), holder(2));
  assert.equal(await readFile(path, 'utf8'), `${JSON.stringify(holder(2))}\n`);
});
