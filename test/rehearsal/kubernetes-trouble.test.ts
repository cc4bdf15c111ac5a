/** What goes wrong with single requests to the simulated API server, and what others do meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import type { Exchange, Rehearsal } from '../../source/rehearsal/index.ts';
import { RequestLimit } from '../../source/rehearsal/kubernetes-limit.ts';
import {
  clusterConnection,
  disableKms,
  eventually,
  finished,
  kubernetes,
  mergePatch,
  metadataOnly,
  put,
  rehearse,
} from './helpers.ts';
import type { Ask, Json } from './helpers.ts';
import { http2 } from './http2.ts';

const gateway = '/api/v1/namespaces/payments/secrets/gateway-0001';

async function paths(ask: Ask): Promise<string[]> {
  const { body } = await ask('GET', '/api/v1/namespaces/payments/secrets', { headers: metadataOnly.list });
  return body['items'].map(
    ({ metadata }: Json) => `/api/v1/namespaces/${metadata.namespace}/secrets/${metadata.name}`,
  );
}

/** The statuses of an empty patch of every secret of a namespace, one after the other; 0 for none. */
async function patchAll(ask: Ask, send: (path: string) => Promise<unknown>): Promise<number[]> {
  const statuses: number[] = [];
  for (const path of await paths(ask)) statuses.push(Number(await send(path).catch(() => 0)));
  return statuses;
}

/** All on one connection. */
async function patchAllTogether(t: TestContext, rehearsal: Rehearsal): Promise<number[]> {
  const { ask } = await http2(t, rehearsal);
  const patch = async (path: string): Promise<unknown> =>
    (await ask('PATCH', path, mergePatch, '{}')).headers[':status'];
  return patchAll(await kubernetes(rehearsal), patch);
}

async function troubled(t: TestContext, fault: string, seed?: number): Promise<number[]> {
  return patchAllTogether(t, await rehearse(t, { faults: [fault], secretCount: 1200, seed }));
}

test('fault api-errors: one request in twenty fails, and some of those were carried out', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['api-errors'], secretCount: 1200 });
  await finished(rehearsal, await put(rehearsal, disableKms));
  const statuses = await patchAllTogether(t, rehearsal);
  const failures = statuses.filter((status) => status !== 200);
  assert.equal(statuses.length, 200);
  assert.ok(failures.length >= 9 && failures.length <= 11, `${failures.length}`);
  assert.deepEqual([...new Set(failures)].sort(), [500, 502, 503, 504]);
  const { secretsByKey } = rehearsal.record();
  const written = secretsByKey['identity'] ?? 0;
  assert.ok(written > statuses.length - failures.length && written < statuses.length, `${written}`);
});

test('what comes by chance comes again with the same seed, and differently with another', async (t) => {
  const first = await troubled(t, 'api-errors', 7);
  assert.deepEqual(await troubled(t, 'api-errors', 7), first);
  assert.notDeepEqual(await troubled(t, 'api-errors', 8), first);
});

test('a server that is unavailable says when to come back', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['api-errors'], secretCount: 12 });
  const ask = await kubernetes(rehearsal);
  const unavailable = await eventually(async () => {
    const answer = await ask('GET', gateway, { headers: metadataOnly.one });
    return answer.status === 503 ? answer : undefined;
  });
  assert.equal(unavailable.headers['retry-after'], '1');
  assert.equal(unavailable.body['reason'], 'ServiceUnavailable');
});

test('fault patch-conflicts: one patch in twenty is a conflict', async (t) => {
  const statuses = await troubled(t, 'patch-conflicts');
  assert.equal(statuses.filter((status) => status === 409).length, 10);
  assert.equal(statuses.filter((status) => status === 200).length, 190);
});

test('fault connections-reset: the connection breaks, whichever protocol is spoken', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['connections-reset'], secretCount: 1200 });
  const plain = await kubernetes(rehearsal);
  const statuses = await patchAll(plain, async (path) => {
    const { status } = await plain('PATCH', path, { body: {}, headers: mergePatch });
    return status;
  });
  assert.equal(statuses.filter((status) => status === 0).length, 2);
  const { session, ask } = await http2(t, rehearsal);
  let broken = false;
  session.once('close', () => (broken = true));
  const patch = (): Promise<unknown> => ask('PATCH', gateway, mergePatch, '{}').catch(() => undefined);
  await eventually(async () => {
    await patch();
    return broken ? true : undefined;
  });
  assert.ok(session.destroyed);
});

test('fault api-hangs: one request in a hundred is never answered, the others are', async (t) => {
  const exchanges: Exchange[] = [];
  const rehearsal = await rehearse(t, {
    faults: ['api-hangs'],
    secretCount: 12,
    observe: (exchange) => exchanges.push(exchange),
  });
  const ask = await kubernetes(rehearsal);
  exchanges.length = 0;
  let [answered, ended] = [0, 0];
  const requests = Array.from({ length: 100 }, () =>
    ask('GET', gateway, { headers: metadataOnly.one }).then(
      () => (answered += 1),
      () => (ended += 1),
    ),
  );
  await eventually(async () => (answered === 99 && exchanges.length === 100 ? true : undefined));
  assert.deepEqual([ended, exchanges.filter(({ status }) => status === 0).length], [0, 1]);
  await rehearsal.close();
  await Promise.all(requests);
  assert.equal(ended, 1);
});

test('the limit on requests under way: sixteen at a time, thirty-two wait, more are refused', async () => {
  const limit = new RequestLimit();
  let [working, most] = [0, 0];
  const one = (): Promise<unknown> =>
    limit.take(() => {
      working += 1;
      most = Math.max(most, working);
      queueMicrotask(() => (working -= 1));
      return { status: 200 };
    });
  const outcomes = await Promise.allSettled(Array.from({ length: 60 }, one));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 12);
  assert.ok(most <= 16);
  assert.equal((await Promise.allSettled(Array.from({ length: 48 }, one)))[47]?.status, 'fulfilled');
});

test('fault api-throttled: what is too much is told in a text, with the seconds to wait', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['api-throttled'], secretCount: 12 });
  const { ask } = await http2(t, rehearsal);
  const get = (): ReturnType<typeof ask> => ask('GET', gateway, metadataOnly.one);
  const refused = await eventually(async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, get));
    return answers.find(({ headers }) => headers[':status'] === 429);
  });
  assert.equal(refused.headers['retry-after'], '1');
  assert.match(String(refused.headers['content-type']), /^text\/plain/u);
  assert.equal(refused.body.toString(), 'Too many requests, please try again later.\n');
  assert.equal((await get()).headers[':status'], 200);
});

test('fault secrets-busy: others create, change and delete; a change that is overwritten is known', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['secrets-busy'], secretCount: 1200 });
  const ask = await kubernetes(rehearsal);
  const before = await ask('GET', '/api/v1/secrets');
  await finished(rehearsal, await put(rehearsal, disableKms));
  const statuses = await patchAllTogether(t, rehearsal);
  const { others, secrets } = rehearsal.record();
  assert.ok(others !== undefined && others.created > 10 && others.deleted > 10 && others.changed > 8);
  assert.equal(secrets, 1200 + others.created - others.deleted);
  assert.ok(statuses.every((status) => status === 200 || status === 404));
  assert.deepEqual(others.lost, []);
  const after = await ask('GET', '/api/v1/secrets');
  const changed = after.body['items'].find(
    ({ data, metadata }: Json) => data['changed-meanwhile'] && !metadata.name.startsWith('created-'),
  );
  const { name, namespace } = changed.metadata;
  const old = before.body['items'].find(
    ({ metadata }: Json) => metadata.name === name && metadata.namespace === namespace,
  );
  delete old.metadata.resourceVersion;
  const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
  assert.equal((await ask('PUT', path, { body: old })).status, 200);
  assert.deepEqual(rehearsal.record().others?.lost, [`${namespace}/${name}`]);
});

test('what others deleted after they had changed it is not a change that was lost', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['secrets-busy'], secretCount: 24 });
  const { ask } = await http2(t, rehearsal);
  for (let n = 0; n < 150; n += 1) await ask('PATCH', gateway, mergePatch, '{}');
  const { others } = rehearsal.record();
  assert.deepEqual([others?.created, others?.deleted, others?.lost], [10, 10, []]);
});

for (const [name, options, least] of [
  ['an added round trip', { roundTrip: 100 }, 380],
  ['fault distant-api-server', { faults: ['distant-api-server'] }, 80],
] as const)
  test(`${name}: no answer can come sooner than the tunnel, the handshakes and the request take`, async (t) => {
    const rehearsal = await rehearse(t, { secretCount: 12, ...options });
    await clusterConnection(rehearsal);
    const start = performance.now();
    const { ask } = await http2(t, rehearsal);
    const { headers } = await ask('GET', gateway, metadataOnly.one);
    assert.equal(headers[':status'], 200);
    assert.ok(performance.now() - start > least);
  });

test('what comes from far away in many pieces comes in order', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 3000, roundTrip: 5 });
  const { ask } = await http2(t, rehearsal);
  const { body } = await ask('GET', '/api/v1/secrets');
  assert.equal((JSON.parse(body.toString()) as Json)['items'].length, 3000);
});
