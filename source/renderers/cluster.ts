/** The cluster a run is for, in the few words of a heading. */
import type { ClusterSettings } from '../engine/events.ts';
import type { RunState } from '../engine/state.ts';

/** `rehearsal · rehearsal-rg · 1.33.2 · KMS v2, public vault`: as it was read last. */
export function clusterLine(state: RunState): string {
  const settings = state.settings.after ?? state.settings.before;
  const version = text(settings?.['kubernetesVersion']) ?? state.header.cluster.kubernetesVersion;
  const { clusterName, resourceGroup } = state.plan.target;
  const mode = settings === undefined ? undefined : kmsMode(settings, version);
  return [clusterName, resourceGroup, version, ...(mode === undefined ? [] : [mode])].join(' · ');
}

/**
 * The generation of secret encryption that settings show. From Kubernetes 1.27 on, AKS configures KMS v2; the newer
 * experience (PMK, CMK) is `infrastructureEncryption`, with the operator's own vault or without.
 */
export function kmsMode(settings: ClusterSettings, version: string): string {
  const vault = settings['azureKeyVaultKms'];
  const on = field(vault, 'enabled') === true;
  const access = text(field(vault, 'keyVaultNetworkAccess'))?.toLowerCase() ?? 'public';
  const managed =
    field(settings['kubernetesResourceObjectEncryptionProfile'], 'infrastructureEncryption') === 'Enabled';
  if (managed) return on ? `CMK, ${access} vault` : 'PMK';
  if (!on) return 'KMS off';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return `KMS ${major > 1 || minor >= 27 ? 'v2' : 'v1'}, ${access} vault`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
