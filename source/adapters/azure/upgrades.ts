/** The versions of Kubernetes a cluster can be upgraded to now, and how long Azure stands by each. */
import type { Target } from '../../plan/model.ts';
import { compareVersions } from '../../runbook/versions.ts';
import { adapt, type AzureConnection, clientOptions, requestOptions } from './connection.ts';
import { azureError } from './errors.ts';

/** Long-term support takes the Premium tier and its support plan; what the region no longer lists is out of support. */
type Support = 'in support' | 'long-term support only' | 'out of support';

/** The fact `upgrades`. */
export interface Upgrades {
  /** What the control plane runs now. */
  current: string;
  /** What it can be upgraded to, oldest first, without previews. */
  offered: readonly { version: string; support: Support }[];
}

/** Reads the cluster's upgrade profile, and the support of each version in its region. */
export async function readUpgrades(
  connection: AzureConnection,
  subscription: string,
  target: Target,
  location: string,
  signal?: AbortSignal,
): Promise<Upgrades> {
  try {
    const { ContainerServiceClient } = await import('@azure/arm-containerservice');
    const client = new ContainerServiceClient(connection.credential, subscription, clientOptions(connection));
    adapt(client.pipeline, connection);
    const { managedClusters } = client;
    const [profile, region] = await Promise.all([
      managedClusters.getUpgradeProfile(target.resourceGroup, target.clusterName, requestOptions(signal)),
      managedClusters.listKubernetesVersions(location, requestOptions(signal)),
    ]);
    const plans = new Map(
      (region.values ?? []).map((known) => [known.version, known.capabilities?.supportPlan]),
    );
    const supportOf = (version: string): Support => {
      const minor = version.split('.').slice(0, 2).join('.');
      const supportPlans = plans.get(minor) ?? [];
      if (supportPlans.includes('KubernetesOfficial')) return 'in support';
      return supportPlans.includes('AKSLongTermSupport') ? 'long-term support only' : 'out of support';
    };
    const { kubernetesVersion, upgrades } = profile.controlPlaneProfile;
    // Where there is none Azure says null, whatever the SDK's types say.
    const versions = (upgrades ?? []).flatMap((upgrade) =>
      upgrade.isPreview === true || upgrade.kubernetesVersion === undefined
        ? []
        : [upgrade.kubernetesVersion],
    );
    return {
      current: kubernetesVersion,
      offered: versions
        .sort((a, b) => compareVersions(a, b) ?? 0)
        .map((version) => ({ version, support: supportOf(version) })),
    };
  } catch (error) {
    throw azureError(error, `read the upgrades of cluster ${target.clusterName}`, signal);
  }
}
