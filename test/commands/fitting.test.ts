/** The list of clusters and the runbooks' own checks have to agree on which cluster is for which runbook. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listClusters } from '../../source/adapters/azure/cluster-list.ts';
import { readCluster } from '../../source/adapters/azure/cluster.ts';
import type { Cluster } from '../../source/adapters/azure/cluster.ts';
import { openShippedRunbooks } from '../../source/commands/runbook-files.ts';
import { evaluate } from '../../source/plan/conditions.ts';
import type { Runbook } from '../../source/runbook/model.ts';
import { simulate } from '../adapters/simulation.ts';

/** The first check on the cluster alone that keeps the runbook from its first change; undefined when all hold. */
function refusal(runbook: Runbook, cluster: Cluster): string | undefined {
  const steps = runbook.sections.flatMap((section) => section.steps);
  for (const step of steps) {
    if (step.kind === 'run' && step.changes) return undefined;
    if (step.kind !== 'check' || step.severity !== 'blocking') continue;
    const { check, when } = step;
    if ([...check.facts, ...(when?.facts ?? [])].some((fact) => fact !== 'cluster')) continue;
    if (when !== undefined && !evaluate(when, { cluster })) continue;
    if (!evaluate(check, { cluster })) return step.message;
  }
  return undefined;
}

test('a cluster is listed for exactly the runbooks whose checks it passes', async (t) => {
  const { connection } = await simulate(t, [], 12, 'kms-v2-public', { neighbours: true });
  const { clusters, warnings } = await listClusters(connection);
  assert.deepEqual(warnings, []);
  const runbooks = await openShippedRunbooks();
  const taken = new Set<string>();
  for (const { name, resourceGroup, subscription, runbooks: listed, blocked } of clusters) {
    const target = { clusterName: name, resourceGroup };
    const { cluster } = await readCluster(connection, subscription.id, target);
    for (const runbook of runbooks) {
      const refused = refusal(runbook, cluster);
      const offered = blocked === undefined && listed.includes(runbook.id);
      assert.equal(offered, refused === undefined, `${name}, ${runbook.id}: ${refused} / ${blocked}`);
      if (offered) taken.add(runbook.id);
    }
  }
  assert.deepEqual(
    [...taken].sort(),
    runbooks.map(({ id }) => id).filter((id) => id.startsWith('kms-')),
  );
});
