/** The cluster a run is for, in the few words of a heading. */
import { encryptionText, settingsEncryption } from '../engine/encryption.ts';
import type { RunState } from '../engine/state.ts';

/** `rehearsal · rehearsal-rg · 1.33.2 · KMS v2, public vault`: as it was read last. */
export function clusterLine(state: RunState): string {
  const settings = state.settings.after ?? state.settings.before;
  const { kubernetesVersion } = state.header.cluster;
  const { clusterName, resourceGroup } = state.plan.target;
  if (settings === undefined)
    return [clusterName, resourceGroup, kubernetesVersion].filter((part) => part !== '').join(' · ');
  const encryption = settingsEncryption(settings, kubernetesVersion);
  return [clusterName, resourceGroup, encryption.version, encryptionText(encryption)].join(' · ');
}
