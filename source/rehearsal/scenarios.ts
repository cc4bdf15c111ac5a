/** The clusters a rehearsal can start from. */
import { randomBytes } from 'node:crypto';

import type { FaultName } from './faults.ts';
import { teamsFor } from './population.ts';
import type { KeyVaultKms, State } from './state.ts';
import { currentKey, lagBehind } from './state.ts';
import { clusterDomain, keyId, previousKeyId, vaultId } from './subscription.ts';

interface Scenario {
  name: string;
  description: string;
  version: string;
  kms?: 'public' | 'private';
  infrastructureEncryption?: 'Enabled';
  vnetIntegration?: true;
  stopped?: true;
  failed?: true;
  /** Its key was rotated, and no secret written since. */
  rotated?: true;
}

export const scenarios: readonly Scenario[] = [
  { name: 'kms-v2-public', description: 'KMS v2, public key vault, 1.33', version: '1.33.2', kms: 'public' },
  {
    name: 'kms-v2-rotated',
    description: 'KMS v2, public key vault, 1.33, every secret still under the key before the newest',
    version: '1.33.2',
    kms: 'public',
    rotated: true,
  },
  {
    name: 'kms-v2-private',
    description: 'KMS v2, private key vault with API Server VNet Integration, 1.33',
    version: '1.33.2',
    kms: 'private',
    vnetIntegration: true,
  },
  {
    name: 'kms-v2-private-no-vnet',
    description: 'KMS v2, private key vault without API Server VNet Integration, 1.33',
    version: '1.33.2',
    kms: 'private',
  },
  { name: 'kms-v1-public', description: 'KMS v1, public key vault, 1.26', version: '1.26.15', kms: 'public' },
  {
    name: 'kms-v1-public-1-24',
    description: 'KMS v1, public key vault, 1.24, three upgrades away from 1.27',
    version: '1.24.17',
    kms: 'public',
  },
  {
    name: 'kms-v1-private',
    description: 'KMS v1, private key vault with API Server VNet Integration, 1.26',
    version: '1.26.15',
    kms: 'private',
    vnetIntegration: true,
  },
  {
    name: 'kms-v1-private-no-vnet',
    description: 'KMS v1, private key vault without API Server VNet Integration, 1.26',
    version: '1.26.15',
    kms: 'private',
  },
  {
    name: 'pmk',
    description: 'Already on a platform-managed key, 1.33',
    version: '1.33.2',
    infrastructureEncryption: 'Enabled',
  },
  {
    name: 'cmk',
    description: 'Already on a customer-managed key, 1.33',
    version: '1.33.2',
    kms: 'public',
    infrastructureEncryption: 'Enabled',
  },
  { name: 'no-kms', description: 'KMS never turned on, 1.33', version: '1.33.2' },
  {
    name: 'too-old',
    description: 'KMS v2, public key vault, but 1.32, too old for PMK and CMK',
    version: '1.32.4',
    kms: 'public',
  },
  {
    name: 'stopped',
    description: 'KMS v2, public key vault, 1.33, and the cluster is stopped',
    version: '1.33.2',
    kms: 'public',
    stopped: true,
  },
  {
    name: 'failed-state',
    description: 'KMS v2, public key vault, 1.33, left Failed by an earlier operation',
    version: '1.33.2',
    kms: 'public',
    failed: true,
  },
];

/** Milliseconds that the fault `distant-api-server` adds to a round trip. */
const distance = 24;

/** Versions of Kubernetes that AKS offers in the simulated region, oldest first. */
export const kubernetesVersions = [
  '1.24.17',
  '1.25.16',
  '1.26.15',
  '1.27.1',
  '1.27.9',
  '1.27.16',
  '1.28.15',
  '1.29.15',
  '1.30.14',
  '1.31.11',
  '1.32.4',
  '1.32.9',
  '1.33.2',
  '1.33.5',
  '1.34.1',
] as const;

export function scenarioNamed(name: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.name === name);
}

/** The state a rehearsal of `scenario` begins with. */
export function initialState(
  scenario: Scenario,
  options: {
    faults: readonly FaultName[];
    clients?: State['clients'];
    clusterName: string;
    resourceGroup: string;
    now: number;
    neighbours?: boolean | undefined;
    seed?: number | undefined;
    roundTrip?: number | undefined;
    secretCount?: number | undefined;
  },
): State {
  const { faults, clients, clusterName, resourceGroup, now, neighbours = false, seed } = options;
  const lags = scenario.rotated === true && faults.includes('api-server-lags');
  const missing = faults.includes('aks-preview-missing');
  const preview = faults.includes('aks-preview-old') ? '18.0.0b1' : '19.0.0b13';
  return {
    format: 1,
    scenario: scenario.name,
    faults,
    clients,
    createdAt: now,
    clusterName,
    resourceGroup,
    fqdn: newFqdn(clusterName),
    ...(neighbours ? { neighbours } : {}),
    settings: {
      kubernetesVersion: scenario.version,
      kms: scenario.kms === undefined ? undefined : vaultKms(scenario.kms, resourceGroup),
      infrastructureEncryption: scenario.infrastructureEncryption,
    },
    ...(lags ? { lag: lagBehind(`kms-v2:${previousKeyId}`) } : {}),
    provisioningState: scenario.failed === true ? 'Failed' : 'Succeeded',
    power: scenario.stopped === true ? 'Stopped' : 'Running',
    vnetIntegration: scenario.vnetIntegration === true,
    operations: [],
    mutations: [],
    struck: {},
    seed,
    teams: teamsFor(options.secretCount ?? 0),
    roundTrip: options.roundTrip ?? (faults.includes('distant-api-server') ? distance : undefined),
    feature: { registered: !faults.includes('feature-not-registered') },
    tools: {
      az: faults.includes('az-old') ? '2.70.0' : '2.91.0',
      extensions: missing ? {} : { 'aks-preview': preview },
    },
    requestCounts: {},
    secretValuesSent: 0,
    keys: {
      signing: randomBytes(32).toString('hex'),
      identityHeader: randomBytes(16).toString('hex'),
      clusterToken: randomBytes(32).toString('hex'),
    },
    ports: { https: 0, proxy: 0 },
  };
}

/** The name of a new cluster's API server: no two clusters have the same, whatever they are called. */
export function newFqdn(clusterName: string): string {
  return `${dnsPrefix(clusterName)}-${randomBytes(4).toString('hex')}.${clusterDomain}`;
}

/** The key the secrets of a new rehearsal are under. */
export function initialKey(state: State): string {
  const rotated = scenarioNamed(state.scenario)?.rotated === true;
  return rotated ? `kms-v2:${previousKeyId}` : currentKey(state.settings);
}

/** AKS makes DNS names from cluster names; these allow only letters, digits and hyphens. */
export function dnsPrefix(clusterName: string): string {
  return `${clusterName
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/gu, '')
    .slice(0, 40)}-dns`;
}

function vaultKms(access: 'public' | 'private', resourceGroup: string): KeyVaultKms {
  return access === 'public'
    ? { enabled: true, keyId, keyVaultNetworkAccess: 'Public', keyVaultResourceId: '' }
    : {
        enabled: true,
        keyId,
        keyVaultNetworkAccess: 'Private',
        keyVaultResourceId: vaultId(resourceGroup),
      };
}
