/** The list of clusters and the runbooks' own checks have to agree on which cluster is for which runbook. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listClusters } from '../../source/adapters/azure/cluster-list.ts';
import { readCluster } from '../../source/adapters/azure/cluster.ts';
import type { Cluster } from '../../source/adapters/azure/cluster.ts';
import { identityOf } from '../../source/adapters/azure/identity.ts';
import { diagnoseChecks } from '../../source/commands/check-diagnosis.ts';
import { openShippedRunbooks } from '../../source/commands/runbook-files.ts';
import { fittingRunbooks, readEncryption } from '../../source/engine/encryption.ts';
import type { Fitting } from '../../source/engine/encryption.ts';
import type { Runbook } from '../../source/runbook/model.ts';
import { simulate } from '../adapters/simulation.ts';

const runbooks = await openShippedRunbooks();

/** What the checks on the cluster alone say against beginning the runbook; undefined when all hold. */
async function refusal(runbook: Runbook, cluster: Cluster): Promise<string | undefined> {
  const looked = { values: { cluster, identity: identityOf(cluster) }, failures: new Map() };
  const facts = { read: async () => looked, close: async () => undefined };
  const findings = await diagnoseChecks([{ runbook, parameters: {} }], facts, true);
  return findings.find(({ status }) => status === 'missing')?.means;
}

/** Compares the two for every runbook, and returns those that can be begun. */
async function agreed(
  what: string,
  cluster: Cluster,
  { runbooks: listed, blocked }: Fitting,
): Promise<string[]> {
  const begun: string[] = [];
  for (const runbook of runbooks) {
    const refused = await refusal(runbook, cluster);
    const offered = blocked === undefined && listed.includes(runbook.id);
    assert.equal(offered, refused === undefined, `${what}, ${runbook.id}: ${refused} / ${blocked}`);
    if (offered) begun.push(runbook.id);
  }
  return begun;
}

test('a cluster is listed for exactly the runbooks whose checks it passes', async (t) => {
  const { connection } = await simulate(t, [], 12, 'kms-v2-public', { neighbours: true });
  const { clusters, warnings } = await listClusters(connection);
  assert.deepEqual(warnings, []);
  const taken = new Set<string>();
  for (const listed of clusters) {
    const target = { clusterName: listed.name, resourceGroup: listed.resourceGroup };
    const { cluster } = await readCluster(connection, listed.subscription.id, target);
    for (const id of await agreed(listed.name, cluster, listed)) taken.add(id);
  }
  assert.deepEqual(
    [...taken].sort(),
    runbooks.map(({ id }) => id).filter((id) => id.startsWith('kms-')),
  );
});

test('so it is whatever of a cluster is not as usual, or not known', async (t) => {
  const { connection } = await simulate(t, [], 12, 'kms-v2-public', { neighbours: true });
  const { clusters } = await listClusters(connection);
  const differences: Record<string, unknown>[] = [
    { powerState: null },
    { powerState: { code: null } },
    { powerState: { code: 'Stopped' } },
    { powerState: { code: 'Starting' } },
    { provisioningState: null },
    { provisioningState: 'Updating' },
    { provisioningState: 'Canceled' },
    { identity: { type: 'None' } },
    { identity: null },
    { identity: { type: 'SystemAssigned', principalId: '00000000-0000-4000-8000-000000000001' } },
  ];
  for (const listed of clusters.filter(({ name }) => name.startsWith('kms-'))) {
    const target = { clusterName: listed.name, resourceGroup: listed.resourceGroup };
    const { cluster } = await readCluster(connection, listed.subscription.id, target);
    for (const difference of differences) {
      const other = { ...cluster, ...difference };
      const what = `${listed.name} with ${JSON.stringify(difference)}`;
      await agreed(what, other, fittingRunbooks(other, readEncryption(other)));
    }
  }
});
