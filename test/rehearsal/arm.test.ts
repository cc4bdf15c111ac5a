import assert from 'node:assert/strict';
import { test } from 'node:test';

import { arm, clusterPath, getCluster, preview, rehearse, send, stable, subscription } from './helpers.ts';
import type { Json } from './helpers.ts';

test('no token, a foreign token and an unknown subscription are refused as ARM does it', async (t) => {
  const rehearsal = await rehearse(t);
  const none = await send(rehearsal, 'GET', `${clusterPath}?${preview}`);
  assert.equal(none.status, 401);
  assert.equal(none.body.error.code, 'AuthenticationFailed');
  const other = await rehearse(t);
  const foreign = await send(rehearsal, 'GET', `${clusterPath}?${preview}`, {
    headers: { authorization: `Bearer ${other.token()}` },
  });
  assert.equal(foreign.status, 401);
  assert.equal(foreign.body.error.code, 'InvalidAuthenticationToken');
  const elsewhere = await arm(rehearsal, 'GET', clusterPath.replace(subscription, 'other') + `?${preview}`);
  assert.equal(elsewhere.status, 404);
  assert.equal(elsewhere.body.error.code, 'SubscriptionNotFound');
});

test('the token is a well-formed JWT for the signed-in user', async (t) => {
  const rehearsal = await rehearse(t);
  const [, claims] = rehearsal.token().split('.');
  const parsed = JSON.parse(Buffer.from(claims!, 'base64url').toString());
  assert.equal(parsed.upn, 'you@contoso.com');
  assert.ok(parsed.exp > Date.now() / 1000);
});

test('missing resources are 404 with their names', async (t) => {
  const rehearsal = await rehearse(t);
  const cluster = await arm(rehearsal, 'GET', `${clusterPath}x?${preview}`);
  assert.deepEqual([cluster.status, cluster.body.error.code], [404, 'ResourceNotFound']);
  assert.match(cluster.body.error.message, /managedClusters\/rehearsalx/u);
  const group = await arm(rehearsal, 'GET', `${clusterPath.replace('rehearsal-rg', 'no-rg')}?${preview}`);
  assert.deepEqual([group.status, group.body.error.code], [404, 'ResourceGroupNotFound']);
});

test('api-versions: none, unknown and future ones are refused, paths do not care about case', async (t) => {
  const rehearsal = await rehearse(t);
  const none = await arm(rehearsal, 'GET', clusterPath);
  assert.deepEqual([none.status, none.body.error.code], [400, 'MissingApiVersionParameter']);
  for (const version of ['2030-01-01', '2026-12-02-preview', 'latest']) {
    const { status, body } = await arm(rehearsal, 'GET', `${clusterPath}?api-version=${version}`);
    assert.deepEqual([status, body.error.code], [400, 'NoRegisteredProviderFound'], version);
  }
  assert.equal((await arm(rehearsal, 'GET', `${clusterPath.toUpperCase()}?${stable}`)).status, 200);
});

test('the fault preview-api-refused leaves only stable api-versions', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['preview-api-refused'] });
  assert.equal((await getCluster(rehearsal)).status, 400);
  assert.equal((await getCluster(rehearsal, stable)).status, 200);
});

test('clusters are listed for the subscription and the resource group', async (t) => {
  const rehearsal = await rehearse(t);
  const provider = `providers/Microsoft.ContainerService/managedClusters?${preview}`;
  for (const scope of [`/subscriptions/${subscription}`, clusterPath.split('/providers')[0]]) {
    const { body } = await arm(rehearsal, 'GET', `${scope}/${provider}`);
    assert.deepEqual(
      body.value.map((cluster: { name: string }) => cluster.name),
      ['rehearsal'],
    );
  }
});

test('upgrades are newer patches and the next minor version', async (t) => {
  const upgrades = async (scenario: string): Promise<string[]> => {
    const rehearsal = await rehearse(t, { scenario });
    const { body } = await arm(rehearsal, 'GET', `${clusterPath}/upgradeProfiles/default?${preview}`);
    return body.properties.controlPlaneProfile.upgrades.map(
      (upgrade: { kubernetesVersion: string }) => upgrade.kubernetesVersion,
    );
  };
  assert.deepEqual(await upgrades('kms-v1-public'), ['1.27.1', '1.27.9', '1.27.16']);
  assert.deepEqual(await upgrades('kms-v2-public'), ['1.33.5', '1.34.1']);
});

test('permissions, roles, vault, identity, subscription and tenant are told', async (t) => {
  const rehearsal = await rehearse(t);
  const read = async (path: string, version = '2022-04-01'): Promise<Json> =>
    (await arm(rehearsal, 'GET', `${path}?api-version=${version}`)).body;
  const permissions = await read(`${clusterPath}/providers/Microsoft.Authorization/permissions`);
  assert.deepEqual(permissions['value'][0].actions, ['*']);
  const roles = await read(`${clusterPath}/providers/Microsoft.Authorization/roleAssignments`);
  assert.equal(roles['value'].length, 1);
  const group = clusterPath.split('/providers')[0]!;
  const vault = await read(`${group}/providers/Microsoft.KeyVault/vaults/rehearsal-vault`);
  assert.equal(vault['properties'].networkAcls.bypass, 'AzureServices');
  const vaultRoles = await read(`${vault['id']}/providers/Microsoft.Authorization/roleAssignments`);
  assert.equal(vaultRoles['value'].length, 3);
  const identity = await read(
    `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/rehearsal-identity`,
  );
  assert.ok(identity['properties'].principalId);
  assert.equal((await read('/subscriptions'))['value'][0].displayName, 'Rehearsal');
  assert.ok((await read('/tenants'))['value'][0].tenantId);
});

test('the fault no-permission shows in permissions and in what a change is answered', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['no-permission'] });
  const permissions = await arm(
    rehearsal,
    'GET',
    `${clusterPath}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`,
  );
  assert.ok(!permissions.body.value[0].actions.includes('*'));
  const { status, body } = await arm(rehearsal, 'PUT', `${clusterPath}?${preview}`, { properties: {} });
  assert.deepEqual([status, body.error.code], [403, 'AuthorizationFailed']);
  assert.deepEqual(
    rehearsal.record().mutations.map(({ outcome }) => outcome),
    ['refused: AuthorizationFailed'],
  );
});

test('the fault throttled answers the first three reads with 429 and Retry-After', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['throttled'] });
  for (let count = 0; count < 3; count += 1) {
    const { status, headers } = await getCluster(rehearsal);
    assert.equal(status, 429);
    assert.ok(Number(headers['retry-after']) > 0);
  }
  assert.equal((await getCluster(rehearsal)).status, 200);
});

test('a feature that is not registered can be registered, which takes a moment', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['feature-not-registered'], speed: 1 });
  const path = `/subscriptions/${subscription}/providers/Microsoft.Features/providers/Microsoft.ContainerService/features/KMSPMKPreview`;
  const state = async (method: string, suffix = ''): Promise<string> =>
    (await arm(rehearsal, method, `${path}${suffix}?api-version=2021-07-01`)).body.properties.state;
  assert.equal(await state('GET'), 'NotRegistered');
  assert.equal(await state('POST', '/register'), 'Registering');
  assert.equal(await state('GET'), 'Registering');
  const quick = await rehearse(t, { faults: ['feature-not-registered'] });
  await arm(quick, 'POST', `${path}/register?api-version=2021-07-01`);
  for (let seen = ''; seen !== 'Registered';)
    seen = (await arm(quick, 'GET', `${path}?api-version=2021-07-01`)).body.properties.state;
});

test('what az asks before it signs in: the cloud, old and new, and a token for the right secret only', async (t) => {
  const rehearsal = await rehearse(t);
  const cloud = await send(rehearsal, 'GET', '/metadata/endpoints?api-version=2022-09-01');
  assert.equal(cloud.body.resourceManager, `${rehearsal.armEndpoint}/`);
  const old = await send(rehearsal, 'GET', '/metadata/endpoints?api-version=2015-01-01');
  assert.ok(old.body.authentication.loginEndpoint);
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = rehearsal.environment;
  const path = new URL(IDENTITY_ENDPOINT!).pathname;
  assert.equal((await send(rehearsal, 'GET', `${path}?resource=x`)).status, 403);
  const token = await send(rehearsal, 'GET', `${path}?resource=x`, {
    headers: { 'x-identity-header': IDENTITY_HEADER! },
  });
  const listed = await send(rehearsal, 'GET', '/subscriptions?api-version=2022-12-01', {
    headers: { authorization: `Bearer ${token.body.access_token}` },
  });
  assert.equal(listed.status, 200);
});
