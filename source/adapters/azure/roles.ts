/** What an identity may do with a key: its roles at the key, the vault and everything above, or the vault's policies. */
import { adapt, type AzureConnection, clientOptions, requestOptions } from './connection.ts';
import { azureError } from './errors.ts';
import type { Identity } from './identity.ts';
import type { Vault } from './vault.ts';

/** The fact `roles`. */
export interface Roles {
  /** Names of the roles in force at the key, inherited ones and those of groups included, in order. */
  names: readonly string[];
  /** The same with the scope each was given at. */
  assignments: readonly { role: string; scope: string }[];
  /** What the vault's access policies allow the identity to do with keys. Without force when `vault.rbac`. */
  keyPermissions: readonly string[];
}

/** Reads the roles of `identity` at the key `keyName` of `vault`. */
export async function readRoles(
  connection: AzureConnection,
  vault: Vault,
  keyName: string,
  identity: Identity,
  signal?: AbortSignal,
): Promise<Roles> {
  const { principalId } = identity;
  if (principalId === null) return { names: [], assignments: [], keyPermissions: [] };
  const key = `${vault.id}/keys/${keyName}`;
  try {
    const { AuthorizationManagementClient } = await import('@azure/arm-authorization');
    const subscription = vault.id.split('/')[2] ?? '';
    const client = new AuthorizationManagementClient(
      connection.credential,
      subscription,
      clientOptions(connection),
    );
    adapt(client.pipeline, connection);
    const options = requestOptions(signal);
    const inForce: { definition: string; scope: string }[] = [];
    // `assignedTo` counts groups too. It also finds what was given further down, which is left out.
    const filter = `assignedTo('${principalId}')`;
    for await (const found of client.roleAssignments.listForScope(key.slice(1), { ...options, filter }))
      if (found.roleDefinitionId !== undefined && isAtOrAbove(found.scope ?? '/', key))
        inForce.push({ definition: found.roleDefinitionId, scope: found.scope ?? '/' });
    const definitions = [...new Set(inForce.map(({ definition }) => definition))];
    const named = await Promise.all(
      definitions.map(async (definition): Promise<[string, string]> => {
        const guid = definition.split('/').at(-1) ?? '';
        const { roleName } = await client.roleDefinitions.get(vault.id.slice(1), guid, options);
        return [definition, roleName ?? guid];
      }),
    );
    const names = new Map(named);
    return {
      names: [...new Set(names.values())].sort(),
      assignments: inForce.map(({ definition, scope }) => ({
        role: names.get(definition) ?? definition,
        scope,
      })),
      keyPermissions: vault.policies
        .filter((policy) => policy.principalId.toLowerCase() === principalId.toLowerCase())
        .flatMap(({ keys }) => keys),
    };
  } catch (error) {
    throw azureError(
      error,
      `read the roles of ${identity.name ?? principalId} on key vault ${vault.name}`,
      signal,
    );
  }
}

/** Whether a role given at `scope` is in force at `place`. Case does not matter in ids. */
function isAtOrAbove(scope: string, place: string): boolean {
  const above = scope.replace(/\/+$/, '').toLowerCase();
  return above === '' || place.toLowerCase() === above || place.toLowerCase().startsWith(`${above}/`);
}
