/** The `az aks` commands. */
import { readConfig } from './arm-client.ts';
import type { ArmClient } from './arm-client.ts';
import type { Option, Values } from './arguments.ts';
import { update, upgrade } from './az-aks-update.ts';
import type { Target } from './az-aks-update.ts';
import { flat, flatOrNothing, group, groupPath, name, root, yes } from './az-command.ts';
import type { Command, Json } from './az-command.ts';
import { storeKubeconfig } from './az-kubeconfig.ts';

const noWait: Option = { names: ['--no-wait'], flag: true };
const aks = [name, group];
const clusterColumns =
  '{name: name, location: location, resourceGroup: resourceGroup, kubernetesVersion: kubernetesVersion, ' +
  'currentKubernetesVersion: currentKubernetesVersion, provisioningState: provisioningState, fqdn: fqdn}';

/** By their words. Which options `aks update` knows depends on the installed extension. */
export function aksCommands(client: ArmClient): Record<string, Command> {
  const installed = readConfig().tools.extensions['aks-preview'];
  const knowsEncryption = installed !== undefined && Number(installed.split('.')[0]) >= 19;
  const apiVersion = installed === undefined ? '2026-06-01' : '2026-03-02-preview';
  const target = (values: Values): Target => ({
    client,
    path: clusterPath(values),
    apiVersion,
    preview: installed !== undefined,
  });
  return {
    'aks show': {
      options: aks,
      columns: clusterColumns,
      run: async (values) => flat(await client.ask('GET', clusterPath(values), apiVersion)),
    },
    'aks list': {
      options: [{ names: ['--resource-group', '-g'] }],
      columns: `[].${clusterColumns}`,
      run: (values) => listClusters(client, apiVersion, values),
    },
    'aks update': {
      options: [
        ...aks,
        yes,
        noWait,
        { names: ['--enable-azure-keyvault-kms'], flag: true },
        { names: ['--disable-azure-keyvault-kms'], flag: true },
        { names: ['--azure-keyvault-kms-key-id'] },
        { names: ['--azure-keyvault-kms-key-vault-network-access'], choices: ['Public', 'Private'] },
        { names: ['--azure-keyvault-kms-key-vault-resource-id'] },
        ...(knowsEncryption
          ? [{ names: ['--kms-infrastructure-encryption'], choices: ['Enabled', 'Disabled'] }]
          : []),
      ],
      run: async (values) => flatOrNothing(await update(target(values), values)),
    },
    'aks upgrade': {
      options: [
        ...aks,
        yes,
        noWait,
        { names: ['--kubernetes-version', '-k'] },
        { names: ['--control-plane-only'], flag: true },
      ],
      run: async (values) => flatOrNothing(await upgrade(target(values), values)),
    },
    'aks get-upgrades': {
      options: aks,
      run: async (values) =>
        flat(await client.ask('GET', `${clusterPath(values)}/upgradeProfiles/default`, apiVersion)),
    },
    'aks get-credentials': {
      options: [
        ...aks,
        { names: ['--file', '-f'] },
        { names: ['--overwrite-existing'], flag: true },
        { names: ['--admin', '-a'], flag: true },
        { names: ['--context'] },
        { names: ['--format'] },
        { names: ['--public-fqdn'], flag: true },
      ],
      run: async (values) => {
        const answer = await client.ask(
          'POST',
          `${clusterPath(values)}/listClusterUserCredential`,
          apiVersion,
        );
        const [first] = answer['kubeconfigs'] as { value: string }[];
        await storeKubeconfig(Buffer.from(first?.value ?? '', 'base64').toString(), values);
      },
    },
  };
}

function clusterPath(values: Values): string {
  const clusterName = encodeURIComponent(values.get('name') ?? '');
  return `${groupPath(values)}/providers/Microsoft.ContainerService/managedClusters/${clusterName}`;
}

async function listClusters(client: ArmClient, apiVersion: string, values: Values): Promise<unknown> {
  const scope = values.get('resource-group') === undefined ? root(values) : groupPath(values);
  const answer = await client.ask(
    'GET',
    `${scope}/providers/Microsoft.ContainerService/managedClusters`,
    apiVersion,
  );
  return (answer['value'] as Json[]).map(flat);
}
