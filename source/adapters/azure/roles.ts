/** What an identity may do with a key: its roles at the key, the vault and everything above, or the vault's policies. */
import { adapt, type AzureConnection, clientOptions, requestOptions } from './connection.ts';
import { azureError } from './errors.ts';
import type { Identity } from './identity.ts';
import type { Vault } from './vault.ts';

/** The fact `roles`. A role whose scope Azure does not say counts nowhere. */
export interface Roles {
  /** Names of the roles in force on the vault, in order: given there or further up, directly or by a group. */
  onVault: readonly string[];
  /** The same for the key: those on the vault, and those given on the key alone. */
  onKey: readonly string[];
  /** Each role in force on the key, with the scope it was given at. */
  assignments: readonly { role: string; scope: string }[];
  /** What the vault's access policies allow the identity to do with keys. Without force when `vault.rbac`. */
  keyPermissions: readonly string[];
}

/** Reads the roles of `identity` on `vault` and on its key `keyName`. */
export async function readRoles(
  connection: AzureConnection,
  vault: Vault,
  keyName: string,
  identity: Identity,
  signal?: AbortSignal,
): Promise<Roles> {
  const { principalId } = identity;
  if (principalId === null) return { onVault: [], onKey: [], assignments: [], keyPermissions: [] };
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
    for await (const { roleDefinitionId: definition, scope } of client.roleAssignments.listForScope(
      key.slice(1),
      { ...options, filter },
    ))
      if (definition !== undefined && isAtOrAbove(scope, key)) inForce.push({ definition, scope });
    const definitions = [...new Set(inForce.map(({ definition }) => definition))];
    const named = await Promise.all(
      definitions.map(async (definition): Promise<[string, string]> => {
        const guid = definition.split('/').at(-1) ?? '';
        const { roleName } = await client.roleDefinitions.get(vault.id.slice(1), guid, options);
        return [definition, roleName ?? guid];
      }),
    );
    const names = new Map(named);
    const assignments = inForce.map(({ definition, scope }) => ({
      role: names.get(definition) ?? definition,
      scope,
    }));
    return {
      onVault: namesOf(assignments.filter(({ scope }) => isAtOrAbove(scope, vault.id))),
      onKey: namesOf(assignments),
      assignments,
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

function namesOf(assignments: Roles['assignments']): string[] {
  return [...new Set(assignments.map(({ role }) => role))].sort();
}

/**
 * Whether a role that was found for `place` and given at `scope` is in force there. Case does not matter in ids. No
 * management group is below a vault, so one that is found is above it.
 */
function isAtOrAbove(scope: string | undefined, place: string): scope is string {
  if (scope === undefined || scope === '') return false;
  const above = scope.replace(/\/+$/, '').toLowerCase();
  if (/^\/providers\/microsoft\.management\/managementgroups\/[^/]+$/.test(above)) return true;
  return `${place}/`.toLowerCase().startsWith(`${above}/`);
}
