/** Lists of secrets in pages while secrets come, change and go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { disableKms, finished, kubernetes, mergePatch, metadataOnly, put, rehearse } from './helpers.ts';
import type { Answer, Ask, Json } from './helpers.ts';

const payments = '/api/v1/namespaces/payments/secrets';
const newSecret = (name: string): Json => ({ metadata: { name }, stringData: { a: 'b' } });

function pages(ask: Ask, path = '/api/v1/secrets'): (limit: number, token?: string) => Promise<Answer> {
  return (limit, token = '') =>
    ask('GET', `${path}?limit=${limit}&continue=${token}`, { headers: metadataOnly.list });
}

const namesOf = ({ body }: Answer): string[] =>
  body['items'].map(({ metadata }: Json) => `${metadata.namespace}/${metadata.name}`);
const tokenOf = ({ body }: Answer): string => body['metadata'].continue;
const versionOf = ({ body }: Answer): string => body['metadata'].resourceVersion;

const encoded = (token: Json): string => Buffer.from(JSON.stringify(token)).toString('base64url');

test('the pages of a list show one moment, whatever happens between them', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 36 });
  const ask = await kubernetes(rehearsal);
  const page = pages(ask);
  const first = await page(20);
  const before = namesOf(await page(0));
  await ask('DELETE', '/api/v1/namespaces/payments/secrets/gateway-0003');
  await ask('POST', payments, { body: newSecret('zzz') });
  await ask('PATCH', `${payments}/gateway-0002`, { body: { data: { x: 'eA==' } }, headers: mergePatch });
  const rest = await page(0, tokenOf(first));
  assert.deepEqual([...namesOf(first), ...namesOf(rest)], before);
  assert.equal(versionOf(rest), versionOf(first));
  assert.equal(first.body['metadata'].remainingItemCount, 16);
  assert.equal(rest.body['metadata'].remainingItemCount, undefined);
  const now = namesOf(await page(0));
  assert.ok(now.includes('payments/zzz') && !now.includes('payments/gateway-0003'));
});

test('a token is of the form that the API server gives, and one that is not is refused', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 36 });
  const ask = await kubernetes(rehearsal);
  const first = await pages(ask, payments)(2);
  const { v, rv, start } = JSON.parse(Buffer.from(tokenOf(first), 'base64url').toString());
  assert.deepEqual([v, String(rv), start], ['meta.k8s.io/v1', versionOf(first), 'gateway-0002\0']);
  for (const token of ['nonsense', encoded({ v, rv: 0, start }), encoded({ v: 'v2', rv, start })])
    assert.equal((await pages(ask, payments)(2, token)).status, 400, token);
  const both = `${payments}?continue=${tokenOf(first)}&resourceVersion=1`;
  assert.equal((await ask('GET', both)).status, 400);
});

test('an old list is forgotten: 410 with a token that goes on with what there is now', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 36 });
  const ask = await kubernetes(rehearsal);
  const page = pages(ask);
  const first = await page(20);
  for (let n = 0; n < 10; n += 1) {
    await ask('POST', payments, { body: newSecret(`zzz-${n}`) });
    await page(1);
  }
  const expired = await page(20, tokenOf(first));
  assert.deepEqual([expired.status, expired.body['reason']], [410, 'Expired']);
  const rest = await page(20, tokenOf(expired));
  assert.equal(rest.status, 200);
  assert.notEqual(versionOf(rest), versionOf(first));
  const last = await page(20, tokenOf(rest));
  assert.equal(versionOf(last), versionOf(rest));
  const names = [...namesOf(first), ...namesOf(rest), ...namesOf(last)];
  assert.deepEqual([new Set(names).size, names.length], [46, 46]);
});

test('fault lists-expire: every token is refused once, also that of a page that went on anew', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 36, faults: ['lists-expire'] });
  const page = pages(await kubernetes(rehearsal));
  let answer = await page(10);
  const statuses = [answer.status];
  const names = namesOf(answer);
  while (tokenOf(answer) !== undefined) {
    answer = await page(10, tokenOf(answer));
    statuses.push(answer.status);
    if (answer.status === 200) names.push(...namesOf(answer));
  }
  assert.deepEqual(statuses, [200, 410, 200, 410, 200, 410, 200]);
  assert.equal(new Set(names).size, 36);
});

test('an exact version is shown as it was, one that is forgotten or to come is refused', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 12 });
  const ask = await kubernetes(rehearsal);
  const at = (version: string | number): Promise<Answer> =>
    ask('GET', `/api/v1/secrets?resourceVersion=${version}&resourceVersionMatch=Exact`);
  const version = versionOf(await ask('GET', '/api/v1/secrets'));
  await ask('DELETE', `${payments}/gateway-0001`);
  assert.equal((await at(version)).body['items'].length, 12);
  assert.equal((await ask('GET', '/api/v1/secrets?resourceVersion=0')).body['items'].length, 11);
  assert.deepEqual((await at(7)).body['code'], 410);
  assert.deepEqual((await at(Number(version) + 1000)).body['code'], 504);
});

test('a selector filters, and how many are left is not known then', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 36 });
  const ask = await kubernetes(rehearsal);
  const select = 'fieldSelector=type%3DOpaque,metadata.namespace!%3Dpayments';
  const first = await ask('GET', `/api/v1/secrets?limit=4&${select}`);
  const rest = await ask('GET', `/api/v1/secrets?continue=${tokenOf(first)}&${select}`);
  const names = [...namesOf(first), ...namesOf(rest)];
  assert.equal(names.length, 18);
  assert.ok(names.every((name) => !name.startsWith('payments/')));
  assert.equal(first.body['metadata'].remainingItemCount, undefined);
});

test('every write in the cluster gets a higher version than all before', async (t) => {
  const rehearsal = await rehearse(t, { secretCount: 24 });
  const ask = await kubernetes(rehearsal);
  await finished(rehearsal, await put(rehearsal, disableKms));
  const versions: number[] = [];
  for (const name of ['gateway-0002', 'gateway-0001', 'gateway-0002']) {
    const { body } = await ask('PATCH', `${payments}/${name}`, { body: {}, headers: mergePatch });
    versions.push(Number(body['metadata'].resourceVersion));
  }
  const [first = 0, second = 0, third = 0] = versions;
  assert.ok(second > first);
  assert.equal(third, first);
  assert.equal(versionOf(await ask('GET', '/api/v1/secrets?limit=1')), String(second));
});
