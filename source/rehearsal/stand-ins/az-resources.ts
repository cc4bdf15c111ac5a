/** az commands about what is around the cluster: preview features, identities, the vault, roles. */
import { user } from '../subscription.ts';
import type { ArmClient } from './arm-client.ts';
import type { Values } from './arguments.ts';
import { flat, group, groupOf, groupPath, name, root } from './az-command.ts';
import type { Command, Json } from './az-command.ts';
import { azError } from './ended.ts';

const features = (values: Values): string => `${root(values)}/providers/Microsoft.Features/providers`;

const featureColumns = '{name: name, registrationState: properties.state}';

/** By their words. */
export function resourceCommands(client: ArmClient): Record<string, Command> {
  return {
    'feature show': {
      options: [name, { names: ['--namespace'], required: true }],
      columns: featureColumns,
      run: (values) => client.ask('GET', featurePath(values), '2021-07-01'),
    },
    'feature list': {
      options: [{ names: ['--namespace'] }],
      columns: `[].${featureColumns}`,
      run: async (values) =>
        (
          await client.ask(
            'GET',
            `${features(values)}/${values.get('namespace') ?? 'Microsoft.ContainerService'}/features`,
            '2021-07-01',
          )
        )['value'],
    },
    'feature register': {
      options: [name, { names: ['--namespace'], required: true }],
      run: (values) => client.ask('POST', `${featurePath(values)}/register`, '2021-07-01'),
    },
    'provider register': {
      options: [
        { names: ['--namespace', '-n'], required: true },
        { names: ['--wait'], flag: true },
      ],
      run: () => undefined,
    },
    'identity show': {
      options: [name, group],
      run: async (values) =>
        flat(
          await client.ask(
            'GET',
            `${groupPath(values)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${values.get('name')}`,
            '2023-01-31',
          ),
        ),
    },
    'keyvault show': {
      options: [name, { names: ['--resource-group', '-g'] }],
      run: (values) => showVault(client, values),
    },
    'role assignment list': {
      options: [
        { names: ['--assignee'] },
        { names: ['--scope'] },
        { names: ['--all'], flag: true },
        { names: ['--role'] },
        { names: ['--resource-group', '-g'] },
      ],
      run: (values) => listRoles(client, values),
    },
  };
}

function featurePath(values: Values): string {
  return `${features(values)}/${values.get('namespace')}/features/${values.get('name')}`;
}

async function showVault(client: ArmClient, values: Values): Promise<Json> {
  const listed = await client.ask(
    'GET',
    `${root(values)}/resources?$filter=${encodeURIComponent("resourceType eq 'Microsoft.KeyVault/vaults'")}`,
    '2015-11-01',
  );
  const wanted = values.get('name')?.toLowerCase();
  const found = (listed['value'] as Json[]).find((vault) => String(vault['name']).toLowerCase() === wanted);
  if (found === undefined) throw azError(`The Vault '${wanted}' not found within subscription.`);
  const shown = await client.ask('GET', String(found['id']), '2023-07-01');
  return { ...shown, resourceGroup: groupOf(found) };
}

async function listRoles(client: ArmClient, values: Values): Promise<Json[]> {
  const scope = values.get('scope') ?? (values.has('resource-group') ? groupPath(values) : root(values));
  const authorization = 'providers/Microsoft.Authorization';
  const [assignments, definitions] = await Promise.all([
    client.ask('GET', `${scope}/${authorization}/roleAssignments`, '2022-04-01'),
    client.ask('GET', `${scope}/${authorization}/roleDefinitions`, '2022-05-01-preview'),
  ]);
  const names = new Map(
    (definitions['value'] as Json[]).map((role) => [role['id'], (role['properties'] as Json)['roleName']]),
  );
  const assignee = values.get('assignee');
  const ids = assignee === user.name ? [user.objectId] : [assignee];
  return (assignments['value'] as Json[])
    .map((assignment) => {
      const { properties, ...rest } = assignment;
      const role = names.get((properties as Json)['roleDefinitionId']);
      return { ...rest, ...(properties as Json), roleDefinitionName: role } as Json;
    })
    .filter((assignment) => assignee === undefined || ids.includes(String(assignment['principalId'])))
    .filter((assignment) => [undefined, assignment['roleDefinitionName']].includes(values.get('role')));
}
