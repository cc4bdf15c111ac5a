/** The cluster a run is for, in the few words of a heading. */
import { readEncryption } from '../engine/encryption.ts';
import type { Encryption } from '../engine/encryption.ts';
import type { RunState } from '../engine/state.ts';

/** `rehearsal · rehearsal-rg · 1.33.2 · KMS v2, public vault`: as it was read last. */
export function clusterLine(state: RunState): string {
  const settings = state.settings.after ?? state.settings.before;
  const version = text(settings?.['kubernetesVersion']) ?? state.header.cluster.kubernetesVersion;
  const { clusterName, resourceGroup } = state.plan.target;
  if (settings === undefined)
    return [clusterName, resourceGroup, version].filter((part) => part !== '').join(' · ');
  const shown = settings['encryptionShown'] !== false;
  const encryption = readEncryption({ kubernetesVersion: version, securityProfile: settings }, shown);
  return [clusterName, resourceGroup, version, encryptionText(encryption)].join(' · ');
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

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
