/** The key vault a cluster's KMS key is in. */
import { readKeyId } from '../../plan/key-id.ts';
import { ToolError } from '../../runbook/errors.ts';
import type { Cluster } from './cluster.ts';
import { adapt, type AzureConnection, clientOptions, requestOptions } from './connection.ts';
import { azureError } from './errors.ts';

/**
 * The fact `vault`. Azure's own defaults stand in for what a vault leaves out; what it says is passed on as it is, since
 * Azure may come to say more than is known here.
 */
export interface Vault {
  id: string;
  name: string;
  /** `Enabled`, `Disabled`, or `SecuredByPerimeter`: a network security perimeter decides, not the firewall. */
  publicNetworkAccess: string;
  /** What the firewall does with a network no rule is about: `Allow` or `Deny`. */
  defaultAction: string;
  /** Who may pass the firewall: `AzureServices` (the trusted Microsoft services) or `None`. */
  bypass: string;
  /** True: access to keys goes by role assignments; false: by the vault's access policies. */
  rbac: boolean;
  /** What the vault's access policies allow with keys, in lower case, by object id. */
  policies: readonly { principalId: string; keys: readonly string[] }[];
}

/** Where a key is: `https://VAULT.vault.azure.net/keys/NAME/VERSION` and the vault's id, if the cluster has it. */
interface KeyPlace {
  vaultName: string;
  keyName: string;
  vaultId: string | undefined;
}

/** @throws ToolError when the cluster says nothing of a key. */
export function keyPlace(cluster: Cluster): KeyPlace {
  const { azureKeyVaultKms: kms } = (cluster['securityProfile'] ?? {}) as {
    azureKeyVaultKms?: { keyId?: string; keyVaultResourceId?: string };
  };
  const id = readKeyId(kms?.keyId ?? '');
  if (id === undefined)
    throw new ToolError(
      `Cluster ${cluster.name} does not say which key its secrets are encrypted with.`,
      'Check with az aks show that KMS is on (securityProfile.azureKeyVaultKms).',
    );
  return { vaultName: id.vault, keyName: id.key, vaultId: kms?.keyVaultResourceId || undefined };
}

/**
 * Reads the vault: by its id where the cluster has it (it may be in another subscription), else by its name, which is
 * unique in the world, among the vaults of the cluster's subscription.
 */
export async function readVault(
  connection: AzureConnection,
  subscription: string,
  place: KeyPlace,
  signal?: AbortSignal,
): Promise<Vault> {
  try {
    const found = await find(connection, subscription, place, signal);
    if (found?.id === undefined)
      throw new ToolError(
        `Key vault ${place.vaultName} is not among those you can see in the cluster's subscription.`,
        'Ask for the role Reader on it. If it is in another subscription, check by hand what this step checks.',
      );
    const { networkAcls, publicNetworkAccess, enableRbacAuthorization, accessPolicies } =
      found.properties ?? {};
    return {
      id: found.id,
      name: found.name ?? place.vaultName,
      publicNetworkAccess: publicNetworkAccess || 'Enabled',
      defaultAction: networkAcls?.defaultAction || 'Allow',
      bypass: networkAcls?.bypass || 'AzureServices',
      rbac: enableRbacAuthorization === true,
      policies: (accessPolicies ?? [])
        // One with an application is for that application acting for somebody, which no identity of a cluster does.
        .filter(({ applicationId }) => !applicationId)
        .map(({ objectId, permissions }) => ({
          principalId: objectId,
          keys: (permissions.keys ?? []).map((permission) => permission.toLowerCase()),
        })),
    };
  } catch (error) {
    throw azureError(error, `read key vault ${place.vaultName}`, signal);
  }
}

async function find(
  connection: AzureConnection,
  subscription: string,
  { vaultName, vaultId }: KeyPlace,
  signal: AbortSignal | undefined,
) {
  const [, owner = subscription, group] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\//i.exec(vaultId ?? '') ?? [];
  const { KeyVaultManagementClient } = await import('@azure/arm-keyvault');
  const client = new KeyVaultManagementClient(connection.credential, owner, clientOptions(connection));
  adapt(client.pipeline, connection);
  if (group !== undefined) return client.vaults.get(group, vaultName, requestOptions(signal));
  for await (const vault of client.vaults.listBySubscription(requestOptions(signal)))
    if (vault.name?.toLowerCase() === vaultName.toLowerCase()) return vault;
  return undefined;
}
