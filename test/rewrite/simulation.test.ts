import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openContext } from '../../source/adapters/kubernetes/context.ts';
import { createKubernetesClient } from '../../source/adapters/kubernetes/client.ts';
import { refusedIn } from '../../source/engine/rewriting.ts';
import type { SimulationRecord } from '../../source/rehearsal/index.ts';
import { finish, gate, rewriteAll, simulated, tap } from './simulated.ts';
import { beginContext } from '../../source/commands/context-session.ts';
import { resumeSession } from '../../source/commands/session.ts';
import { stateDirectory } from '../../source/journal/state-directory.ts';

/** Every namespace of the cluster of the current context. */
const all = { context: undefined, namespaces: [], rehearsal: undefined };

/** Every Secret there is, by the simulation's own record, is under the key that new writes go under. */
function assertRewritten({ currentKey, secretsByKey, secrets, others }: SimulationRecord): void {
  assert.deepEqual(secretsByKey, { [currentKey]: secrets });
  assert.deepEqual(others?.lost ?? [], []);
}

/** Nothing of a Secret but its name was sent to anybody. */
function assertNothingRead({ secretValuesSent, appliedValuesSent }: SimulationRecord): void {
  assert.equal(secretValuesSent, 0);
  assert.equal(appliedValuesSent, 0);
}

const disturbances: { faults: string[]; secretCount?: number; maxInFlight?: number }[] = [
  { faults: [] },
  { faults: ['api-throttled'] },
  { faults: ['api-errors'] },
  { faults: ['connections-reset'] },
  { faults: ['patch-conflicts'] },
  { faults: ['continue-expires'], secretCount: 1_500 },
  { faults: ['lists-expire'], secretCount: 9_000 },
  { faults: ['secrets-busy'], secretCount: 1_300 },
  { faults: ['secrets-busy', 'patch-conflicts', 'api-errors', 'connections-reset'], secretCount: 1_300 },
];

for (const { faults, secretCount, maxInFlight } of disturbances) {
  test(`every Secret is under the new key after ${faults.join(', ') || 'no disturbance'}`, async (t) => {
    const place = await simulated(t, { faults, ...(secretCount && { secretCount }) });
    const before = place.rehearsal.record();
    assert.equal(before.secretsByKey[before.currentKey] ?? 0, 0);
    const { outcome, passes, lines } = await rewriteAll(place, { ...(maxInFlight && { maxInFlight }) });
    assert.equal(outcome, 'completed', lines.join('\n'));
    const record = place.rehearsal.record();
    assertRewritten(record);
    assertNothingRead(record);
    const [first] = passes;
    assert.ok(first !== undefined);
    const { listed, rewritten, current, gone, refused } = first.counts;
    assert.equal(listed, rewritten + current + gone + refused);
    assert.equal(refused, 0);
    if (!faults.includes('secrets-busy')) assert.equal(listed, before.secrets);
    assert.equal(passes.at(-1)?.verifies, true);
  });
}

test('an API server that lags behind is found out by the verification, and all is rewritten in the end', async (t) => {
  const place = await simulated(t, { faults: ['api-server-lags'], secretCount: 300 });
  const { outcome, passes } = await rewriteAll(place);
  assert.equal(outcome, 'completed');
  assertRewritten(place.rehearsal.record());
  assert.ok(passes.length > 2, `${passes.length} passes`);
});

test('Secrets that something stamps at every write are named, and the others are verified', async (t) => {
  const place = await simulated(t, { faults: ['webhook-stamps'] });
  const { outcome, passes, session } = await rewriteAll(place);
  assert.equal(outcome, 'failed');
  const { attempts } = session.controller.view().state.steps['rewrite-secrets'] ?? {};
  const failure = attempts?.at(-1)?.failure;
  assert.equal(failure?.reason, 'unverified');
  assert.match(failure.detail ?? '', /monitoring\//);
  const unproven = passes.at(-1)?.unproven ?? [];
  assert.deepEqual([...new Set(unproven.map(({ namespace }) => namespace))], ['monitoring']);
  assertRewritten(place.rehearsal.record());
});

test('a Secret that is refused is told by name, the others are rewritten, and acknowledging it is on record', async (t) => {
  const place = await simulated(t, { faults: ['secret-refused'] });
  const session = await beginContext(place.state, all, {}, () => undefined);
  let told = '';
  const unsubscribe = session.controller.subscribe(() => {
    const { decision, asking } = session.controller.view();
    if (decision.kind !== 'ask' || !asking || decision.question.kind !== 'failed') return;
    told = decision.question.failure.detail ?? '';
    unsubscribe();
    session.controller.send({
      type: 'override',
      step: decision.question.step,
      reason: 'Its owner deletes it.',
    });
  });
  const { outcome, passes, lines } = await finish(session);
  assert.match(told, /identity\/client-0001 – /, lines.join('\n'));
  assert.equal(outcome, 'completed');
  assert.deepEqual(passes[0] && refusedIn(passes[0])[0]?.names, ['client-0001']);
  const { secretsByKey, currentKey, secrets } = place.rehearsal.record();
  assert.equal(secretsByKey[currentKey], secrets - 1);
});

test('a policy in the way is told before anything is written, by its own words', async (t) => {
  for (const fault of ['policy-blocks', 'policy-validates', 'webhook-refuses', 'webhook-down']) {
    const place = await simulated(t, { faults: [fault] });
    const session = await beginContext(place.state, all, {}, () => undefined);
    const patches = place.rehearsal.record().requestCounts['kubernetes PATCH'] ?? 0;
    const seen = Promise.withResolvers<string>();
    const unsubscribe = session.controller.subscribe(() => {
      const { decision, asking } = session.controller.view();
      if (decision.kind !== 'ask' || !asking || decision.question.kind !== 'warning') return;
      seen.resolve(decision.question.failure.what);
      unsubscribe();
      session.controller.send({ type: 'stop' });
    });
    assert.match(await seen.promise, fault === 'webhook-down' ? /failed calling webhook/ : /payments – /);
    await session.controller.finished;
    await session.close();
    const record = place.rehearsal.record();
    assert.equal(record.secretsByKey[record.currentKey] ?? 0, 0);
    assert.ok((record.requestCounts['kubernetes PATCH'] ?? 0) > patches);
    assertNothingRead(record);
  }
});

test('where a policy refuses a namespace, each Secret of it is named and all others are rewritten', async (t) => {
  for (const fault of ['policy-blocks', 'policy-validates']) {
    const place = await simulated(t, { faults: [fault] });
    const { outcome, passes } = await rewriteAll(place);
    assert.equal(outcome, 'failed');
    const [first] = passes;
    assert.ok(first !== undefined);
    const named = refusedIn(first).flatMap(({ namespace, names }) =>
      names.map((name) => `${namespace}/${name}`),
    );
    assert.ok(named.length > 0 && named.every((name) => name.startsWith('payments/')));
    assert.equal(first.counts.refused, new Set(named).size);
    const { secretsByKey, currentKey, secrets } = place.rehearsal.record();
    assert.equal(secretsByKey[currentKey], secrets - named.length);
  }
});

test('a permission that is missing is named before anything is tried', async (t) => {
  const place = await simulated(t, { faults: ['secrets-forbidden'] });
  const { outcome, lines } = await rewriteAll(place);
  assert.equal(outcome, 'failed');
  assert.match(lines.join('\n'), /patch secrets/);
  assert.equal(place.rehearsal.record().requestCounts['kubernetes PATCH'] ?? 0, 0);
});

test('only the namespaces that are named are rewritten', async (t) => {
  const place = await simulated(t);
  assert.equal((await rewriteAll(place, { namespaces: ['payments'] })).outcome, 'completed');
  const { secretsByKey, currentKey, secrets } = place.rehearsal.record();
  const rewritten = secretsByKey[currentKey] ?? 0;
  assert.ok(rewritten > 0 && rewritten < secrets);
});

test('a namespace that does not exist is told, and nothing is begun', async (t) => {
  const place = await simulated(t);
  await assert.rejects(
    rewriteAll(place, { namespaces: ['payments', 'payment'] }),
    /no namespace "payment" in this cluster/,
  );
  assert.equal(place.rehearsal.record().requestCounts['kubernetes PATCH'] ?? 0, 0);
});

test('an account that may act in one namespace only can rewrite that one, and no other', async (t) => {
  const place = await simulated(t, { faults: ['one-namespace'] });
  const { outcome, session, passes } = await rewriteAll(place, { namespaces: ['payments'] });
  assert.equal(outcome, 'completed');
  assert.equal(session.controller.view().state.header.context?.namespace, 'payments');
  const { secretsByKey, currentKey } = place.rehearsal.record();
  assert.equal(secretsByKey[currentKey], passes[0]?.counts.rewritten);
  assert.ok((passes[0]?.counts.rewritten ?? 0) > 0);
  await assert.rejects(rewriteAll(place), /"kube-system" is forbidden/);
  const other = await rewriteAll(place, { namespaces: ['orders', 'payments'] });
  assert.equal(other.outcome, 'failed');
  assert.match(other.lines.join('\n'), /list secrets in orders, patch secrets in orders/);
});

test('a context that has come to lead to another cluster is told when the run is taken up, and nothing is written', async (t) => {
  const other = await simulated(t);
  const place = await simulated(t, { secretCount: 300 });
  const session = await beginContext(place.state, all, { maxInFlight: 1 }, () => undefined);
  let stopped = false;
  session.controller.subscribe(() => {
    const { done = 0 } = session.controller.view().activity?.rewrite ?? {};
    if (done > 0 && !stopped) stopped = session.controller.send({ type: 'stop' }) === undefined;
  });
  assert.equal((await finish(session)).outcome, 'stopped');
  const before = place.rehearsal.record().secretsByKey;
  await writeFile(place.kubeconfig, await readFile(other.kubeconfig));
  const again = await resumeSession(place.state, session.runId, {}, () => undefined);
  const { outcome, lines } = await finish(again);
  // What was said of it holds for the next sitting too.
  assert.equal(again.controller.view().state.sessions.at(-1)?.maxInFlight, 1);
  assert.equal(outcome, 'stopped');
  assert.match(lines.join('\n'), /server of the context/);
  assert.match(lines.join('\n'), /uid of kube-system/);
  assert.deepEqual(place.rehearsal.record().secretsByKey, before);
  assert.equal(other.rehearsal.record().requestCounts['kubernetes PATCH'] ?? 0, 0);
});

test('two at once, of two who do not know of each other, do what one does', async (t) => {
  const place = await simulated(t, { secretCount: 600 });
  const elsewhere = { ...place, state: stateDirectory(join(place.directory, 'elsewhere'), false) };
  const both = await Promise.all([rewriteAll(place), rewriteAll(elsewhere)]);
  assert.deepEqual(
    both.map(({ outcome }) => outcome),
    ['completed', 'completed'],
  );
  assertRewritten(place.rehearsal.record());
  for (const { passes } of both) assert.equal(passes[0]?.counts.listed, 600);
  const first = await beginContext(place.state, all, {}, () => undefined);
  await assert.rejects(
    beginContext(place.state, all, {}, () => undefined),
    { status: 4 },
  );
  await first.close();
});

test('an API server that restarts meanwhile is waited for', async (t) => {
  const place = await simulated(t, { secretCount: 1_300 });
  const { close, open } = await gate(t, place);
  const session = await beginContext(place.state, all, { maxInFlight: 8 }, () => undefined);
  let restarts: Promise<void> | undefined;
  const refused = Promise.withResolvers<void>();
  session.controller.subscribe(() => {
    const { rewrite } = session.controller.view().activity ?? {};
    if (rewrite === undefined) return;
    // Once it refuses connections, and not only ends those there are, it is told with what is waited for.
    if (/ECONNREFUSED/.test(rewrite.waiting ?? '')) refused.resolve();
    if (rewrite.done > 100 && restarts === undefined)
      restarts = close()
        .then(() => refused.promise)
        .then(open);
  });
  const { outcome, passes, lines } = await finish(session);
  await restarts;
  assert.equal(outcome, 'completed', lines.join('\n'));
  const record = place.rehearsal.record();
  assertRewritten(record);
  assert.equal(passes[0]?.counts.listed, record.secrets);
  assert.equal(passes[0]?.counts.refused, 0);
});

test('not one byte of a value is sent, over any connection', async (t) => {
  const place = await simulated(t, { secretCount: 1_300 });
  const received = await tap(t, place);
  assert.equal((await rewriteAll(place)).outcome, 'completed');
  assertRewritten(place.rehearsal.record());
  const bytes = received();
  assert.ok(bytes.length > 1_000_000);
  for (const mark of ['canary', Buffer.from('canary-').toString('base64').slice(0, 8), 'last-applied'])
    assert.equal(bytes.includes(mark), false, mark);

  // The same ear hears it when metadata alone is asked for: annotations are metadata.
  const client = await createKubernetesClient(place.kubeconfig);
  t.after(() => client.close());
  await client.request({
    method: 'GET',
    path: '/api/v1/secrets',
    headers: { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' },
  });
  assert.equal(received().includes('last-applied'), true);
});

test('a context that is not there is told with those that are', async (t) => {
  await simulated(t);
  await assert.rejects(openContext('rehearsl'), /no context "rehearsl"/);
  await assert.rejects(openContext('rehearsl'), (error: { next?: string }) => {
    assert.match(error.next ?? '', /rehearsal/);
    return true;
  });
});
