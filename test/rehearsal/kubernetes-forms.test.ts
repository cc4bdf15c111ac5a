/** The forms in which the simulated API server answers, and how they travel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { kubernetes, mergePatch, metadataOnly, rehearse } from './helpers.ts';
import type { Json } from './helpers.ts';
import { http2 } from './http2.ts';

const gateway = '/api/v1/namespaces/payments/secrets/gateway-0001';
const table = (version = 'v1'): Record<string, string> => ({
  accept: `application/json;as=Table;g=meta.k8s.io;v=${version}`,
});
const partial = (of: string): string => `application/json;as=PartialObjectMetadata${of};g=meta.k8s.io;v=v1`;
/** How every simulated value begins once it is encoded. */
const canary = 'Y2FuYXJ5';

test('a table without objects has neither values nor annotations, but the version of what was patched', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  const list = await ask('GET', '/api/v1/namespaces/payments/secrets?includeObject=None', {
    headers: table(),
  });
  assert.deepEqual([list.body['kind'], list.body['apiVersion']], ['Table', 'meta.k8s.io/v1']);
  const [row] = list.body['rows'] as Json[];
  assert.deepEqual(row?.['cells'].slice(0, 3), ['gateway-0001', 'Opaque', 2]);
  assert.equal(row?.['object'], null);
  const names = list.body['columnDefinitions'].map((column: Json) => column['name']);
  assert.deepEqual(names, ['Name', 'Type', 'Data', 'Age']);
  const patched = await ask('PATCH', `${gateway}?includeObject=None`, {
    body: {},
    headers: { ...mergePatch, ...table() },
  });
  const { body } = await ask('GET', gateway, { headers: metadataOnly.one });
  assert.equal(patched.body['metadata'].resourceVersion, body['metadata'].resourceVersion);
  assert.ok(!JSON.stringify([list.body, patched.body]).includes(canary));
  const { secretValuesSent, appliedValuesSent } = rehearsal.record();
  assert.deepEqual([secretValuesSent, appliedValuesSent], [0, 1]);
});

test('rows come with metadata or with the object, as asked', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 12 });
  const ask = await kubernetes(rehearsal);
  const rows = async (query: string, version?: string): Promise<Json[]> =>
    (await ask('GET', `/api/v1/secrets${query}`, { headers: table(version) })).body['rows'];
  for (const query of ['', '?includeObject=Metadata']) {
    const [first] = await rows(query);
    assert.equal(first?.['object'].kind, 'PartialObjectMetadata', query);
    assert.equal(first?.['object'].data, undefined);
  }
  assert.equal((await rows('', 'v1beta1'))[0]?.['object'].apiVersion, 'meta.k8s.io/v1beta1');
  assert.equal(rehearsal.record().secretValuesSent, 0);
  const whole = await rows('?includeObject=Object');
  assert.deepEqual([whole[0]?.['object'].kind, whole[0]?.['object'].apiVersion], ['Secret', 'v1']);
  assert.equal(rehearsal.record().secretValuesSent, 12);
  const unknown = await ask('GET', '/api/v1/secrets?includeObject=All', { headers: table() });
  assert.equal(unknown.status, 400);
});

test('a list of nothing is an empty list in every form', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 3 });
  const ask = await kubernetes(rehearsal);
  const nothing = '/api/v1/namespaces/kube-public/secrets';
  const { body } = await ask('GET', `${nothing}?includeObject=None`, { headers: table() });
  assert.deepEqual([body['kind'], body['rows']], ['Table', []]);
  assert.ok(body['metadata'].resourceVersion);
  assert.deepEqual((await ask('GET', nothing)).body['items'], []);
  assert.deepEqual((await ask('GET', nothing, { headers: metadataOnly.list })).body['items'], []);
});

test('metadata of what kubectl applied holds the values, and is counted', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  const { body } = await ask('GET', '/api/v1/secrets', { headers: metadataOnly.list });
  const items = body['items'] as Json[];
  const applied = items.filter(
    ({ metadata }) => metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'],
  );
  assert.equal(applied.length, 30);
  assert.equal(rehearsal.record().appliedValuesSent, 30);
  const [{ metadata }] = applied as [Json];
  const text = metadata.annotations['kubectl.kubernetes.io/last-applied-configuration'];
  const whole = await ask('GET', `/api/v1/namespaces/${metadata.namespace}/secrets/${metadata.name}`);
  assert.deepEqual(JSON.parse(text).data, whole.body['data']);
  for (const value of Object.values(whole.body['data'])) assert.ok(String(value).startsWith(canary));
  assert.ok(items.every((item) => item['metadata'].managedFields.length === 1));
});

test('of several forms the first the server has is taken; without one it is 406', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 3 });
  const ask = await kubernetes(rehearsal);
  const kind = async (accept: string, path = '/api/v1/secrets'): Promise<unknown> => {
    const { status, body } = await ask('GET', path, { headers: { accept } });
    return status === 200 ? body['kind'] : status;
  };
  assert.equal(await kind('*/*'), 'SecretList');
  assert.equal(
    await kind(`application/vnd.kubernetes.protobuf, ${partial('List')}`),
    'PartialObjectMetadataList',
  );
  assert.equal(await kind(`application/json;as=Nonsense;g=meta.k8s.io;v=v1,application/json`), 'SecretList');
  assert.equal(await kind(`application/json;q=0.5,${partial('List')}`), 'PartialObjectMetadataList');
  assert.equal(await kind(partial('List').replace('v=v1', 'v=v9')), 406);
  assert.equal(await kind('application/yaml'), 406);
  assert.equal(await kind(partial('')), 406);
  assert.equal(await kind(partial('List'), '/api/v1/namespaces/default/secrets/registry-0001'), 406);
  assert.equal(await kind(partial(''), '/api/v1/namespaces/default'), 'PartialObjectMetadata');
});

test('an answer of more than 128 KiB is compressed for a client that takes it', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 400 });
  const session = await http2(t, rehearsal);
  const get = async (path: string, encoding: string): Promise<{ encoding: unknown; body: Buffer }> => {
    const { headers, body } = await session.ask('GET', path, { 'accept-encoding': encoding });
    return { encoding: headers['content-encoding'], body };
  };
  const large = await get('/api/v1/secrets', 'gzip');
  assert.equal(large.encoding, 'gzip');
  const plain = await get('/api/v1/secrets', 'identity');
  assert.equal(plain.encoding, undefined);
  assert.ok(plain.body.length > 128 * 1024);
  assert.deepEqual(JSON.parse(gunzipSync(large.body).toString()), JSON.parse(plain.body.toString()));
  assert.equal((await get('/api/v1/secrets?limit=10', 'gzip')).encoding, undefined);
});

test('HTTP/2 is spoken, with a hundred requests at a time on a connection, and HTTP/1.1', async (t) => {
  const rehearsal = await rehearse(t);
  const session = await http2(t, rehearsal);
  assert.equal(session.session.remoteSettings.maxConcurrentStreams, 100);
  const patch = async (): Promise<number> =>
    (await session.ask('PATCH', gateway, mergePatch, '{}')).headers[':status'] as number;
  const answers = await Promise.all(Array.from({ length: 150 }, patch));
  assert.deepEqual([...new Set(answers)], [200]);
  const plain = await kubernetes(rehearsal);
  const { headers } = await plain('GET', gateway, { headers: metadataOnly.one });
  assert.equal(headers['content-type'], 'application/json');
});

test('a body that is no JSON and a patch of another kind are refused in the words of Kubernetes', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 12 });
  const session = await http2(t, rehearsal);
  const send = async (type: string, body: string): Promise<Json> => {
    const answer = await session.ask('PATCH', gateway, { 'content-type': type }, body);
    return JSON.parse(answer.body.toString()) as Json;
  };
  assert.equal((await send('application/merge-patch+json', '{')).code, 400);
  const nothing = await send('application/merge-patch+json', '');
  assert.deepEqual([nothing.code, nothing.message], [400, 'error decoding patch: EOF']);
  const other = await send('application/json', '{}');
  assert.deepEqual([other.kind, other.code, other.reason], ['Status', 415, 'UnsupportedMediaType']);
});
