/**
 * How a cluster encrypts its secrets, and which runbook that makes it one for. The list of clusters, the picker and the
 * headings use this; the runbooks say the same in their own checks, and `test/commands/fitting.test.ts` holds the two
 * against each other.
 */
import { compareVersions } from '../runbook/versions.ts';
import { hasSucceeded, isBusy } from './cluster.ts';
import type { ClusterSettings } from './events.ts';

/** `unknown`: what was read does not show whether the newer encryption (PMK, CMK) is on. */
export type Generation = 'none' | 'v1' | 'v2' | 'PMK' | 'CMK' | 'unknown';

export interface Encryption {
  /** The version the control plane runs; undefined when Azure does not say. */
  version: string | undefined;
  generation: Generation;
  /** How KMS reaches the operator's key vault; undefined when there is none in use. */
  vault: 'public' | 'private' | undefined;
}

/** What can be done about a cluster. */
export interface Fitting {
  /** Ids of the runbooks for a cluster encrypted like this. */
  runbooks: readonly string[];
  /** Why none can be begun now, one sentence; undefined when the first one can. */
  blocked?: string | undefined;
  /** What to do about it, one sentence. */
  fix?: string | undefined;
  /** Why a runbook that is for clusters encrypted like this is not among them, one sentence. */
  note?: string | undefined;
}

/** KMS is configured as v2 from here on (document "Migrate to KMS v2", its introduction). */
const firstWithV2 = '1.27.0';
/** The newer encryption needs this (document "Migrate to KMS with PMK or CMK", its prerequisites). */
const firstWithNewKms = '1.33.0';

/**
 * What the settings show. `cluster` is a managed cluster with its properties at the top, as `az aks show` prints it.
 * `shown` is false when it was read in a way that leaves out `kubernetesResourceObjectEncryptionProfile`; that matters
 * only from Kubernetes 1.33 on.
 */
export function readEncryption(cluster: unknown, shown = true): Encryption {
  const version =
    text(field(cluster, 'currentKubernetesVersion')) ?? text(field(cluster, 'kubernetesVersion'));
  const security = field(cluster, 'securityProfile');
  const kms = field(security, 'azureKeyVaultKms');
  const on = field(kms, 'enabled') === true;
  const isPrivate = word(field(kms, 'keyVaultNetworkAccess')) === 'private';
  const newKms = word(
    field(field(security, 'kubernetesResourceObjectEncryptionProfile'), 'infrastructureEncryption'),
  );
  const vault = on ? (isPrivate ? 'private' : 'public') : undefined;
  const generation = ((): Generation => {
    if (newKms === 'enabled') return on ? 'CMK' : 'PMK';
    if (version === undefined) return on || !shown ? 'unknown' : 'none';
    if (!shown && newKms === undefined && atLeast(version, firstWithNewKms)) return 'unknown';
    if (!on) return 'none';
    return atLeast(version, firstWithV2) ? 'v2' : 'v1';
  })();
  return { version, generation, vault };
}

/**
 * What settings that were kept from an earlier reading show; `version` is the cluster's, where they do not name it.
 */
export function settingsEncryption(settings: ClusterSettings, version: string): Encryption {
  const kubernetesVersion = text(settings['kubernetesVersion']) ?? version;
  return readEncryption(
    { kubernetesVersion, securityProfile: settings },
    settings['encryptionShown'] !== false,
  );
}

/** Which runbooks a cluster is for, and what keeps them from being begun. */
export function fittingRunbooks(cluster: unknown, encryption: Encryption): Fitting {
  const { generation, version = '', vault = 'public' } = encryption;
  switch (generation) {
    case 'unknown':
      return {
        runbooks: [],
        blocked: 'It was not possible to tell whether the new KMS encryption is on.',
        fix: 'Look at it with az aks show and the aks-preview extension.',
      };
    case 'none':
      return {
        runbooks: [],
        blocked: 'KMS is not turned on, so there is nothing to migrate from.',
        fix: 'To begin with KMS, see https://learn.microsoft.com/azure/aks/kms-data-encryption.',
      };
    case 'PMK':
      return { runbooks: [], blocked: 'It is already on platform-managed keys (PMK).' };
    case 'CMK':
      return { runbooks: [], blocked: 'It is already on customer-managed keys (CMK).' };
    case 'v1':
      return {
        runbooks: [`kms-v1-to-v2-${vault}`],
        ...(obstacle(cluster) ?? (vault === 'private' ? integrationMissing(cluster) : undefined)),
      };
    case 'v2': {
      if (!atLeast(version, firstWithNewKms)) {
        return {
          runbooks: [],
          blocked: `It runs Kubernetes ${version}, and the new KMS encryption needs ${firstWithNewKms} or later.`,
          fix: 'Upgrade it with az aks upgrade, one minor version at a time.',
        };
      }
      const [pmk, cmk] = [`kms-v2-${vault}-to-pmk`, `kms-v2-${vault}-to-cmk`];
      const identity = word(field(field(cluster, 'identity'), 'type'));
      const inTheWay = obstacle(cluster);
      if (identity === 'userassigned') return { runbooks: [pmk, cmk], ...inTheWay };
      if (identity !== 'systemassigned') return { runbooks: [pmk, cmk], ...(inTheWay ?? identityMissing) };
      const note = `${cmk} needs a user-assigned managed identity, and its own is system-assigned.`;
      return { runbooks: [pmk], ...inTheWay, note };
    }
  }
}

/** `KMS v2, public vault`, `PMK`, `KMS off`. */
export function encryptionText({ version, generation, vault }: Encryption): string {
  switch (generation) {
    case 'none':
      return 'KMS off';
    case 'unknown':
      if (vault === undefined) return 'KMS off or PMK';
      return `KMS ${version === undefined ? 'v1, v2' : 'v2'} or CMK, ${vault} vault`;
    case 'v1':
    case 'v2':
      return `KMS ${generation}, ${vault ?? 'public'} vault`;
    default:
      return vault === undefined ? generation : `${generation}, ${vault} vault`;
  }
}

/** The cluster's state in one word: `Stopped`, or its provisioning state. */
export function clusterState(cluster: unknown): string {
  if (powerState(cluster)?.toLowerCase() === 'stopped') return 'Stopped';
  return text(field(cluster, 'provisioningState')) ?? 'unknown';
}

function powerState(cluster: unknown): string | undefined {
  return text(field(field(cluster, 'powerState'), 'code'));
}

/** What is not known to be in order is in the way: a run would not begin either. */
function obstacle(cluster: unknown): Omit<Fitting, 'runbooks'> | undefined {
  const power = powerState(cluster);
  const state = text(field(cluster, 'provisioningState'));
  const look = 'Look at it with az aks show.';
  if (power?.toLowerCase() === 'stopped')
    return {
      blocked: 'It is stopped.',
      fix: 'Start it with az aks start, and wait until its nodes are ready.',
    };
  if (power === undefined) return { blocked: 'Azure does not say whether it is running.', fix: look };
  if (power.toLowerCase() !== 'running') return { blocked: `Its power state is ${power}.`, fix: look };
  if (state === undefined) return { blocked: 'Azure does not say what state it is in.', fix: look };
  if (isBusy(state))
    return { blocked: `An operation is in progress (${state}).`, fix: 'Wait until it has ended.' };
  if (!hasSucceeded(state))
    return {
      blocked: `Its last operation ended as ${state}.`,
      fix: 'Look into the activity log; az aks update without further options often settles it.',
    };
  return undefined;
}

function integrationMissing(cluster: unknown): Omit<Fitting, 'runbooks'> | undefined {
  if (field(field(cluster, 'apiServerAccessProfile'), 'enableVnetIntegration') === true) return undefined;
  return {
    blocked:
      'It has no API Server VNet Integration, so KMS could not be turned on again for its private key vault.',
    fix: 'See https://learn.microsoft.com/azure/aks/api-server-vnet-integration.',
  };
}

const identityMissing: Omit<Fitting, 'runbooks'> = {
  blocked: 'It has no managed identity, which the new KMS encryption needs.',
  fix: 'See https://learn.microsoft.com/azure/aks/use-managed-identity.',
};

function atLeast(version: string, wanted: string): boolean {
  return (compareVersions(version, wanted) ?? -1) >= 0;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A value of one of Azure's enumerations, which are the same in whatever case they are written. */
function word(value: unknown): string | undefined {
  return text(value)?.toLowerCase();
}
