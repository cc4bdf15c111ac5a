/** What the signed-in account may do with one cluster, and what the cluster is ready for. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCluster } from '../adapters/azure/cluster.ts';
import type { Cluster } from '../adapters/azure/cluster.ts';
import { createFacts } from '../adapters/facts.ts';
import type { Access } from '../adapters/facts.ts';
import { createKubeconfig } from '../adapters/kubernetes/kubeconfig.ts';
import { encryptionText, fittingRunbooks, readEncryption } from '../engine/encryption.ts';
import type { Target } from '../plan/model.ts';
import { problem } from './finding.ts';
import type { Finding } from './finding.ts';
import type { World } from './world.ts';

/** Looks at the cluster, with a kubeconfig of its own that is removed again. */
export async function diagnoseCluster(
  world: Pick<World, 'account' | 'connection'>,
  environment: World['environment'],
  target: Target,
): Promise<Finding[]> {
  const { connection, account } = world;
  const what = `cluster ${target.clusterName}`;
  try {
    const { cluster, warnings } = await readCluster(connection, account.subscription, target);
    const access = await diagnoseAccess(world, environment, target);
    return [...diagnoseSettings(what, cluster, warnings), ...access];
  } catch (error) {
    return [problem(what, error)];
  }
}

function diagnoseSettings(what: string, cluster: Cluster, warnings: readonly string[]): Finding[] {
  const encryption = readEncryption(cluster, warnings.length === 0);
  const { runbooks, blocked, fix } = fittingRunbooks(cluster, encryption);
  return [
    { what, status: 'ok', found: `${encryption.version ?? '?'}, ${encryptionText(encryption)}` },
    blocked === undefined
      ? { what: 'runbook for it', status: 'ok', found: runbooks.join(' or ') }
      : { what: 'runbook for it', status: 'warning', found: blocked, fix },
  ];
}

async function diagnoseAccess(
  { connection, account }: Pick<World, 'account' | 'connection'>,
  environment: World['environment'],
  target: Target,
): Promise<Finding[]> {
  const directory = await mkdtemp(join(tmpdir(), 'aks-kms-runbook-'));
  const file = join(directory, 'kubeconfig');
  const own = { ...environment, KUBECONFIG: file };
  const kubeconfig = createKubeconfig({ file, target, environment: own });
  const { subscription } = account;
  const facts = createFacts({
    connection,
    subscription,
    target,
    kubeconfig,
    environment: own,
    parameters: {},
  });
  try {
    const access = (await facts.read(['access'])).values.access as Access;
    const missing = access.missing.join(', ');
    return [
      {
        what: 'update the cluster',
        status: access.updateCluster ? 'ok' : 'missing',
        found: access.updateCluster ? 'allowed' : `not allowed: ${missing}`,
        fix: access.updateCluster
          ? undefined
          : 'Ask for the role Azure Kubernetes Service Contributor on the cluster, or sign in with another account.',
      },
      {
        what: 'list and patch secrets',
        status: access.patchSecrets ? 'ok' : 'missing',
        found: access.patchSecrets ? 'allowed' : `not allowed: ${missing}`,
        fix: access.patchSecrets
          ? undefined
          : 'Ask for permission to list and patch Secrets in every namespace of the cluster.',
      },
    ];
  } catch (error) {
    return [problem('access to the cluster', error)];
  } finally {
    facts.close();
    await rm(directory, { recursive: true, force: true });
  }
}
