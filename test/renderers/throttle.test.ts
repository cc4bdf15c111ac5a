import assert from 'node:assert/strict';
import { it } from 'node:test';
import { throttle } from '../../source/renderers/tui/throttle.ts';

it('a throttled call acts at once, then once per interval, and never loses the last one', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let acted = 0;
  const call = throttle(() => (acted += 1), 100);
  call();
  assert.equal(acted, 1);
  for (let again = 0; again < 50; again += 1) call();
  assert.equal(acted, 1);
  t.mock.timers.tick(100);
  assert.equal(acted, 2);
  t.mock.timers.tick(1000);
  assert.equal(acted, 2);
  call();
  call();
  call.stop();
  t.mock.timers.tick(1000);
  assert.equal(acted, 3);
});
