import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { arm, rehearse, subscription } from './helpers.ts';
import type { Answer, Json } from './helpers.ts';

const path = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';
const clusters = "Resources | where type =~ 'Microsoft.ContainerService/managedClusters'";

async function asking(t: TestContext): Promise<(body: Json) => Promise<Answer>> {
  const rehearsal = await rehearse(t, { scenario: 'pmk', neighbours: true });
  return (body) => arm(rehearsal, 'POST', path, body);
}

test('a query is answered as Resource Graph does, a page at a time', async (t) => {
  const ask = await asking(t);
  const query = `${clusters} | project id, name, power = properties.powerState.code | order by name asc`;
  const names: string[] = [];
  let $skipToken: string | undefined;
  let pages = 0;
  do {
    const { status, body } = await ask({ query, options: { $top: 5, $skipToken } });
    assert.equal(status, 200);
    assert.equal(body['count'], body['data'].length);
    assert.equal(body['resultTruncated'], body['$skipToken'] === undefined ? 'false' : 'true');
    assert.deepEqual(body['facets'], []);
    names.push(...body['data'].map((row: Json) => row['name']));
    $skipToken = body['$skipToken'];
    pages += 1;
    if ($skipToken === undefined) assert.equal(names.length, body['totalRecords']);
  } while ($skipToken !== undefined);
  assert.ok(pages > 1);
  assert.deepEqual(names, names.toSorted());
  assert.ok(names.includes('rehearsal') && names.includes('kms-v2-public'));
});

test('whole resources have their type in lower case and lack the preview settings', async (t) => {
  const ask = await asking(t);
  const { body } = await ask({ query: clusters });
  const cluster = body['data'].find(({ name }: Json) => name === 'rehearsal');
  assert.equal(cluster.type, 'microsoft.containerservice/managedclusters');
  assert.equal(cluster.subscriptionId, subscription);
  assert.deepEqual(cluster.properties.securityProfile, {});
});

test('without the id there is no way to the next page, and other subscriptions have nothing', async (t) => {
  const ask = await asking(t);
  const { body } = await ask({ query: `${clusters} | project name`, options: { $top: 1 } });
  assert.equal(body['resultTruncated'], 'true');
  assert.equal(body['$skipToken'], undefined);
  const elsewhere = await ask({ query: clusters, subscriptions: ['00000000-0000-0000-0000-000000000000'] });
  assert.equal(elsewhere.body['totalRecords'], 0);
});

test('what is no query and no token for a page is refused', async (t) => {
  const ask = await asking(t);
  for (const query of ['', 'virtualmachines', `${clusters} | extend x = 1`]) {
    const { status, body } = await ask({ query });
    assert.equal(status, 400);
    assert.equal(body['error'].code, 'BadRequest');
    assert.equal(body['error'].details[0].code, 'InvalidQuery');
  }
  const token = await ask({ query: clusters, options: { $skipToken: '%' } });
  assert.equal(token.status, 400);
});
