import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { readCluster } from '../../source/adapters/azure/cluster.ts';
import { createTargetPin, type TargetPinOptions } from '../../source/adapters/target-pin.ts';
import { simulate, subscription, target } from './simulation.ts';

const account = {
  operator: 'you@contoso.com',
  tenant: '00000000-0000-4000-8000-0000000a4b52',
  cloud: 'Rehearsal',
};

async function pinned(
  simulation: Awaited<ReturnType<typeof simulate>>,
  changed: Partial<TargetPinOptions> = {},
) {
  const { connection, kubeconfig, environment } = simulation;
  const { cluster } = await readCluster(connection, subscription, target);
  return createTargetPin({
    connection,
    kubeconfig,
    environment,
    target,
    account,
    subscription,
    cluster: { id: cluster.id, createdAt: cluster.systemData?.createdAt },
    ...changed,
  });
}

test('the planned cluster has no differences, in whatever case its id is written', async (t) => {
  const simulation = await simulate(t);
  const pin = await pinned(simulation);
  assert.deepEqual(await pin.differences(), []);
  const { cluster } = await readCluster(simulation.connection, subscription, target);
  const shouted = await pinned(simulation, { cluster: { id: cluster.id.toUpperCase() } });
  assert.deepEqual(await shouted.differences(), []);
});

test('another cluster of the same name is told by its creation and its id', async (t) => {
  const simulation = await simulate(t);
  const pin = await pinned(simulation, { cluster: { id: '/other', createdAt: '2020-01-01T00:00:00Z' } });
  const found = await pin.differences();
  assert.deepEqual(
    found.map(({ what, expected }) => [what, expected]),
    [
      ['resource id of the cluster', '/other'],
      ['creation time of the cluster', '2020-01-01T00:00:00Z'],
    ],
  );
});

test('a kubeconfig that meanwhile points elsewhere is a difference', async (t) => {
  const simulation = await simulate(t);
  const pin = await pinned(simulation);
  assert.deepEqual(await pin.differences(), []);
  const { file } = simulation.kubeconfig;
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/server: .*/, 'server: https://another.hcp.eastus.azmk8s.io:443'));
  const [difference] = await pin.differences();
  assert.equal(difference?.what, 'server of the kubeconfig');
  assert.equal(difference?.found, 'another.hcp.eastus.azmk8s.io');
  assert.match(difference?.expected ?? '', /^rehearsal.*azmk8s\.io$/);
});

test('a name that merely begins like the cluster’s address is a difference', async (t) => {
  const simulation = await simulate(t);
  const pin = await pinned(simulation);
  const server = await simulation.kubeconfig.server();
  const { file } = simulation.kubeconfig;
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(server, server.replace('.io', '.io.example.com')));
  assert.equal((await pin.differences()).length, 1);
});

test('another subscription, tenant, cloud or account of az is a difference', async (t) => {
  const simulation = await simulate(t);
  const other = '11111111-0000-4000-8000-000000000000';
  const pin = await pinned(simulation);
  assert.deepEqual(await pin.differences(), []);
  const { connection, kubeconfig, environment } = simulation;
  const { cluster } = await readCluster(connection, subscription, target);
  // The cluster is still found in the planned subscription, so only az itself has moved on.
  const moved = createTargetPin({
    connection,
    kubeconfig,
    environment: {
      ...environment,
      PATH: `${await otherAz(simulation.directory, other)}:${environment['PATH']}`,
    },
    target,
    account,
    subscription,
    cluster: { id: cluster.id },
  });
  assert.deepEqual(await moved.differences(), [
    { what: 'account az is signed in with', expected: account.operator, found: 'they@contoso.com' },
    { what: 'tenant az is signed in to', expected: account.tenant, found: other },
    { what: 'active cloud of az', expected: 'Rehearsal', found: 'AzureChinaCloud' },
    { what: 'active subscription of az', expected: subscription, found: other },
  ]);
});

async function otherAz(directory: string, id: string): Promise<string> {
  const { chmod, mkdir } = await import('node:fs/promises');
  const bin = `${directory}/other-az`;
  await mkdir(bin);
  const shown = { id, tenantId: id, environmentName: 'AzureChinaCloud', user: { name: 'they@contoso.com' } };
  await writeFile(`${bin}/az`, `#!/bin/sh\necho '${JSON.stringify(shown)}'\n`);
  await chmod(`${bin}/az`, 0o700);
  return bin;
}
