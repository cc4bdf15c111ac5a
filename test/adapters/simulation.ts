/** A simulated subscription for the adapter tests, and the adapters pointed at it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';
import type { AzureConnection } from '../../source/adapters/azure/connection.ts';
import { createFacts } from '../../source/adapters/facts.ts';
import { createKubeconfig } from '../../source/adapters/kubernetes/kubeconfig.ts';
import { openWith } from '../../source/adapters/kubernetes/open.ts';
import { openRehearsal } from '../../source/rehearsal/index.ts';

/** The simulation's only subscription. */
export const subscription = '00000000-0000-4000-8000-0000000a4b51';
export const target = { clusterName: 'rehearsal', resourceGroup: 'rehearsal-rg' };

export async function simulate(
  t: TestContext,
  faults: readonly string[] = [],
  secretCount = 40,
  scenario = 'kms-v2-public',
  more: { neighbours?: boolean } = {},
) {
  const directory = await mkdtemp(join(tmpdir(), 'adapters-'));
  const rehearsal = await openRehearsal({
    directory,
    scenario,
    speed: 6_000,
    faults,
    secretCount,
    ...target,
    ...more,
  });
  const environment = { ...process.env, ...rehearsal.environment };
  const retries: string[] = [];
  const connection: AzureConnection = {
    endpoint: rehearsal.armEndpoint,
    scope: 'https://management.core.windows.net//.default',
    ca: rehearsal.certificate,
    credential: {
      getToken: async () => ({ token: rehearsal.token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    onRetry: (text) => retries.push(text),
  };
  const kubeconfig = createKubeconfig({
    file: join(directory, 'run', 'kubeconfig'),
    target,
    subscription,
    environment,
  });
  const parameters = { CLUSTER_NAME: target.clusterName };
  const kubernetes = openWith(kubeconfig);
  const facts = createFacts({ connection, subscription, target, kubernetes, environment, parameters });
  t.after(async () => {
    kubernetes.close();
    await rehearsal.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { directory, rehearsal, environment, connection, kubeconfig, kubernetes, facts, retries };
}
