/** What the facts look like, as far as expressions can be checked against it. */
import type { FactName } from './model.ts';

/** What a value may be asked for. */
export type Shape =
  /** Nothing is known: anything goes. */
  | 'any'
  /** One value of a kind, or null. */
  | 'text'
  | 'number'
  | 'boolean'
  /** A text that is one of these, and hardly ever another. */
  | { kind: 'word'; values: readonly string[] }
  /** Exactly these fields; another name is a mistake. */
  | { kind: 'record'; fields: Readonly<Record<string, Shape>> }
  /** These fields and others the service may add; a name close to one of these is probably a slip. */
  | { kind: 'open'; fields: Readonly<Record<string, Shape>> }
  | { kind: 'list'; items: Shape };

const record = (fields: Record<string, Shape>): Shape => ({ kind: 'record', fields });
const open = (fields: Record<string, Shape>): Shape => ({ kind: 'open', fields });
const list = (items: Shape): Shape => ({ kind: 'list', items });
const word = (...values: string[]): Shape => ({ kind: 'word', values });

/** `Microsoft.ContainerService/managedClusters`, with `properties` merged up one level as `az aks show` prints it. */
const cluster = open({
  id: 'text',
  name: 'text',
  location: 'text',
  tags: 'any',
  sku: open({ name: 'text', tier: word('Free', 'Standard', 'Premium') }),
  identity: open({
    type: word('SystemAssigned', 'UserAssigned', 'None'),
    principalId: 'text',
    tenantId: 'text',
    userAssignedIdentities: 'any',
  }),
  identityProfile: 'any',
  provisioningState: word(
    'Succeeded',
    'Failed',
    'Canceled',
    'Creating',
    'Updating',
    'Upgrading',
    'Scaling',
    'Starting',
    'Stopping',
    'Deleting',
  ),
  powerState: open({ code: word('Running', 'Stopped') }),
  kubernetesVersion: 'text',
  currentKubernetesVersion: 'text',
  dnsPrefix: 'text',
  fqdn: 'text',
  privateFQDN: 'text',
  nodeResourceGroup: 'text',
  agentPoolProfiles: list('any'),
  networkProfile: 'any',
  apiServerAccessProfile: open({
    authorizedIPRanges: list('text'),
    enablePrivateCluster: 'boolean',
    enableVnetIntegration: 'boolean',
    subnetId: 'text',
  }),
  securityProfile: open({
    azureKeyVaultKms: open({
      enabled: 'boolean',
      keyId: 'text',
      keyVaultNetworkAccess: word('Public', 'Private'),
      keyVaultResourceId: 'text',
    }),
    kubernetesResourceObjectEncryptionProfile: open({
      infrastructureEncryption: word('Enabled', 'Disabled'),
    }),
    defender: 'any',
    imageCleaner: 'any',
    workloadIdentity: 'any',
    customCATrustCertificates: 'any',
  }),
  // Ours: false when Azure did not show the new encryption settings.
  encryptionShown: 'boolean',
});

/** The shape of every fact but `params` and `captured`, which are the run's own. */
const factShapes: Readonly<Record<Exclude<FactName, 'params' | 'captured'>, Shape>> = {
  cluster,
  upgrades: record({
    current: 'text',
    offered: list(
      record({
        version: 'text',
        support: word('in support', 'long-term support only', 'out of support'),
      }),
    ),
  }),
  identity: record({
    type: word('SystemAssigned', 'UserAssigned'),
    id: 'text',
    name: 'text',
    principalId: 'text',
  }),
  vault: record({
    id: 'text',
    name: 'text',
    publicNetworkAccess: word('Enabled', 'Disabled', 'SecuredByPerimeter'),
    defaultAction: word('Allow', 'Deny'),
    bypass: word('AzureServices', 'None'),
    rbac: 'boolean',
    policies: list(record({ principalId: 'text', keys: list('text') })),
  }),
  roles: record({
    onVault: list('text'),
    onKey: list('text'),
    assignments: list(record({ role: 'text', scope: 'text' })),
    keyPermissions: list('text'),
  }),
  // By the name of the feature flag in Microsoft.ContainerService.
  features: 'any',
  tools: record({ az: 'text', 'aks-preview': 'text', kubectl: 'text', kubelogin: 'text' }),
  account: record({
    operator: 'text',
    tenant: 'text',
    subscription: 'text',
    subscriptionName: 'text',
    cloud: 'text',
  }),
  access: record({
    updateCluster: 'boolean',
    patchSecrets: 'boolean',
    updateSecrets: 'boolean',
    missing: list('text'),
  }),
  secrets: record({ count: 'number', namespaces: list(record({ name: 'text', count: 'number' })) }),
  policy: record({
    allowed: 'boolean',
    blocked: list(record({ namespace: 'text', message: 'text' })),
    reasons: list('text'),
  }),
};

/** The fields something of this shape is known to have. */
export function fieldsOf(shape: Shape): Readonly<Record<string, Shape>> {
  return typeof shape === 'object' && (shape.kind === 'record' || shape.kind === 'open') ? shape.fields : {};
}

/**
 * All facts together, as an expression sees them: `params` has a field for each of the given names. What steps
 * capture is known only when the whole runbook has been read, so any field of `captured` is taken for a text.
 */
export function factsShape(parameters: readonly string[]): Shape {
  const params: Record<string, Shape> = {};
  for (const name of parameters) params[name] = 'text';
  return record({ ...factShapes, params: record(params), captured: 'any' });
}
