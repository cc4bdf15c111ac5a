/** The managed cluster as ARM shows it. */
import { dnsPrefix, kubernetesVersions } from './scenarios.ts';
import type { Simulation } from './simulation.ts';
import { minor } from './state.ts';
import type { Settings } from './state.ts';
import { clusterId, groupId, identities, identityId, location, user } from './subscription.ts';

/** What the resource is made from. */
export type ClusterView = Pick<Simulation, 'state' | 'shownSettings' | 'provisioningState'>;

/** The resource, in the shape of an api-version that does or does not know the encryption profile. */
export function clusterResource(
  simulation: ClusterView,
  encryptionProfile: boolean,
): Record<string, unknown> {
  const { state } = simulation;
  const shown = simulation.shownSettings();
  const { resourceGroup, clusterName } = state;
  const [own, kubelet] = identities;
  return {
    id: clusterId(resourceGroup, clusterName),
    location,
    name: clusterName,
    tags: { environment: 'rehearsal' },
    type: 'Microsoft.ContainerService/ManagedClusters',
    kind: 'Base',
    properties: {
      provisioningState: simulation.provisioningState(),
      powerState: { code: state.power },
      kubernetesVersion: shown.kubernetesVersion,
      currentKubernetesVersion: state.settings.kubernetesVersion,
      dnsPrefix: dnsPrefix(clusterName),
      fqdn: state.fqdn,
      azurePortalFQDN: state.fqdn.replace('.hcp.', '.portal.hcp.'),
      agentPoolProfiles: [agentPool(simulation, shown)],
      servicePrincipalProfile: { clientId: 'msi' },
      nodeResourceGroup: `MC_${resourceGroup}_${clusterName}_${location}`,
      enableRBAC: true,
      supportPlan: 'KubernetesOfficial',
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        networkPolicy: 'cilium',
        networkDataplane: 'cilium',
        loadBalancerSku: 'standard',
        podCidr: '10.244.0.0/16',
        serviceCidr: '10.0.0.0/16',
        dnsServiceIP: '10.0.0.10',
        outboundType: 'loadBalancer',
        podCidrs: ['10.244.0.0/16'],
        serviceCidrs: ['10.0.0.0/16'],
        ipFamilies: ['IPv4'],
      },
      maxAgentPools: 100,
      ...(state.vnetIntegration ? { apiServerAccessProfile: apiServerAccess(resourceGroup) } : {}),
      identityProfile: {
        kubeletidentity: {
          resourceId: identityId(resourceGroup, kubelet.name),
          clientId: kubelet.clientId,
          objectId: kubelet.principalId,
        },
      },
      disableLocalAccounts: false,
      securityProfile: securityProfile(shown, encryptionProfile),
      oidcIssuerProfile: { enabled: false },
      workloadAutoScalerProfile: {},
      resourceUID: state.keys.identityHeader.slice(0, 24),
    },
    identity: {
      type: 'UserAssigned',
      userAssignedIdentities: {
        [identityId(resourceGroup, own.name)]: { clientId: own.clientId, principalId: own.principalId },
      },
    },
    sku: { name: 'Base', tier: 'Standard' },
    systemData: {
      createdBy: user.name,
      createdByType: 'User',
      createdAt: new Date(state.createdAt).toISOString(),
    },
  };
}

/** `securityProfile` for these settings. */
export function securityProfile(settings: Settings, encryptionProfile: boolean): Record<string, unknown> {
  return {
    ...(settings.kms === undefined ? {} : { azureKeyVaultKms: settings.kms }),
    ...(encryptionProfile && settings.infrastructureEncryption !== undefined
      ? {
          kubernetesResourceObjectEncryptionProfile: {
            infrastructureEncryption: settings.infrastructureEncryption,
          },
        }
      : {}),
  };
}

/** Versions the control plane can go to: patches, and the next minor version. */
export function upgradesFrom(version: string): string[] {
  const known = kubernetesVersions as readonly string[];
  return known
    .slice(known.indexOf(version) + 1)
    .filter((candidate) => minor(candidate) <= minor(version) + 1);
}

/** `upgradeProfiles/default`. */
export function upgradeProfile(simulation: Simulation): Record<string, unknown> {
  const { state } = simulation;
  const { kubernetesVersion } = state.settings;
  const offered = upgradesFrom(kubernetesVersion).map((version) => ({ kubernetesVersion: version }));
  const upgrades = offered.length === 0 ? null : offered;
  return {
    id: `${clusterId(state.resourceGroup, state.clusterName)}/upgradeprofiles/default`,
    name: 'default',
    type: 'Microsoft.ContainerService/managedClusters/upgradeprofiles',
    properties: {
      controlPlaneProfile: { kubernetesVersion, osType: 'Linux', upgrades },
      agentPoolProfiles: [{ kubernetesVersion, name: 'nodepool1', osType: 'Linux', upgrades }],
    },
  };
}

/** `kubernetesVersions` of the region: newest minor versions as usual, older ones with long-term support only. */
export function regionVersions(): Record<string, unknown> {
  const minors = [...new Set(kubernetesVersions.map(minor))].filter((known) => known >= oldestListed);
  return {
    values: minors.map((number) => ({
      version: `1.${number}`,
      isPreview: null,
      capabilities: {
        supportPlan: [...(number >= oldestOfficial ? ['KubernetesOfficial'] : []), 'AKSLongTermSupport'],
      },
      patchVersions: Object.fromEntries(
        kubernetesVersions
          .filter((version) => minor(version) === number)
          .map((version) => [version, { upgrades: upgradesFrom(version) }]),
      ),
    })),
  };
}

/** Minor versions the region still lists, and those it supports without an extra plan. */
const oldestListed = 28;
const oldestOfficial = 32;

function agentPool(simulation: ClusterView, shown: Settings): Record<string, unknown> {
  const { state } = simulation;
  return {
    name: 'nodepool1',
    count: 3,
    vmSize: 'Standard_D4ds_v5',
    osDiskSizeGB: 150,
    osDiskType: 'Ephemeral',
    kubeletDiskType: 'OS',
    maxPods: 110,
    type: 'VirtualMachineScaleSets',
    enableAutoScaling: false,
    provisioningState: simulation.provisioningState(),
    powerState: { code: state.power },
    orchestratorVersion: shown.kubernetesVersion,
    currentOrchestratorVersion: state.settings.kubernetesVersion,
    enableNodePublicIP: false,
    mode: 'System',
    osType: 'Linux',
    osSKU: 'Ubuntu',
    nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202610.12.0',
    enableFIPS: false,
  };
}

function apiServerAccess(resourceGroup: string): Record<string, unknown> {
  return {
    enableVnetIntegration: true,
    subnetId: `${groupId(resourceGroup)}/providers/Microsoft.Network/virtualNetworks/rehearsal-vnet/subnets/apiserver`,
  };
}
