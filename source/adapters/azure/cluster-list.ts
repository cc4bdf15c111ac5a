/** Every cluster the account can see, across the subscriptions of its tenant, from Azure Resource Graph. */
import { clusterState, fittingRunbooks, readEncryption } from '../../engine/encryption.ts';
import type { Encryption, Fitting } from '../../engine/encryption.ts';
import { ToolError } from '../../runbook/errors.ts';
import { readCluster } from './cluster.ts';
import { adapt, type AzureConnection, clientOptions, requestOptions } from './connection.ts';
import { azureError, oneLine } from './errors.ts';

export interface ListedCluster extends Encryption, Fitting {
  id: string;
  name: string;
  resourceGroup: string;
  location: string;
  subscription: { id: string; name: string };
  /** `Stopped`, or the provisioning state. */
  state: string;
}

export interface ClusterList {
  /** By subscription, then by name. */
  clusters: readonly ListedCluster[];
  warnings: readonly string[];
}

/** A cluster as the query below asks for it; what is not there is null. */
interface ClusterRow {
  id: string;
  name: string;
  location: string;
  subscriptionId: string;
  identityType: string | null;
  vnetIntegration: boolean | null;
  kubernetesVersion: string | null;
  currentKubernetesVersion: string | null;
  provisioningState: string | null;
  power: string | null;
  kms: unknown;
  encryption: unknown;
}

const clusterQuery = `resources
| where type =~ 'microsoft.containerservice/managedclusters'
| project id, name, location, subscriptionId, identityType = identity.type, \
vnetIntegration = properties.apiServerAccessProfile.enableVnetIntegration, \
kubernetesVersion = properties.kubernetesVersion, \
currentKubernetesVersion = properties.currentKubernetesVersion, \
provisioningState = properties.provisioningState, power = properties.powerState.code, \
kms = properties.securityProfile.azureKeyVaultKms, \
encryption = properties.securityProfile.kubernetesResourceObjectEncryptionProfile
| order by id asc`;

const subscriptionQuery = `resourcecontainers
| where type =~ 'microsoft.resources/subscriptions'
| project id, name, subscriptionId
| order by id asc`;

/** More clusters than this are not read one by one to learn what Resource Graph does not show. */
const fewEnough = 30;

/** Requests for single clusters at a time. */
const atOnce = 5;

export interface ClusterListOptions {
  /** Rows asked for at a time, 1000 at most. */
  pageSize?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Lists the clusters. Resource Graph may lag minutes behind, and leaves out the preview settings that tell PMK and CMK
 * from what was before; clusters for which that matters are read themselves while they are few. Throws `ToolError`s.
 */
export async function listClusters(
  connection: AzureConnection,
  options: ClusterListOptions = {},
): Promise<ClusterList> {
  const { signal } = options;
  const warnings: string[] = [];
  const [rows, subscriptions] = await Promise.all([
    query<ClusterRow>(connection, clusterQuery, options),
    query<{ subscriptionId: string; name: string }>(connection, subscriptionQuery, options),
  ]);
  if (rows.incomplete) warnings.push('Azure did not list every cluster: the list is not complete.');
  const names = new Map(
    subscriptions.rows.map(({ subscriptionId, name }) => [subscriptionId, oneLine(name)]),
  );
  const listed = rows.rows.map((row) => ({ row, cluster: asAzShows(row), shown: row.encryption !== null }));
  const unclear = listed.filter(
    ({ cluster, shown }) => readEncryption(cluster, shown).generation === 'unknown',
  );
  if (unclear.length > fewEnough)
    warnings.push(
      `${unclear.length} clusters are too many to read one by one, so whether the new KMS encryption is on is unknown.`,
    );
  else
    await inTurns(unclear, atOnce, async (entry) => {
      const { row } = entry;
      const target = { clusterName: row.name, resourceGroup: groupOf(row.id) };
      try {
        const reading = await readCluster(connection, row.subscriptionId, target, signal);
        Object.assign(entry, { cluster: reading.cluster, shown: reading.warnings.length === 0 });
        warnings.push(...reading.warnings);
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        warnings.push(error.message);
      }
    });
  const clusters = listed.map(({ row, cluster, shown }): ListedCluster => {
    const encryption = readEncryption(cluster, shown);
    const { id, name, location, subscriptionId } = row;
    return {
      id,
      name,
      resourceGroup: groupOf(id),
      location,
      subscription: { id: subscriptionId, name: names.get(subscriptionId) ?? subscriptionId },
      state: clusterState(cluster),
      ...encryption,
      ...fittingRunbooks(cluster, encryption),
    };
  });
  return { clusters: clusters.toSorted(bySubscriptionAndName), warnings: [...new Set(warnings)] };
}

function bySubscriptionAndName(a: ListedCluster, b: ListedCluster): number {
  return a.subscription.name.localeCompare(b.subscription.name) || a.name.localeCompare(b.name);
}

/** Every row of a query, page by page. `incomplete`: there was more, and no way to it. */
async function query<Row>(
  connection: AzureConnection,
  text: string,
  { pageSize = 1000, signal }: ClusterListOptions,
): Promise<{ rows: Row[]; incomplete: boolean }> {
  try {
    const { ResourceGraphClient } = await import('@azure/arm-resourcegraph');
    const client = new ResourceGraphClient(connection.credential, clientOptions(connection));
    adapt(client.pipeline, connection);
    const rows: Row[] = [];
    let skipToken: string | undefined;
    for (;;) {
      const page = await client.resources(
        {
          query: text,
          options: {
            top: pageSize,
            resultFormat: 'objectArray',
            ...(skipToken === undefined ? {} : { skipToken }),
          },
        },
        requestOptions(signal),
      );
      rows.push(...(page.data as Row[]));
      skipToken = page.skipToken;
      if (skipToken === undefined || skipToken === '')
        return { rows, incomplete: page.resultTruncated === 'true' };
    }
  } catch (error) {
    throw azureError(error, 'list the clusters', signal);
  }
}

function asAzShows(row: ClusterRow): unknown {
  return {
    kubernetesVersion: row.kubernetesVersion,
    currentKubernetesVersion: row.currentKubernetesVersion,
    provisioningState: row.provisioningState,
    powerState: { code: row.power },
    identity: { type: row.identityType },
    apiServerAccessProfile: { enableVnetIntegration: row.vnetIntegration },
    securityProfile: {
      azureKeyVaultKms: row.kms,
      kubernetesResourceObjectEncryptionProfile: row.encryption,
    },
  };
}

function groupOf(id: string): string {
  return /\/resourceGroups\/([^/]+)\//i.exec(id)?.[1] ?? '';
}

/** Does the work for each item, `count` at a time. */
async function inTurns<Item>(
  items: readonly Item[],
  count: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: count }, worker));
}
