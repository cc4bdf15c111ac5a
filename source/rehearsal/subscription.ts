/** The fixed parts of the simulated subscription: who is signed in, and the resources beside the cluster. */

export const subscription = { id: '00000000-0000-4000-8000-0000000a4b51', name: 'Rehearsal' };
/** The other one, under the fault `second-subscription`. */
export const secondSubscription = { id: '00000000-0000-4000-8000-0000000a4b61', name: 'Rehearsal 2' };
export const tenant = {
  id: '00000000-0000-4000-8000-0000000a4b52',
  name: 'Contoso',
  domain: 'contoso.com',
};
export const user = { name: 'you@contoso.com', objectId: '00000000-0000-4000-8000-0000000a4b53' };
export const location = 'eastus';
/** Where the API servers of the region have their names. */
export const clusterDomain = `hcp.${location}.azmk8s.io`;

const clusterIdentity = {
  name: 'rehearsal-identity',
  principalId: '00000000-0000-4000-8000-0000000a4b54',
  clientId: '00000000-0000-4000-8000-0000000a4b55',
};
const kubeletIdentity = {
  name: 'rehearsal-agentpool',
  principalId: '00000000-0000-4000-8000-0000000a4b56',
  clientId: '00000000-0000-4000-8000-0000000a4b57',
};
/** The user-assigned identities, the cluster's own first. */
export const identities = [clusterIdentity, kubeletIdentity] as const;

export const vault = { name: 'rehearsal-vault', uri: 'https://rehearsal-vault.vault.azure.net/' };
/** The key the KMS scenarios start with. */
export const keyId = `${vault.uri}keys/etcd/5e1f0d0c3b2a49788796a5b4c3d2e1f0`;

/** The version of that key before the newest. */
export const previousKeyId = `${vault.uri}keys/etcd/0b1c2d3e4f5061728394a5b6c7d8e9f0`;

/** A built-in role by its name; ids are those of the real built-in roles. */
export const roleDefinitions = {
  Contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  Reader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
  'Key Vault Crypto User': '12338af0-0e69-4776-bea7-57ae8d297424',
  'Key Vault Reader': '21090545-7ca7-4776-b22c-e363652d74d2',
} as const;

export const preview = { namespace: 'Microsoft.ContainerService', feature: 'KMSPMKPreview' };

/** The subscriptions a sign-in shows, the own one first. */
export function subscriptionsOf({ faults }: { faults: readonly string[] }): { id: string; name: string }[] {
  return faults.includes('second-subscription') ? [subscription, secondSubscription] : [subscription];
}

/** ARM id of a resource group. */
export function groupId(group: string): string {
  return `/subscriptions/${subscription.id}/resourceGroups/${group}`;
}

/** ARM id of the cluster; `type` as AKS itself writes it in ids. */
export function clusterId(group: string, name: string): string {
  return `${groupId(group)}/providers/Microsoft.ContainerService/managedClusters/${name}`;
}

export function identityId(group: string, name: string): string {
  return `${groupId(group)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

export function vaultId(group: string): string {
  return `${groupId(group)}/providers/Microsoft.KeyVault/vaults/${vault.name}`;
}

export function roleDefinitionId(guid: string): string {
  return `/subscriptions/${subscription.id}/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
}
