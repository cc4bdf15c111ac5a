/** The cluster as Azure Resource Manager has it, in the shape az shows it in. */
import { ToolError } from '../../runbook/errors.ts';
import type { Target } from '../../plan/model.ts';
import { adapt, type AzureConnection, clientOptions, requestOptions } from './connection.ts';
import { azureError, errorCode, errorStatus } from './errors.ts';

/**
 * The version az 2.91 asks with. `securityProfile.kubernetesResourceObjectEncryptionProfile` exists only in preview
 * versions; the SDK's own version is a stable one, and its types drop fields they do not know.
 */
export const previewApiVersion = '2026-03-02-preview';

/** A managed cluster with `properties` merged up one level, and its `resourceGroup`, as `az aks show` prints it. */
export interface Cluster {
  id: string;
  name: string;
  location: string;
  resourceGroup: string;
  provisioningState?: string;
  kubernetesVersion?: string;
  fqdn?: string;
  privateFQDN?: string;
  systemData?: { createdAt?: string };
  /** False when it was read with a version that does not show the new KMS encryption. */
  encryptionShown: boolean;
  [property: string]: unknown;
}

export interface ClusterReading {
  cluster: Cluster;
  warnings: readonly string[];
}

/** Reads the cluster. Errors are `ToolError`s; aborting rejects with the signal's reason. */
export async function readCluster(
  connection: AzureConnection,
  subscription: string,
  target: Target,
  signal?: AbortSignal,
): Promise<ClusterReading> {
  const get = async (apiVersion?: string): Promise<Cluster> => {
    const { ContainerServiceClient } = await import('@azure/arm-containerservice');
    const client = new ContainerServiceClient(connection.credential, subscription, {
      ...clientOptions(connection),
      ...(apiVersion === undefined ? {} : { apiVersion }),
    });
    adapt(client.pipeline, connection);
    let body = '';
    await client.managedClusters.get(target.resourceGroup, target.clusterName, {
      onResponse: (response) => {
        body = response.bodyAsText ?? '';
      },
      ...requestOptions(signal),
    });
    return asAzShows(JSON.parse(body), apiVersion !== undefined);
  };
  try {
    try {
      return { cluster: await get(previewApiVersion), warnings: [] };
    } catch (error) {
      if (!isVersionRefused(error)) throw error;
      const warning =
        `Azure refused API version ${previewApiVersion}; the cluster was read with an older one, ` +
        'which does not show whether the new KMS encryption is on.';
      return { cluster: await get(), warnings: [warning] };
    }
  } catch (error) {
    throw azureError(error, `read cluster ${target.clusterName} in ${target.resourceGroup}`, signal);
  }
}

/** ARM's ways to say that it does not know an api-version. */
function isVersionRefused(error: unknown): boolean {
  const code = errorCode(error) ?? '';
  if (errorStatus(error) !== 400 && errorStatus(error) !== 404) return false;
  return ['NoRegisteredProviderFound', 'InvalidApiVersionParameter', 'InvalidResourceType'].includes(code);
}

function asAzShows(resource: unknown, encryptionShown: boolean): Cluster {
  const { properties, ...own } = resource as { id?: string; name?: string; properties?: object };
  const resourceGroup = /\/resourceGroups\/([^/]+)\//i.exec(own.id ?? '')?.[1];
  if (resourceGroup === undefined || own.name === undefined)
    throw new ToolError(
      'Azure answered with something that is not a cluster.',
      'Check the ARM endpoint of the active cloud (az cloud show), then try again.',
    );
  return { ...properties, ...own, resourceGroup, encryptionShown } as Cluster;
}
