/** What ARM tells about everything but the cluster: subscription, roles, features, the vault, the identities. */
import { cloudDescription } from './cloud.ts';
import { has } from './faults.ts';
import { armRefusal } from './http.ts';
import type { Reply } from './http.ts';
import { scenarioNamed } from './scenarios.ts';
import type { Simulation } from './simulation.ts';
import {
  clusterId,
  groupId,
  identities,
  identityId,
  location,
  preview,
  roleDefinitionId,
  roleDefinitions,
  subscription,
  tenant,
  user,
  vault,
  vaultId,
} from './subscription.ts';

type Json = Record<string, unknown>;

/** `/metadata/endpoints`, which tells az about a cloud: new versions are told an array, old ones an object. */
export function cloudMetadata(armEndpoint: string, version: string): Reply {
  const authentication = {
    loginEndpoint: 'https://login.microsoftonline.com',
    audiences: ['https://management.core.windows.net/', 'https://management.azure.com/'],
    tenant: 'common',
    identityProvider: 'AAD',
  };
  const graph = 'https://graph.windows.net/';
  if (version < '2018')
    return ok({
      galleryEndpoint: armEndpoint,
      graphEndpoint: graph,
      portalEndpoint: 'https://portal.azure.com',
      authentication,
    });
  const cloud = {
    name: cloudDescription(armEndpoint).name,
    resourceManager: `${armEndpoint}/`,
    portal: 'https://portal.azure.com',
    authentication,
    graph,
    graphAudience: graph,
    microsoftGraphResourceId: `${armEndpoint}/`,
    activeDirectoryDataLake: 'https://datalake.azure.net/',
    batch: 'https://batch.core.windows.net/',
    media: 'https://rest.media.azure.net',
    sqlManagement: 'https://management.core.windows.net:8443/',
    vmImageAliasDoc: '',
    suffixes: {
      keyVaultDns: 'vault.azure.net',
      storage: 'core.windows.net',
      acrLoginServer: 'azurecr.io',
      sqlServerHostname: 'database.windows.net',
    },
  };
  return ok(version < '2022' ? [cloud] : cloud);
}

export function tenantInfo(): Json {
  return {
    id: `/tenants/${tenant.id}`,
    tenantId: tenant.id,
    displayName: tenant.name,
    defaultDomain: tenant.domain,
    tenantCategory: 'Home',
  };
}

export function subscriptionInfo({ id, name }: { id: string; name: string }): Json {
  return {
    id: `/subscriptions/${id}`,
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionId: id,
    tenantId: tenant.id,
    displayName: name,
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}

export function groupInfo(group: string): Json {
  return {
    id: groupId(group),
    name: group,
    type: 'Microsoft.Resources/resourceGroups',
    location,
    properties: { provisioningState: 'Succeeded' },
  };
}

export function vaultInfo(simulation: Simulation): Json {
  const { resourceGroup } = simulation.state;
  const [own] = identities;
  const isPrivate = scenarioNamed(simulation.state.scenario)?.kms === 'private';
  const isClosed = isPrivate !== has(simulation.state, 'vault-network-differs');
  const byPolicy = has(simulation.state, 'vault-access-policies');
  const mayUseKeys = byPolicy && !has(simulation.state, 'roles-missing');
  return {
    id: vaultId(resourceGroup),
    name: vault.name,
    type: 'Microsoft.KeyVault/vaults',
    location,
    tags: {},
    properties: {
      tenantId: tenant.id,
      sku: { family: 'A', name: 'standard' },
      vaultUri: vault.uri,
      enableRbacAuthorization: !byPolicy,
      enableSoftDelete: true,
      enablePurgeProtection: true,
      softDeleteRetentionInDays: 90,
      accessPolicies: mayUseKeys
        ? [
            {
              tenantId: tenant.id,
              objectId: own.principalId,
              permissions: { keys: ['get', 'encrypt', 'decrypt'], secrets: [], certificates: [] },
            },
          ]
        : [],
      publicNetworkAccess: isClosed ? 'Disabled' : 'Enabled',
      networkAcls: {
        bypass: has(simulation.state, 'vault-bypass-off') ? 'None' : 'AzureServices',
        defaultAction: isClosed ? 'Deny' : 'Allow',
        ipRules: [],
        virtualNetworkRules: [],
      },
      provisioningState: 'Succeeded',
    },
  };
}

/** @throws Refusal (404) when there is no identity of that name. */
export function identityInfo(simulation: Simulation, name: string): Json {
  const { resourceGroup } = simulation.state;
  const identity = identities.find((known) => known.name.toLowerCase() === name.toLowerCase());
  if (identity === undefined)
    throw resourceNotFound(`Microsoft.ManagedIdentity/userAssignedIdentities/${name}`, resourceGroup);
  return {
    id: identityId(resourceGroup, identity.name),
    name: identity.name,
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    location,
    properties: { tenantId: tenant.id, principalId: identity.principalId, clientId: identity.clientId },
  };
}

/** What the caller may do at the scope of the cluster. */
export function permissions(simulation: Simulation): Json {
  const readOnly = has(simulation.state, 'no-permission');
  return {
    value: [
      {
        actions: readOnly
          ? ['*/read', 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action']
          : ['*'],
        notActions: readOnly ? [] : ['Microsoft.Authorization/*/Write', 'Microsoft.Authorization/*/Delete'],
        dataActions: [],
        notDataActions: [],
      },
    ],
  };
}

/**
 * Role assignments at the scope, above it and below it: the operator's on the cluster, the cluster identity's on the
 * vault. Of OData filters, `principalId eq 'ID'` and `assignedTo('ID')` are understood.
 */
export function roleAssignments(simulation: Simulation, scope: string, filter: string): Json[] {
  const { resourceGroup, clusterName } = simulation.state;
  const [own] = identities;
  const cluster = clusterId(resourceGroup, clusterName);
  const operator = has(simulation.state, 'no-permission') ? 'Reader' : 'Contributor';
  const assignments = [
    {
      role: operator,
      principal: user.objectId,
      type: 'User',
      scope: groupId(resourceGroup),
      under: [cluster, vaultId(resourceGroup)],
    },
    ...vaultRoles(simulation).map((role) => ({
      role,
      principal: own.principalId,
      type: 'ServicePrincipal',
      scope: vaultId(resourceGroup),
      under: [] as string[],
    })),
  ] as const;
  const principal = /(?:principalId eq |assignedTo\()'([^']+)'/iu.exec(filter)?.[1];
  return assignments
    .filter((assignment) => principal === undefined || assignment.principal === principal)
    .filter((assignment) => [assignment.scope, ...assignment.under].some((place) => isWithin(place, scope)))
    .map((assignment, index) => {
      const name = `00000000-0000-4000-8000-00000000ab0${index}`;
      return {
        id: `${assignment.scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
        name,
        type: 'Microsoft.Authorization/roleAssignments',
        properties: {
          roleDefinitionId: roleDefinitionId(roleDefinitions[assignment.role]),
          principalId: assignment.principal,
          principalType: assignment.type,
          scope: assignment.scope,
        },
      };
    });
}

/** The roles of the cluster's identity on the vault. With access policies, the one for keys is not needed. */
function vaultRoles(simulation: Simulation): ('Key Vault Crypto User' | 'Key Vault Reader')[] {
  if (has(simulation.state, 'roles-missing')) return [];
  if (has(simulation.state, 'vault-access-policies')) return ['Key Vault Reader'];
  return ['Key Vault Crypto User', 'Key Vault Reader'];
}

/** @throws Refusal (404) when there is no such role. */
export function roleDefinitionInfo(guid: string): Json {
  const found = roleDefinitionList().find(({ name }) => name === guid.toLowerCase());
  if (found !== undefined) return found;
  throw armRefusal(
    404,
    'RoleDefinitionDoesNotExist',
    `The specified role definition with ID '${guid}' does not exist.`,
  );
}

export function roleDefinitionList(): Json[] {
  return Object.entries(roleDefinitions).map(([roleName, guid]) => ({
    id: roleDefinitionId(guid),
    name: guid,
    type: 'Microsoft.Authorization/roleDefinitions',
    properties: { roleName, type: 'BuiltInRole', description: '', assignableScopes: ['/'], permissions: [] },
  }));
}

/** The preview feature. */
export function featureInfo(simulation: Simulation): Json {
  return {
    id: `/subscriptions/${subscription.id}/providers/Microsoft.Features/providers/${preview.namespace}/features/${preview.feature}`,
    name: `${preview.namespace}/${preview.feature}`,
    type: 'Microsoft.Features/providers/features',
    properties: { state: simulation.featureState() },
  };
}

/** A refusal about a resource that does not exist, in ARM's words. */
export function resourceNotFound(resource: string, group: string): Error {
  return armRefusal(
    404,
    'ResourceNotFound',
    `The Resource '${resource}' under resource group '${group}' was not found. For more details please go to ` +
      'https://aka.ms/ARMResourceNotFoundFix',
  );
}

/** Whether one of the two places is the other or within it. */
function isWithin(place: string, scope: string): boolean {
  const [a, b] = [`${place.toLowerCase()}/`, `${scope.toLowerCase()}/`];
  return a.startsWith(b) || b.startsWith(a);
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}
