import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Pause, PassWork, RewriteView } from '../../source/engine/ports.ts';
import {
  addProgress,
  beginPass,
  endPass,
  isClean,
  namespacesOf,
  noCounts,
  refusedIn,
} from '../../source/engine/rewriting.ts';
import type { RewritePass, RewriteProgress, RewriteState } from '../../source/engine/rewriting.ts';
import { createRewriter } from '../../source/rewrite/rewriter.ts';
import { ToolError } from '../../source/runbook/errors.ts';
import { FakeCluster, quickClock } from './cluster.ts';

const time = '2026-11-21T20:15:00.000Z';

/** A pause the test holds the switch of. */
class Switch implements Pause {
  on = false;
  readonly #listeners = new Set<() => void>();

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(on: boolean): void {
    this.on = on;
    for (const listener of this.#listeners) listener();
  }
}

interface Options extends Partial<PassWork> {
  maxInFlight?: number | undefined;
  onView?: ((view: RewriteView) => void) | undefined;
}

/** Makes one pass, and what a journal would hold of it. */
async function onePass(
  cluster: FakeCluster,
  { maxInFlight, onView, ...work }: Options = {},
): Promise<RewritePass> {
  const { pass, error } = await tryPass(cluster, { ...work, maxInFlight, onView });
  if (error !== undefined) throw error;
  return pass;
}

async function tryPass(cluster: FakeCluster, { maxInFlight, onView, ...given }: Options) {
  const clock = quickClock();
  const rewriter = createRewriter({ api: async () => cluster, clock, maxInFlight });
  let passes: RewriteState = beginPass([], { number: 1, verifies: given.verifies ?? false, time });
  const views: RewriteView[] = [];
  const work: PassWork = {
    pass: 1,
    verifies: false,
    namespaces: [],
    from: new Map(),
    doneBefore: 0,
    pause: new Switch(),
    record: async (progress: RewriteProgress) => {
      passes = addProgress(passes, progress);
    },
    show: (view) => {
      views.push(view);
      onView?.(view);
    },
    signal: new AbortController().signal,
    ...given,
  };
  let error: unknown;
  try {
    const { unproven } = await rewriter.pass(work);
    passes = endPass(passes, time, unproven);
  } catch (caught) {
    error = caught;
  }
  const [pass] = passes;
  assert.ok(pass !== undefined);
  return { pass, error, slept: clock.slept, views };
}

test('every Secret is written again, many at once and never more than the bound', async () => {
  const cluster = new FakeCluster().fill('a', 400).fill('b', 1).fill('c', 30);
  cluster.pageSize = 50;
  const { pass, views } = await tryPass(cluster, { maxInFlight: 20 });
  assert.deepEqual(cluster.stale(), []);
  assert.deepEqual(pass.counts, { ...noCounts, listed: 431, rewritten: 431 });
  assert.equal(namespacesOf(pass).get('a')?.counts.rewritten, 400);
  assert.equal(cluster.mostInFlight, 20);
  const last = views.at(-1);
  assert.equal(last?.done, 431);
  assert.equal(last.total, 431);
  assert.equal(last.namespacesDone, 3);

  const verified = await onePass(cluster, { verifies: true });
  assert.deepEqual(verified.counts, { ...noCounts, listed: 431, current: 431 });
  assert.ok(isClean(verified));
});

test('only the namespaces that are named are worked on', async () => {
  const cluster = new FakeCluster().fill('a', 2).fill('b', 3);
  const pass = await onePass(cluster, { namespaces: ['b'] });
  assert.equal(pass.counts.rewritten, 3);
  assert.deepEqual(cluster.stale(), ['a/s00000', 'a/s00001']);
});

test('a busy server is given the time it asks for, and sent less', async () => {
  const cluster = new FakeCluster().fill('a', 200);
  let times = 0;
  cluster.trouble = ({ kind }) => {
    if (kind === 'page' || times >= 3) return undefined;
    times += 1;
    return times === 2 ? { status: 503 } : { status: 429, retryAfter: 7_000 };
  };
  const { pass, slept } = await tryPass(cluster, { maxInFlight: 4 });
  assert.deepEqual(cluster.stale(), []);
  assert.equal(pass.counts.rewritten, 200);
  assert.equal(pass.retries, 3);
  assert.ok(slept.includes(7_000));
});

test('a server that stays busy, or never answers, ends the pass in time; what was done is kept', async () => {
  for (const trouble of [{ status: 429 }, new ToolError('No route to the host.', 'Check the network.')]) {
    const cluster = new FakeCluster().fill('a', 40);
    cluster.trouble = () => (cluster.patched.length < 10 ? undefined : trouble);
    const { pass, error, slept } = await tryPass(cluster, { maxInFlight: 2 });
    assert.ok(error instanceof ToolError);
    assert.equal(cluster.stale().length, 40 - pass.counts.rewritten - (10 - pass.counts.rewritten));
    assert.ok(pass.counts.rewritten > 0 && pass.counts.rewritten <= 10);
    const waited = slept.reduce((sum, milliseconds) => sum + milliseconds, 0);
    assert.ok(waited > 50_000 && waited < 1_000_000, `waited ${waited}`);
  }
});

test('Secrets that are always turned away hold up no others, and are told by name', async () => {
  const cluster = new FakeCluster().fill('a', 400).fill('b', 3);
  const busy = { status: 429, message: 'the webhook is out of quota', retryAfter: 1_000 };
  cluster.trouble = ({ kind, name }) => (kind === 'rewrite' && name === 's00001' ? busy : undefined);
  const { pass, error } = await tryPass(cluster, { maxInFlight: 8 });
  assert.equal(error, undefined);
  assert.deepEqual(cluster.stale(), ['a/s00001', 'b/s00001']);
  assert.deepEqual(
    refusedIn(pass).flatMap(({ namespace, names }) => names.map((name) => `${namespace}/${name}`)),
    ['a/s00001', 'b/s00001'],
  );
});

test('a server that is always busy and asks for no wait is not asked without end', async () => {
  const cluster = new FakeCluster().fill('a', 5);
  cluster.trouble = () => ({ status: 429, retryAfter: 0 });
  const { error } = await tryPass(cluster, {});
  assert.ok(error instanceof ToolError);
});

test('lost answers, conflicts, deletions, a lost sign-in and worn-out lists stop nothing', async () => {
  const cluster = new FakeCluster().fill('a', 90).fill('b', 30);
  let asked = 0;
  cluster.trouble = ({ kind, namespace, name = '' }) => {
    asked += 1;
    if (asked % 7 === 0) return new ToolError('The connection was reset.', 'Try again.');
    if (asked % 11 === 0) return { status: 500, message: 'Internal error occurred' };
    if (asked % 13 === 0) return { status: 401 };
    if (kind === 'rewrite' && asked % 5 === 0) {
      // It was done, but nobody heard of it.
      cluster.rewriteNow(namespace, name);
      return new ToolError('The connection was reset.', 'Try again.');
    }
    return kind === 'rewrite' && asked % 17 === 0 ? { status: 409 } : undefined;
  };
  cluster.meanwhile = () => {
    if (asked % 19 === 0) cluster.oldest = cluster.revision += 1;
    if (asked % 23 === 0) cluster.delete('a', `s000${asked % 90}`);
    if (asked % 29 === 0) cluster.put('b', `x${asked}`);
  };
  const { pass } = await tryPass(cluster, { maxInFlight: 8 });
  assert.deepEqual(cluster.stale(), []);
  const { listed, rewritten, current, gone, refused } = pass.counts;
  assert.equal(listed, rewritten + current + gone);
  assert.equal(refused, 0);
  assert.ok(cluster.signIns > 0);
  assert.ok(pass.retries > 10);
});

test('what the server refuses is told by name in its words, and the others are written', async () => {
  const cluster = new FakeCluster().fill('a', 5).fill('b', 5);
  cluster.trouble = ({ kind, namespace, name }) => {
    if (kind === 'page') return undefined;
    if (namespace === 'b') return { status: 403, message: `secrets "${name}" is forbidden by policy` };
    return name === 's00003' ? { status: 500, message: 'unable to transform key' } : undefined;
  };
  const pass = await onePass(cluster);
  assert.equal(pass.counts.refused, 6);
  assert.equal(pass.counts.rewritten, 4);
  assert.deepEqual(
    refusedIn(pass).toSorted((x, y) => (x.namespace < y.namespace ? -1 : 1)),
    [
      { namespace: 'a', names: ['s00003'], message: 'unable to transform key' },
      {
        namespace: 'b',
        names: ['s00000', 's00001', 's00002', 's00003', 's00004'],
        message: 'secrets "…" is forbidden by policy',
      },
    ],
  );
});

test('a Secret that is said not to exist for another reason than that it was deleted is not passed over', async () => {
  const cluster = new FakeCluster().fill('a', 2);
  cluster.trouble = ({ kind }) => (kind === 'rewrite' ? { status: 404, message: 'no such path' } : undefined);
  assert.equal((await onePass(cluster)).counts.refused, 2);
});

test('a server without a usable sign-in, or versions that are no numbers, ends the pass with what to do', async () => {
  const lost = new FakeCluster().fill('a', 5);
  lost.trouble = () => ({ status: 401, message: 'Unauthorized' });
  await assert.rejects(onePass(lost), /does not take the sign-in: Unauthorized/);
  const strange = new FakeCluster().fill('a', 5);
  strange.trouble = ({ kind }) => (kind === 'rewrite' ? { status: 200, revision: 'v-7' } : undefined);
  await assert.rejects(onePass(strange), /does not number the version/);
  const forgetful = new FakeCluster().fill('a', 5);
  forgetful.meanwhile = () => (forgetful.oldest = forgetful.revision += 1);
  forgetful.trouble = () => ({ status: 410, message: 'the list has run out' });
  await assert.rejects(onePass(forgetful), /run out/);
  const forbidden = new FakeCluster().fill('a', 5);
  forbidden.trouble = () => ({ status: 403, message: 'secrets is forbidden' });
  await assert.rejects(onePass(forbidden), /Could not list the Secrets of namespace a: secrets is forbidden/);
});

test('a namespace that is deleted meanwhile is gone, and one that appears is left to the verification', async () => {
  const cluster = new FakeCluster().fill('a', 40).fill('b', 40);
  cluster.meanwhile = () => {
    if (cluster.patched.length !== 20) return;
    cluster.namespacesOf.delete('a');
    // Brought back by somebody, still stored as it was.
    cluster.put('c', 's1', 'old');
  };
  const pass = await onePass(cluster, { maxInFlight: 4 });
  const { listed, rewritten, current, gone, refused } = pass.counts;
  assert.ok(gone > 0);
  assert.equal(refused, 0);
  assert.equal(listed, rewritten + current + gone);
  assert.deepEqual(cluster.stale(), ['c/s1']);
  const verified = await onePass(cluster, { verifies: true });
  assert.deepEqual(verified.counts, { ...noCounts, listed: 41, rewritten: 1, current: 40 });
  assert.deepEqual(cluster.stale(), []);
});

test('told to stop, it sends nothing more, waits for what is under way, and is gone on with where it was', async () => {
  const cluster = new FakeCluster().fill('a', 60).fill('b', 60);
  const controller = new AbortController();
  const reason = new Error('stopping');
  cluster.meanwhile = () => {
    if (cluster.patched.length === 50) controller.abort(reason);
  };
  const { pass, error } = await tryPass(cluster, { signal: controller.signal, maxInFlight: 6 });
  assert.equal(error, reason);
  assert.equal(cluster.inFlight, 0);
  const requests = cluster.requests;
  await setImmediate();
  assert.equal(cluster.requests, requests);
  assert.ok(pass.counts.listed >= 40 && pass.counts.listed < 120, `listed ${pass.counts.listed}`);

  const before = cluster.patched.length;
  const rest = await onePass(cluster, { from: namespacesOf(pass), doneBefore: pass.counts.listed });
  assert.deepEqual(cluster.stale(), []);
  assert.equal(pass.counts.listed + rest.counts.listed, 120);
  assert.ok(cluster.patched.length - before < 90);
});

test('paused, it sends nothing until it is told to go on', async () => {
  const cluster = new FakeCluster().fill('a', 60);
  const pause = new Switch();
  cluster.meanwhile = () => {
    if (cluster.patched.length === 20) pause.set(true);
  };
  const resting = Promise.withResolvers<number>();
  const going = onePass(cluster, {
    pause,
    maxInFlight: 6,
    onView: (view) => {
      if (view.paused && view.inFlight === 0) resting.resolve(cluster.patched.length);
    },
  });
  const sent = await resting.promise;
  assert.ok(sent < 30);
  cluster.meanwhile = () => undefined;
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
  assert.equal(cluster.patched.length, sent);
  pause.set(false);
  assert.equal((await going).counts.rewritten, 60);
});

test('a verification of a cluster others write to is clean when each of those proves current; a lag is not', async () => {
  const busy = new FakeCluster().fill('a', 200, 'new').fill('b', 3, 'new');
  busy.pageSize = 50;
  let asked = 0;
  busy.meanwhile = () => {
    asked += 1;
    if (asked % 40 === 0) busy.put('b', 's00001');
  };
  const verified = await onePass(busy, { verifies: true });
  assert.ok(isClean(verified));
  assert.equal(verified.unproven.length, 0);

  // An API server behind the same address that still writes under the old key.
  const lagging = new FakeCluster().fill('a', 200, 'new');
  let turn = 0;
  lagging.meanwhile = () => {
    turn += 1;
    lagging.key = turn % 3 === 0 ? 'old' : 'new';
  };
  assert.equal(isClean(await onePass(lagging, { verifies: true })), false);
});

test('what cannot be recorded ends the pass', async () => {
  const cluster = new FakeCluster().fill('a', 10);
  const full = new ToolError('The disk is full.', 'Make room.');
  await assert.rejects(
    onePass(cluster, {
      record: async () => {
        throw full;
      },
    }),
    full,
  );
});
