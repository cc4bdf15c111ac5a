import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hurriedClock, systemClock } from '../../source/adapters/clock.ts';
import { localOperator } from '../../source/adapters/operator.ts';

test('a hurried clock sleeps shorter, and tells the real time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 5_000 });
  const clock = hurriedClock(60);
  assert.equal(clock.now().getTime(), 5_000);
  let awake = false;
  const sleeping = clock.sleep(60_000).then(() => (awake = true));
  t.mock.timers.tick(999);
  await Promise.resolve();
  assert.equal(awake, false);
  t.mock.timers.tick(1);
  await sleeping;
  assert.equal(awake, true);
});

test('sleep ends with the reason when aborted, before and meanwhile', async () => {
  const reason = new Error('enough');
  await assert.rejects(systemClock.sleep(60_000, AbortSignal.abort(reason)), reason);
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort(reason);
  await assert.rejects(sleeping, reason);
});

test('the local operator has a name and a machine', () => {
  const { localUser, host } = localOperator();
  assert.ok(localUser !== '' && host !== '');
});
