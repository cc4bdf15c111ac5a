/** What the facts look like, as far as expressions can be checked against it. */
import type { FactName } from './model.ts';

/** What a value may be asked for. */
export type Shape =
  /** Nothing is known: anything goes. */
  | 'any'
  /** Exactly these fields; another name is a mistake. */
  | { kind: 'record'; fields: Readonly<Record<string, Shape>> }
  /** These fields and others the service may add; a name close to one of these is probably a slip. */
  | { kind: 'open'; fields: Readonly<Record<string, Shape>> }
  | { kind: 'list'; items: Shape };

const record = (fields: Record<string, Shape>): Shape => ({ kind: 'record', fields });
const open = (fields: Record<string, Shape>): Shape => ({ kind: 'open', fields });
const list = (items: Shape): Shape => ({ kind: 'list', items });

/** `Microsoft.ContainerService/managedClusters`, with `properties` merged up one level as `az aks show` prints it. */
const cluster = open({
  id: 'any',
  name: 'any',
  location: 'any',
  tags: 'any',
  sku: open({ name: 'any', tier: 'any' }),
  identity: open({ type: 'any', principalId: 'any', tenantId: 'any', userAssignedIdentities: 'any' }),
  identityProfile: 'any',
  provisioningState: 'any',
  powerState: open({ code: 'any' }),
  kubernetesVersion: 'any',
  currentKubernetesVersion: 'any',
  dnsPrefix: 'any',
  fqdn: 'any',
  privateFQDN: 'any',
  nodeResourceGroup: 'any',
  agentPoolProfiles: list('any'),
  networkProfile: 'any',
  apiServerAccessProfile: open({
    authorizedIPRanges: 'any',
    enablePrivateCluster: 'any',
    enableVnetIntegration: 'any',
    subnetId: 'any',
  }),
  securityProfile: open({
    azureKeyVaultKms: open({
      enabled: 'any',
      keyId: 'any',
      keyVaultNetworkAccess: 'any',
      keyVaultResourceId: 'any',
    }),
    kubernetesResourceObjectEncryptionProfile: open({ infrastructureEncryption: 'any' }),
    defender: 'any',
    imageCleaner: 'any',
    workloadIdentity: 'any',
    customCATrustCertificates: 'any',
  }),
});

/** The shape of every fact but `params` and `captured`, which are the run's own. */
const factShapes: Readonly<Record<Exclude<FactName, 'params' | 'captured'>, Shape>> = {
  cluster,
  upgrades: record({ current: 'any', offered: list(record({ version: 'any', support: 'any' })) }),
  identity: record({ type: 'any', id: 'any', name: 'any', principalId: 'any' }),
  vault: record({
    id: 'any',
    name: 'any',
    publicNetworkAccess: 'any',
    defaultAction: 'any',
    bypass: 'any',
    rbac: 'any',
    policies: list(record({ principalId: 'any', keys: list('any') })),
  }),
  roles: record({
    names: list('any'),
    assignments: list(record({ role: 'any', scope: 'any' })),
    keyPermissions: list('any'),
  }),
  // By the name of the feature flag in Microsoft.ContainerService.
  features: 'any',
  tools: record({ az: 'any', 'aks-preview': 'any', kubectl: 'any', kubelogin: 'any' }),
  account: record({
    operator: 'any',
    tenant: 'any',
    subscription: 'any',
    subscriptionName: 'any',
    cloud: 'any',
  }),
  access: record({ updateCluster: 'any', patchSecrets: 'any', updateSecrets: 'any', missing: list('any') }),
  secrets: record({ count: 'any', namespaces: list(record({ name: 'any', count: 'any' })) }),
  policy: record({ allowed: 'any', blocked: list(record({ namespace: 'any', message: 'any' })) }),
};

/**
 * All facts together, as an expression sees them: `params` has a field for each of the given names. What steps
 * capture is known only while a runbook is read, so `captured` has any field.
 */
export function factsShape(parameters: readonly string[]): Shape {
  const params: Record<string, Shape> = {};
  for (const name of parameters) params[name] = 'any';
  return record({ ...factShapes, params: record(params), captured: 'any' });
}
