/** The key vault, the cluster's identity and its roles, as answers that the simulation does not give. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Cluster } from '../../../source/adapters/azure/cluster.ts';
import type { AzureConnection } from '../../../source/adapters/azure/connection.ts';
import { identityOf } from '../../../source/adapters/azure/identity.ts';
import { readRoles } from '../../../source/adapters/azure/roles.ts';
import { keyPlace, readVault } from '../../../source/adapters/azure/vault.ts';
import { certificateFor } from '../../../source/rehearsal/certificate.ts';

const group = '/subscriptions/s/resourceGroups/g';
const vaultId = `${group}/providers/Microsoft.KeyVault/vaults/v`;

/** An ARM that answers the paths that end as given, and nothing else. */
async function arm(t: TestContext, answers: Readonly<Record<string, unknown>>): Promise<AzureConnection> {
  const directory = await mkdtemp(join(tmpdir(), 'arm-'));
  const { certificate, key } = await certificateFor(directory);
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const answer = Object.entries(answers).find(([end]) => path.endsWith(end))?.[1];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: { code: 'NotFound', message: path } }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true });
  });
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    scope: 'https://management.core.windows.net//.default',
    ca: certificate,
    direct: true,
    credential: { getToken: async () => ({ token: 'x', expiresOnTimestamp: Date.now() + 3_600_000 }) },
  };
}

const vault = {
  id: vaultId,
  name: 'v',
  publicNetworkAccess: 'Enabled',
  defaultAction: 'Allow',
  bypass: 'AzureServices',
  rbac: true,
  policies: [],
};

/** Each names the role that is given at a scope, and where it is then in force. */
const scopes: readonly (readonly [scope: string | null, onVault: boolean, onKey: boolean])[] = [
  [`${vaultId}/keys/k`, false, true],
  [`${vaultId}/keys/K`.toUpperCase(), false, true],
  [vaultId, true, true],
  [`${vaultId}/`, true, true],
  [group.toLowerCase(), true, true],
  ['/subscriptions/s', true, true],
  ['/providers/Microsoft.Management/managementGroups/all', true, true],
  ['/', true, true],
  [`${vaultId}/keys/k2`, false, false],
  [`${vaultId}/keys/k/versions/1`, false, false],
  [`${vaultId}2`, false, false],
  ['/subscriptions/s2', false, false],
  ['', false, false],
  [null, false, false],
];

for (const [scope, onVault, onKey] of scopes)
  test(`a role given at ${scope ?? 'no scope that is told'}`, async (t) => {
    const connection = await arm(t, {
      '/roleAssignments': {
        value: [
          {
            id: '/a',
            properties: {
              roleDefinitionId: '/providers/Microsoft.Authorization/roleDefinitions/r',
              ...(scope === null ? {} : { scope }),
            },
          },
        ],
      },
      '/roleDefinitions/r': { properties: { roleName: 'Key Vault Reader' } },
    });
    const identity = { type: 'UserAssigned', id: 'i', name: 'n', principalId: 'p' };
    assert.deepEqual(await readRoles(connection, vault, 'k', identity), {
      onVault: onVault ? ['Key Vault Reader'] : [],
      onKey: onKey ? ['Key Vault Reader'] : [],
      assignments: onKey ? [{ role: 'Key Vault Reader', scope }] : [],
      keyPermissions: [],
    });
  });

const place = { vaultName: 'v', keyName: 'k', vaultId };

/** The vault as it is read when Azure has these properties of it. */
async function vaultWith(t: TestContext, more: object) {
  const properties = { tenantId: 't', sku: { family: 'A', name: 'standard' }, ...more };
  return readVault(await arm(t, { '/vaults/v': { id: vaultId, name: 'v', properties } }), 's', place);
}

test('a vault is told in the words of Azure, and what it leaves out in those of its defaults', async (t) => {
  assert.deepEqual(await vaultWith(t, { enableRbacAuthorization: true }), vault);
  const networkAcls = { defaultAction: 'deny', bypass: 'Nobody' };
  assert.deepEqual(await vaultWith(t, { publicNetworkAccess: 'SecuredByPerimeter', networkAcls }), {
    ...vault,
    publicNetworkAccess: 'SecuredByPerimeter',
    defaultAction: 'deny',
    bypass: 'Nobody',
    rbac: false,
  });
});

test('a policy for an application that acts for the identity is none for the identity', async (t) => {
  const accessPolicies = [
    { tenantId: 't', objectId: 'p', permissions: { keys: ['Get'] } },
    { tenantId: 't', objectId: 'p', applicationId: 'a', permissions: { keys: ['All'] } },
  ];
  const { policies } = await vaultWith(t, { accessPolicies });
  assert.deepEqual(policies, [{ principalId: 'p', keys: ['get'] }]);
});

function placeOf(keyId: string) {
  return keyPlace({ name: 'c', securityProfile: { azureKeyVaultKms: { keyId } } } as unknown as Cluster);
}

test('where a key is, from its id in any case and with or without a version', () => {
  const expected = { vaultName: 'v', keyName: 'k', vaultId: undefined };
  assert.deepEqual(placeOf('https://v.vault.azure.net/keys/k/1'), expected);
  assert.deepEqual(placeOf('HTTPS://v.Vault.azure.net:443/Keys/k'), expected);
  assert.throws(() => placeOf('https://v.vault.azure.net/secrets/k/1'), /does not say which key/);
});

function principalOf(identity: object) {
  return identityOf({ identity } as unknown as Cluster).principalId;
}

test('the principal of a user-assigned identity is its own or unknown, never that of another', () => {
  const type = 'UserAssigned';
  const userAssignedIdentities = { '/i': { principalId: 'p' } };
  assert.equal(principalOf({ type, userAssignedIdentities }), 'p');
  assert.equal(principalOf({ type, principalId: 'q', userAssignedIdentities: { '/i': {} } }), null);
  assert.equal(principalOf({ type: 'SystemAssigned', principalId: 'q' }), 'q');
});
