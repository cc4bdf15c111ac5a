import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { answered, heldBack, startFlow } from '../../source/rewrite/flow.ts';
import type { Flow } from '../../source/rewrite/flow.ts';

/** After `count` answers that took as long as `milliseconds` says of the limit they came under. */
function after(flow: Flow, count: number, milliseconds: (limit: number) => number): Flow {
  let next = flow;
  for (let index = 0; index < count; index += 1) next = answered(next, milliseconds(next.limit));
  return next;
}

test('while answers come as quickly as before, more are sent at once, up to the bound', () => {
  const flow = after(startFlow(64), 300, () => 24);
  assert.equal(flow.limit, 64);
  assert.equal(after(startFlow(500), 300, () => 200).limit > 64, true);
});

test('a server that slows down is sent fewer, until it is as quick as before', () => {
  // From 50 at once on, requests wait for one another.
  const flow = after(startFlow(400), 9_000, (limit) => 40 * Math.max(1, limit / 50));
  assert.ok(flow.limit >= 70 && flow.limit <= 140, `limit ${flow.limit}`);
});

test('pushing back halves what is sent, once for all that was under way', () => {
  const flow = after(startFlow(64), 300, () => 10);
  const once = heldBack(flow, flow.cuts);
  assert.equal(once.limit, 32);
  assert.equal(heldBack(once, flow.cuts).limit, 32);
  assert.equal(heldBack(once, once.cuts).limit, 16);
  // It does not double any more, it feels its way.
  const later = after(once, 32, () => 10);
  assert.ok(later.limit > 32 && later.limit < 40, `limit ${later.limit}`);
});

test('whatever the server does, something is sent and never more than the bound', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.array(fc.oneof(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.constant('held' as const)), {
        maxLength: 400,
      }),
      (most, answers) => {
        let flow = startFlow(most);
        for (const one of answers) {
          flow = one === 'held' ? heldBack(flow, flow.cuts) : answered(flow, one);
          assert.ok(flow.limit >= 1 && flow.limit <= most);
          assert.ok(Number.isInteger(flow.limit));
        }
      },
    ),
  );
});
