import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { addProgress, beginPass, namespacesOf, noCounts } from '../../source/engine/rewriting.ts';
import type { RewriteState } from '../../source/engine/rewriting.ts';
import { Pass } from '../../source/rewrite/pass.ts';
import type { Ask } from '../../source/rewrite/pass.ts';
import { FakeCluster } from './cluster.ts';

const time = '2026-11-21T20:15:00.000Z';

/** What a chooser of numbers decides next: which answer comes, what goes wrong. */
type Choose = (below: number) => number;

/** Answers one request, as the cluster has it now or with something that can happen to it. */
function reply(cluster: FakeCluster, pass: Pass, ask: Ask, choose: Choose): void {
  if (choose(8) === 0) {
    pass.retry(ask, 'once');
    return;
  }
  if (ask.kind === 'page') {
    const token = ask.place.token;
    const page = cluster.pageNow(ask.place.name, token);
    if (page.status === 410) pass.expired(ask, page.continue);
    else pass.listed(ask, page.names, page.continue, page.revision ?? '');
    return;
  }
  const { name } = ask.page.place;
  const answer = cluster.rewriteNow(name, ask.name);
  if (answer.status === 404) pass.gone(ask);
  else if (ask.name.endsWith('x')) pass.refused(ask, `secrets "${ask.name}" is denied`);
  else pass.patched(ask, answer.revision ?? '');
}

/** Works a pass, up to `steps` answers, in any order; returns whether it came to its end. */
function work(
  cluster: FakeCluster,
  pass: Pass,
  choose: Choose,
  steps: number,
  between: () => void = () => undefined,
): boolean {
  const under: Ask[] = [];
  for (let step = 0; step < steps; step += 1) {
    for (let more = 0; more < 6; more += 1) {
      const ask = pass.next(8);
      if (ask === undefined) break;
      under.push(ask);
    }
    if (under.length === 0) return pass.done;
    between();
    const [ask] = under.splice(choose(under.length), 1);
    if (ask !== undefined) reply(cluster, pass, ask, choose);
  }
  return pass.done;
}

const shape = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 });
const seeds = fc.nat();

/** Choices that look random and follow from the seed (mulberry32). */
function chooser(seed: number): Choose {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** The last of what there is. */
const last: Choose = (below) => below - 1;

function clusterOf(sizes: readonly number[]): FakeCluster {
  const cluster = new FakeCluster();
  for (const [index, size] of sizes.entries()) cluster.fill(`n${index}`, size);
  return cluster;
}

test('in any order of answers, every Secret is written and counted once', () => {
  fc.assert(
    fc.property(shape, seeds, (sizes, seed) => {
      const cluster = clusterOf(sizes);
      const namespaces = [...sizes.keys()].map((index) => `n${index}`);
      const pass = new Pass({ namespaces, verifies: false, from: new Map() });
      assert.ok(work(cluster, pass, chooser(seed), 10_000));
      assert.deepEqual(cluster.stale(), []);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      assert.deepEqual(pass.counts, { ...noCounts, listed: total, rewritten: total });
      assert.equal(pass.namespacesDone, sizes.length);
    }),
  );
});

test('interrupted anywhere, as often as you like, it goes on where it was and counts nothing twice', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 8 });
  fc.assert(
    fc.property(shape, seeds, lengths, fc.boolean(), (sizes, seed, sittings, renews) => {
      const cluster = clusterOf(sizes);
      cluster.renews = renews;
      const choose = chooser(seed);
      const namespaces = [...sizes.keys()].map((index) => `n${index}`);
      let passes: RewriteState = beginPass([], { number: 1, verifies: false, time });
      for (const length of [...sittings, 10_000]) {
        const pass = new Pass({
          namespaces,
          verifies: false,
          from: passes[0] === undefined ? new Map() : namespacesOf(passes[0]),
        });
        const done = work(cluster, pass, choose, length, () => {
          if (choose(4) > 0) return;
          const progress = pass.take();
          if (progress !== undefined) passes = addProgress(passes, progress);
        });
        if (done) {
          const progress = pass.take();
          if (progress !== undefined) passes = addProgress(passes, progress);
        }
        // Lists do not last from one sitting to the next.
        if (choose(2) === 0) cluster.oldest = cluster.revision += 1;
      }
      assert.deepEqual(cluster.stale(), []);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const [told] = passes;
      assert.ok(told !== undefined);
      assert.equal(told.counts.listed, total);
      assert.equal(told.counts.rewritten + told.counts.current, total);
      for (const [index, size] of sizes.entries())
        assert.equal(namespacesOf(told).get(`n${index}`)?.counts.listed, size);
    }),
  );
});

test('with others writing, creating and deleting meanwhile, every Secret there is ends up under the new key', () => {
  fc.assert(
    fc.property(shape, seeds, (sizes, seed) => {
      const cluster = clusterOf(sizes);
      const choose = chooser(seed);
      const namespaces = [...sizes.keys()].map((index) => `n${index}`);
      const pass = new Pass({ namespaces, verifies: false, from: new Map() });
      const others = (): void => {
        const namespace = `n${choose(sizes.length)}`;
        const what = choose(10);
        if (what === 0) cluster.put(namespace, `a-new-${choose(100)}`);
        if (what === 1) cluster.delete(namespace, `s0000${choose(9)}`);
        if (what === 2) cluster.put(namespace, `s0000${choose(9)}`);
        if (what === 3) cluster.oldest = cluster.revision;
      };
      assert.ok(work(cluster, pass, choose, 10_000, others));
      assert.deepEqual(cluster.stale(), []);
      const { listed, rewritten, current, gone, refused } = pass.counts;
      assert.equal(listed, rewritten + current + gone + refused);
    }),
  );
});

test('a verification tells what it moved from what was current, and looks once more at what is newer', () => {
  const cluster = new FakeCluster().fill('a', 4, 'new').fill('b', 2, 'old');
  const pass = new Pass({ namespaces: ['a', 'b'], verifies: true, from: new Map() });
  assert.ok(work(cluster, pass, last, 1_000));
  assert.deepEqual(pass.counts, { ...noCounts, listed: 6, rewritten: 2, current: 4 });
  assert.deepEqual(pass.unproven, []);
  assert.equal(cluster.patched.filter((name) => name === 'b/s00000').length, 2);
  assert.equal(cluster.patched.filter((name) => name === 'a/s00000').length, 1);
});

test('a Secret that is changed at every look is named', () => {
  const cluster = new FakeCluster().fill('a', 3, 'new');
  const pass = new Pass({ namespaces: ['a'], verifies: true, from: new Map() });
  const others = (): void => cluster.put('a', 's00001');
  assert.ok(work(cluster, pass, last, 1_000, others));
  assert.deepEqual(pass.unproven, [{ namespace: 'a', name: 's00001' }]);
});

test('what is refused is told once for each reason, by name', () => {
  const cluster = new FakeCluster().fill('a', 1);
  cluster.put('a', 'bx', 'old');
  cluster.put('a', 'ax', 'old');
  const pass = new Pass({ namespaces: ['a'], verifies: false, from: new Map() });
  assert.ok(work(cluster, pass, last, 1_000));
  const [refused, ...others] = pass.take()?.refused ?? [];
  assert.deepEqual(others, []);
  assert.equal(refused?.message, 'secrets "…" is denied');
  assert.deepEqual(refused.names.toSorted(), ['ax', 'bx']);
});
