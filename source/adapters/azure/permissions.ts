/** What the signed-in account may do with the cluster, as Azure's own roles say. */
import type { Target } from '../../plan/model.ts';
import { adapt, type AzureConnection, clientOptions, requestOptions } from './connection.ts';
import { azureError } from './errors.ts';

/** What the runbooks need: changing the cluster, and getting its kubeconfig. */
export const neededActions = {
  write: 'Microsoft.ContainerService/managedClusters/write',
  credentials: 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action',
} as const;

/** One role's permissions. */
export interface Permission {
  actions?: readonly string[] | undefined;
  notActions?: readonly string[] | undefined;
}

/** The permissions the account has on the cluster, one entry for each role it is given there. */
export async function readPermissions(
  connection: AzureConnection,
  subscription: string,
  target: Target,
  signal?: AbortSignal,
): Promise<readonly Permission[]> {
  try {
    const { AuthorizationManagementClient } = await import('@azure/arm-authorization');
    const client = new AuthorizationManagementClient(
      connection.credential,
      subscription,
      clientOptions(connection),
    );
    adapt(client.pipeline, connection);
    // The SDK's path has a place for a parent resource; a cluster has none, and the empty place is closed up.
    client.pipeline.addPolicy({
      name: 'noParentResource',
      async sendRequest(request, next) {
        request.url = request.url.replace('/Microsoft.ContainerService//', '/Microsoft.ContainerService/');
        return next(request);
      },
    });
    const found: Permission[] = [];
    const { resourceGroup, clusterName } = target;
    const list = client.permissions.listForResource(
      resourceGroup,
      'Microsoft.ContainerService',
      '',
      'managedClusters',
      clusterName,
      requestOptions(signal),
    );
    for await (const permission of list) found.push(permission);
    return found;
  } catch (error) {
    throw azureError(error, `read the permissions on cluster ${target.clusterName}`, signal);
  }
}

/**
 * Whether some role allows the action. A role allows what its `actions` match and its `notActions` do not; what one
 * role leaves out another may give (https://learn.microsoft.com/azure/role-based-access-control/role-definitions).
 */
export function allows(permissions: readonly Permission[], action: string): boolean {
  const matches = (patterns: readonly string[] | undefined): boolean =>
    (patterns ?? []).some((pattern) => wildcard(pattern).test(action));
  return permissions.some(({ actions, notActions }) => matches(actions) && !matches(notActions));
}

/** `*` stands for any number of characters, slashes too; case does not matter. */
function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'i');
}
