import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listClusters } from '../../../source/adapters/azure/cluster-list.ts';
import { scenarios } from '../../../source/rehearsal/index.ts';
import { simulate } from '../simulation.ts';

test('every page is read, and what Resource Graph leaves out is read from the clusters', async (t) => {
  const { connection, rehearsal } = await simulate(t, [], 12, 'kms-v2-public', { neighbours: true });
  const { clusters, warnings } = await listClusters(connection, { pageSize: 2 });
  assert.deepEqual(warnings, []);
  const found = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  assert.equal(found.size, scenarios.length);
  const generations = Object.fromEntries(clusters.map(({ name, generation }) => [name, generation]));
  for (const [name, generation] of Object.entries({
    rehearsal: 'v2',
    'kms-v1-private': 'v1',
    pmk: 'PMK',
    cmk: 'CMK',
    'no-kms': 'none',
  }))
    assert.equal(generations[name], generation, name);
  const stopped = found.get('stopped');
  assert.deepEqual(
    { ...stopped, id: undefined, fix: undefined },
    {
      id: undefined,
      fix: undefined,
      name: 'stopped',
      resourceGroup: 'rehearsal-rg',
      location: 'eastus',
      subscription: { id: '00000000-0000-4000-8000-0000000a4b51', name: 'Rehearsal' },
      state: 'Stopped',
      version: '1.33.2',
      generation: 'v2',
      vault: 'public',
      runbooks: ['kms-v2-public-to-pmk', 'kms-v2-public-to-cmk'],
      blocked: 'It is stopped.',
    },
  );
  assert.equal(rehearsal.record().mutations.length, 0);
});

test('where the preview settings cannot be had, unknown is said, with the reason', async (t) => {
  const { connection } = await simulate(t, ['preview-api-refused'], 12, 'pmk');
  const { clusters, warnings } = await listClusters(connection);
  assert.deepEqual(
    clusters.map(({ generation, runbooks }) => [generation, runbooks]),
    [['unknown', []]],
  );
  assert.match(warnings[0] ?? '', /refused API version/);
});

test('a busy Resource Graph is waited for, and that is told while it happens', async (t) => {
  const { connection, retries } = await simulate(t, ['throttled']);
  const { clusters } = await listClusters(connection);
  assert.equal(clusters.length, 1);
  assert.deepEqual(new Set(retries), new Set(['Azure is busy (429) and asked to wait 1s.']));
});

test('aborting rejects with the reason', async (t) => {
  const { connection } = await simulate(t);
  const reason = new Error('enough');
  await assert.rejects(listClusters(connection, { signal: AbortSignal.abort(reason) }), reason);
});
