import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assert as forAll, asyncProperty, integer } from 'fast-check';

import {
  disableKms,
  finished,
  kubernetes,
  mergePatch,
  metadataOnly,
  put,
  rehearse,
  temporaryDirectory,
} from './helpers.ts';
import type { Answer, Json } from './helpers.ts';

const payments = '/api/v1/namespaces/payments/secrets';
const gateway = `${payments}/gateway-0001`;
const path = ({ metadata }: Json): string =>
  `/api/v1/namespaces/${metadata['namespace']}/secrets/${metadata['name']}`;
const versionOf = (body: Json): string => body['metadata'].resourceVersion;

test('who has not the cluster token is not let in', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  const { status, body } = await ask('GET', '/api/v1/secrets', {
    headers: { authorization: `Bearer ${rehearsal.token()}` },
  });
  assert.deepEqual([status, body['kind'], body['reason']], [401, 'Status', 'Unauthorized']);
});

test('an empty merge patch writes a stale secret anew and leaves a current one alone', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  const patch = async (): Promise<string> =>
    versionOf((await ask('PATCH', gateway, { body: {}, headers: mergePatch })).body);
  const before = versionOf((await ask('GET', gateway, { headers: metadataOnly.one })).body);
  assert.equal(await patch(), before);
  await finished(rehearsal, await put(rehearsal, disableKms));
  const moved = await patch();
  assert.notEqual(moved, before);
  assert.equal(await patch(), moved);
  assert.equal(rehearsal.record().secretsByKey['identity'], 1);
});

test('an immutable secret accepts the empty patch and refuses other data', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  await finished(rehearsal, await put(rehearsal, disableKms));
  const path = '/api/v1/namespaces/identity/secrets/signing-key-0001';
  assert.equal((await ask('PATCH', path, { body: {}, headers: mergePatch })).status, 200);
  const changed = await ask('PATCH', path, { body: { data: { x: 'eA==' } }, headers: mergePatch });
  assert.equal(changed.status, 422);
  assert.equal(rehearsal.record().secretsByKey['identity'], 1);
});

test('asked for metadata only, no secret value is sent', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  const list = await ask('GET', '/api/v1/secrets', { headers: metadataOnly.list });
  assert.equal(list.body['kind'], 'PartialObjectMetadataList');
  assert.equal(list.body['items'].length, 120);
  await ask('PATCH', gateway, { body: {}, headers: mergePatch });
  assert.ok(!JSON.stringify(list.body).includes('"data"'));
  assert.equal(rehearsal.record().secretValuesSent, 0);
  const whole = await ask('GET', '/api/v1/secrets');
  assert.equal(whole.body['kind'], 'SecretList');
  assert.equal(rehearsal.record().secretValuesSent, 120);
});

test('pages of any size make up the whole list, of all namespaces or one', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 30 });
  const ask = await kubernetes(rehearsal);
  const names = async (path: string, limit?: number): Promise<string[]> => {
    const found: string[] = [];
    let next = '';
    do {
      const query = limit === undefined ? '' : `?limit=${limit}&continue=${next}`;
      const { body } = await ask('GET', path + query, { headers: metadataOnly.list });
      for (const { metadata } of body['items']) found.push(`${metadata.namespace}/${metadata.name}`);
      next = body['metadata'].continue ?? '';
      assert.ok(limit === undefined || body['items'].length <= limit);
    } while (next !== '');
    return found;
  };
  const whole = await names('/api/v1/secrets');
  assert.equal(whole.length, 30);
  assert.deepEqual(whole, [...whole].sort());
  await forAll(
    asyncProperty(integer({ min: 1, max: 40 }), async (limit) => {
      assert.deepEqual(await names('/api/v1/secrets', limit), whole);
    }),
    { numRuns: 15 },
  );
  assert.deepEqual(
    await names(payments, 2),
    whole.filter((name) => name.startsWith('payments/')),
  );
});

test('fault continue-expires: 410 carries a new token that goes on where the old one was', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['continue-expires'], secretCount: 60 });
  const ask = await kubernetes(rehearsal);
  const page = (token: string): Promise<Answer> =>
    ask('GET', `/api/v1/secrets?limit=50&continue=${token}`, { headers: metadataOnly.list });
  const first = await page('');
  const expired = await page(first.body['metadata'].continue);
  assert.deepEqual([expired.status, expired.body['reason']], [410, 'Expired']);
  const rest = await page(expired.body['metadata'].continue);
  const names = [...first.body['items'], ...rest.body['items']].map(
    ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
  );
  assert.equal(new Set(names).size, 60);
  assert.equal((await page('nonsense')).status, 400);
});

test('PUT: current and same is not written, stale is, an old version is a conflict', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  const { body } = await ask('GET', gateway);
  assert.equal(versionOf((await ask('PUT', gateway, { body })).body), versionOf(body));
  await finished(rehearsal, await put(rehearsal, disableKms));
  const written = await ask('PUT', gateway, { body });
  assert.notEqual(versionOf(written.body), versionOf(body));
  assert.deepEqual(written.body['data'], body['data']);
  const conflict = await ask('PUT', gateway, { body });
  assert.deepEqual([conflict.status, conflict.body['reason']], [409, 'Conflict']);
  assert.match(
    conflict.body['message'],
    /the object has been modified; please apply your changes to the latest version and try again$/u,
  );
  assert.equal(rehearsal.record().secretsByKey['identity'], 1);
});

test('a dry run writes nothing', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  await finished(rehearsal, await put(rehearsal, disableKms));
  const dry = await ask('PATCH', `${gateway}?dryRun=All`, { body: {}, headers: mergePatch });
  assert.equal(dry.status, 200);
  await ask('DELETE', `${gateway}?dryRun=All`);
  await ask('POST', `${payments}?dryRun=All`, { body: { metadata: { name: 'new' } } });
  assert.equal(rehearsal.record().secretsByKey['identity'], undefined);
  assert.equal(rehearsal.record().secrets, 120);
});

test('fault policy-blocks: admission denies the namespace, also for a dry run', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['policy-blocks'] });
  const ask = await kubernetes(rehearsal);
  for (const path of [gateway, `${gateway}?dryRun=All`]) {
    const denied = await ask('PATCH', path, { body: {}, headers: mergePatch });
    assert.equal(denied.status, 403);
    assert.match(denied.body['message'], /^admission webhook .* denied the request/u);
  }
  const elsewhere = '/api/v1/namespaces/orders/secrets/queue-0001?dryRun=All';
  assert.equal((await ask('PATCH', elsewhere, { body: {}, headers: mergePatch })).status, 200);
});

test('secrets come and go: created under the current key, deleted, then not found', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  const secret = { metadata: { name: 'new' }, stringData: { a: 'b' } };
  const created = await ask('POST', payments, { body: secret });
  assert.equal(created.status, 201);
  assert.deepEqual(created.body['data'], { a: 'Yg==' });
  assert.equal((await ask('POST', payments, { body: secret })).status, 409);
  assert.equal(rehearsal.record().secrets, 121);
  assert.equal((await ask('DELETE', `${payments}/new`)).status, 200);
  const gone = await ask('PATCH', `${payments}/new`, { body: {}, headers: mergePatch });
  assert.deepEqual([gone.status, gone.body['reason']], [404, 'NotFound']);
  assert.equal((await ask('POST', '/api/v1/namespaces/none/secrets', { body: secret })).status, 404);
});

test('access reviews are allowed and namespaces are listed', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  const review = await ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    body: { spec: { resourceAttributes: { verb: 'patch', resource: 'secrets' } } },
  });
  assert.deepEqual([review.status, review.body['status'].allowed], [201, true]);
  const { body } = await ask('GET', '/api/v1/namespaces');
  const listed = new Set(body['items'].map((item: Json) => item['metadata'].name));
  assert.ok(listed.has('payments') && listed.has('kube-public'));
  assert.equal((await ask('GET', '/version')).body['gitVersion'], 'v1.33.2');
});

test('who one is can be asked', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const { status, body } = await ask('POST', path, { body: { kind: 'SelfSubjectReview' } });
  assert.deepEqual([status, body['status'].userInfo.username], [201, 'you@contoso.com']);
  assert.equal((await ask('GET', path)).status, 405);
  const { body: groups } = await ask('GET', '/apis');
  const names = groups['groups'].map(({ name }: Json) => name);
  assert.deepEqual(names, ['authorization.k8s.io', 'authentication.k8s.io']);
});

test('many secrets are in many namespaces, which come in pages and have identities of their own', async (t) => {
  const directory = temporaryDirectory(t);
  const rehearsal = await rehearse(t, { secretCount: 3000, directory });
  const ask = await kubernetes(rehearsal);
  const page = async (token = ''): Promise<Json> =>
    (await ask('GET', `/api/v1/namespaces?limit=10&continue=${token}`)).body;
  const first = await page();
  const rest = await page(first['metadata'].continue);
  assert.deepEqual([first['items'].length, first['metadata'].remainingItemCount], [10, 6]);
  assert.equal(rest['metadata'].continue, undefined);
  const items = [...first['items'], ...rest['items']] as Json[];
  assert.equal(new Set(items.map(({ metadata }) => metadata.uid)).size, 16);
  const counts: Record<string, number> = {};
  for (const { metadata } of items) {
    const { body } = await ask('GET', `/api/v1/namespaces/${metadata.name}/secrets`, {
      headers: metadataOnly.list,
    });
    counts[metadata.name] = body['items'].length;
  }
  assert.equal(
    Object.values(counts).reduce((sum, count) => sum + count, 0),
    3000,
  );
  assert.equal(counts['team-006'], 300);
  const uid = async (of: typeof ask): Promise<string> =>
    (await of('GET', '/api/v1/namespaces/kube-system')).body['metadata'].uid;
  const known = await uid(ask);
  assert.match(known, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/u);
  await rehearsal.close();
  assert.equal(await uid(await kubernetes(await rehearse(t, { directory }))), known);
  assert.notEqual(await uid(await kubernetes(await rehearse(t))), known);
});

test('what is still under KMS v1 cannot be read once the cluster runs 1.27', async (t) => {
  const rehearsal = await rehearse(t, { scenario: 'kms-v1-public', secretCount: 3 });
  const ask = await kubernetes(rehearsal);
  await finished(rehearsal, await put(rehearsal, disableKms));
  const { body } = await ask('GET', '/api/v1/secrets');
  const [first, ...rest] = body['items'] as Json[];
  for (const secret of rest) assert.equal((await ask('PUT', path(secret), { body: secret })).status, 200);
  await finished(rehearsal, await put(rehearsal, { kubernetesVersion: '1.27.1' }));
  const [readable] = rest;
  assert.ok(first && readable);
  assert.equal((await ask('GET', path(readable))).status, 200);
  for (const place of ['/api/v1/secrets', path(first)]) {
    const lost = await ask('GET', place);
    assert.equal(lost.status, 500);
    assert.match(lost.body['message'], /unable to transform key/u);
  }
});
