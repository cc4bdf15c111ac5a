/** The engine's `TargetPin` port: is what commands would act on still the planned cluster? */
import type { Difference, TargetPin } from '../engine/ports.ts';
import type { Target } from '../plan/model.ts';
import { type Account, readActive } from './azure/account.ts';
import { type Cluster, readCluster } from './azure/cluster.ts';
import type { AzureConnection } from './azure/connection.ts';
import type { Environment } from './command/capture.ts';
import type { Kubeconfig } from './kubernetes/kubeconfig.ts';

export interface TargetPinOptions {
  connection: AzureConnection;
  kubeconfig: Kubeconfig;
  /** The environment az runs in. */
  environment: Environment;
  target: Target;
  /** Who works on the run in this sitting. */
  account: Pick<Account, 'operator' | 'tenant' | 'cloud'>;
  /** Id of the planned subscription. */
  subscription: string;
  /** The cluster as the run recorded it when it started. */
  cluster: { id: string; createdAt?: string | undefined };
}

/**
 * Looks at who az acts as and in which subscription, the cluster of that name in Azure, and the server of the run's
 * kubeconfig. The same name may stand for another cluster by now; its creation time tells.
 */
export function createTargetPin(options: TargetPinOptions): TargetPin {
  const { connection, kubeconfig, environment, target, account, subscription, cluster: planned } = options;
  return {
    async differences(signal) {
      const [active, { cluster }, server] = await Promise.all([
        readActive(environment, signal),
        readCluster(connection, subscription, target, signal),
        kubeconfig.server(signal),
      ]);
      return [
        ...difference('account az is signed in with', account.operator, active.operator),
        ...difference('tenant az is signed in to', account.tenant, active.tenant),
        ...difference('active cloud of az', account.cloud, active.cloud),
        ...difference('active subscription of az', subscription, active.subscription),
        ...difference('resource id of the cluster', planned.id, cluster.id),
        ...created(planned.createdAt, cluster),
        ...addressed(cluster, server),
      ];
    },
  };
}

/** Azure's identifiers do not tell upper from lower case. */
function difference(what: string, expected: string, found: string): Difference[] {
  return expected.toLowerCase() === found.toLowerCase() ? [] : [{ what, expected, found }];
}

function created(expected: string | undefined, cluster: Cluster): Difference[] {
  const found = cluster.systemData?.createdAt;
  if (expected === undefined || found === undefined || Date.parse(expected) === Date.parse(found)) return [];
  return [{ what: 'creation time of the cluster', expected, found }];
}

function addressed(cluster: Cluster, server: string): Difference[] {
  const names = [cluster.fqdn, cluster.privateFQDN].filter((name) => name !== undefined && name !== null);
  const host = URL.parse(server)?.hostname ?? server;
  if (names.some((name) => name.toLowerCase() === host.toLowerCase())) return [];
  return [
    { what: 'server of the kubeconfig', expected: names.join(' or ') || 'an address in Azure', found: host },
  ];
}
