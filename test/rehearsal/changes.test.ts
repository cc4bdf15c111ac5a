import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  disableKms,
  enablePmk,
  eventually,
  fast,
  finished,
  getCluster,
  put,
  rehearse,
  slow,
  stable,
} from './helpers.ts';
import type { Json } from './helpers.ts';

const keyId = 'https://rehearsal-vault.vault.azure.net/keys/etcd/0123456789abcdef0123456789abcdef';

const kms = (settings: Json): Json => ({ securityProfile: { azureKeyVaultKms: settings } });

test('a change runs as a long operation that shows its goal and holds the cluster busy', async (t) => {
  const rehearsal = await rehearse(t, { speed: slow });
  const started = await put(rehearsal, disableKms);
  assert.equal(started.status, 200);
  assert.equal(started.body.properties.provisioningState, 'Updating');
  assert.ok(started.headers['azure-asyncoperation']);
  assert.ok(started.headers['retry-after']);
  const during = (await getCluster(rehearsal)).body.properties;
  assert.equal(during.provisioningState, 'Updating');
  assert.equal(during.securityProfile.azureKeyVaultKms.enabled, false);
  assert.match(Object.keys(rehearsal.record().secretsByKey)[0]!, /^kms-v2:/u);
  assert.match(rehearsal.record().currentKey, /^kms-v2:/u);
  const second = await put(rehearsal, disableKms);
  assert.deepEqual([second.status, second.body.error.code], [409, 'OperationNotAllowed']);
  assert.deepEqual(
    rehearsal.record().mutations.map(({ operation, outcome }) => [operation, outcome]),
    [
      ['aks update', 'InProgress'],
      ['aks update', 'refused: OperationNotAllowed'],
    ],
  );
});

test('turning KMS off leaves the secrets under their old key until they are rewritten', async (t) => {
  const rehearsal = await rehearse(t);
  const ended = await finished(rehearsal, await put(rehearsal, disableKms));
  assert.equal(ended['status'], 'Succeeded');
  const record = rehearsal.record();
  assert.equal(record.currentKey, 'identity');
  assert.match(Object.keys(record.secretsByKey).join(' '), /^kms-v2:\S+$/u);
  assert.deepEqual((await getCluster(rehearsal)).body.properties.securityProfile.azureKeyVaultKms, {
    enabled: false,
  });
});

test('turning to PMK or CMK rewrites all secrets itself', async (t) => {
  const pmk = await rehearse(t);
  await finished(pmk, await put(pmk, enablePmk));
  assert.deepEqual(pmk.record().secretsByKey, { 'platform:aks-managed': 120 });
  assert.deepEqual(pmk.record().cluster.securityProfile, {
    azureKeyVaultKms: { enabled: false },
    kubernetesResourceObjectEncryptionProfile: { infrastructureEncryption: 'Enabled' },
  });
  const cmk = await rehearse(t);
  const profile = { kubernetesResourceObjectEncryptionProfile: { infrastructureEncryption: 'Enabled' } };
  await finished(cmk, await put(cmk, { securityProfile: profile }));
  assert.match(Object.keys(cmk.record().secretsByKey).join(' '), /^cmk:https:\S+$/u);
});

test('a stable api-version cannot turn infrastructure encryption on', async (t) => {
  const rehearsal = await rehearse(t);
  await finished(rehearsal, await put(rehearsal, enablePmk, stable));
  assert.equal(rehearsal.record().currentKey, 'identity');
});

test('KMS v1 to v2: off, upgrade, on', async (t) => {
  const rehearsal = await rehearse(t, { scenario: 'kms-v1-public' });
  const blocked = await put(rehearsal, { kubernetesVersion: '1.27.1' });
  assert.equal(blocked.status, 400);
  assert.match(blocked.body.error.message, /KMS v1/u);
  await finished(rehearsal, await put(rehearsal, disableKms));
  const upgrading = await put(rehearsal, { kubernetesVersion: '1.27.1' });
  assert.equal(upgrading.body.properties.provisioningState, 'Upgrading');
  assert.equal(upgrading.body.properties.kubernetesVersion, '1.27.1');
  assert.equal(upgrading.body.properties.currentKubernetesVersion, '1.26.15');
  await finished(rehearsal, upgrading);
  await finished(
    rehearsal,
    await put(rehearsal, kms({ enabled: true, keyId, keyVaultNetworkAccess: 'Public' })),
  );
  assert.equal(rehearsal.record().currentKey, `kms-v2:${keyId}`);
  assert.deepEqual(
    rehearsal.record().mutations.map(({ operation, outcome }) => `${operation} ${outcome}`),
    [
      'aks upgrade refused: BadRequest',
      'aks update Succeeded',
      'aks upgrade Succeeded',
      'aks update Succeeded',
    ],
  );
});

/** Changes that AKS refuses, from which cluster, with which code and words. */
const refusals: [name: string, scenario: string, properties: Json, code: string, message: RegExp][] = [
  [
    'a minor version skipped',
    'kms-v2-public',
    { kubernetesVersion: '1.35.0' },
    'OperationNotAllowed',
    /Available upgrades: \[1\.33\.5 1\.34\.1\]/u,
  ],
  [
    'an older version',
    'kms-v2-public',
    { kubernetesVersion: '1.32.9' },
    'OperationNotAllowed',
    /not allowed/u,
  ],
  ['PMK on 1.32', 'too-old', enablePmk, 'BadRequest', /1\.33\.0 or later/u],
  ['PMK on KMS v1', 'kms-v1-public', enablePmk, 'BadRequest', /1\.33\.0 or later/u],
  [
    'back from PMK',
    'pmk',
    {
      securityProfile: {
        kubernetesResourceObjectEncryptionProfile: { infrastructureEncryption: 'Disabled' },
      },
    },
    'BadRequest',
    /cannot be disabled/u,
  ],
  ['no key', 'no-kms', kms({ enabled: true }), 'BadRequest', /Key ID is empty/u],
  [
    'no network access',
    'no-kms',
    kms({ enabled: true, keyId }),
    'BadRequest',
    /network access is unspecified/u,
  ],
  [
    'a private vault without its id',
    'no-kms',
    kms({ enabled: true, keyId, keyVaultNetworkAccess: 'Private' }),
    'BadRequest',
    /resource ID is empty when KeyVault network access is Private/u,
  ],
  [
    'a private vault without VNet integration',
    'no-kms',
    kms({ enabled: true, keyId, keyVaultNetworkAccess: 'Private', keyVaultResourceId: '/subscriptions/x' }),
    'BadRequest',
    /API Server VNet Integration/u,
  ],
  [
    'a key without version',
    'no-kms',
    kms({ enabled: true, keyId: keyId.replace(/\/[^/]+$/u, ''), keyVaultNetworkAccess: 'Public' }),
    'BadRequest',
    /no version/u,
  ],
  ['a stopped cluster', 'stopped', disableKms, 'OperationNotAllowed', /Stopped/u],
];

for (const [name, scenario, properties, code, message] of refusals)
  test(`refused: ${name}`, async (t) => {
    const rehearsal = await rehearse(t, { scenario });
    const before = rehearsal.record();
    const { status, body } = await put(rehearsal, properties);
    assert.deepEqual([status, body.error.code], [400, code]);
    assert.match(body.error.message, message);
    const after = rehearsal.record();
    assert.deepEqual(after.operations, []);
    assert.deepEqual(after.cluster, before.cluster);
    assert.equal(after.mutations[0]?.outcome, `refused: ${code}`);
  });

test('a cluster left Failed can be changed', async (t) => {
  const rehearsal = await rehearse(t, { scenario: 'failed-state' });
  await finished(rehearsal, await put(rehearsal, enablePmk));
  assert.equal(rehearsal.record().cluster.provisioningState, 'Succeeded');
});

/** Faults that spoil the first change and let the second one through. */
for (const [fault, status, code] of [
  ['identity-permission', 400, 'AzureKeyVaultKmsValidateIdentityPermissionCustomerError'],
  ['key-expired', 400, 'KeyExpired'],
  ['token-expired', 401, 'ExpiredAuthenticationToken'],
] as const)
  test(`fault ${fault}`, async (t) => {
    const rehearsal = await rehearse(t, { faults: [fault] });
    const first = await put(rehearsal, enablePmk);
    assert.deepEqual([first.status, first.body.error.code], [status, code]);
    assert.equal((await finished(rehearsal, await put(rehearsal, enablePmk)))['status'], 'Succeeded');
  });

test('fault update-fails-once: the first operation fails and changes nothing, the second works', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['update-fails-once'] });
  const failed = await finished(rehearsal, await put(rehearsal, enablePmk));
  assert.equal(failed['status'], 'Failed');
  assert.equal(failed['error'].code, 'InternalOperationError');
  const { properties } = (await getCluster(rehearsal)).body;
  assert.equal(properties.provisioningState, 'Failed');
  assert.equal(properties.securityProfile.azureKeyVaultKms.enabled, true);
  assert.match(rehearsal.record().currentKey, /^kms-v2:/u);
  assert.equal((await finished(rehearsal, await put(rehearsal, enablePmk)))['status'], 'Succeeded');
  assert.deepEqual(
    rehearsal.record().mutations.map(({ outcome }) => outcome),
    ['Failed', 'Succeeded'],
  );
});

test('fault failure-keeps-goal: ARM shows what was asked for although it is not in force', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['update-fails-once', 'failure-keeps-goal'] });
  await finished(rehearsal, await put(rehearsal, enablePmk));
  const { properties } = (await getCluster(rehearsal)).body;
  assert.equal(properties.provisioningState, 'Failed');
  assert.equal(properties.securityProfile.azureKeyVaultKms.enabled, false);
  assert.match(rehearsal.record().currentKey, /^kms-v2:/u);
});

test('fault slow-update takes six times as long', async (t) => {
  const lasts = async (faults: string[]): Promise<number> => {
    const rehearsal = await rehearse(t, { faults, speed: slow });
    await put(rehearsal, disableKms);
    const { startedAt, endsAt } = rehearsal.record().operations[0]!;
    return endsAt - startedAt;
  };
  assert.equal(await lasts(['slow-update']), 6 * (await lasts([])));
});

test('fault operation-in-progress: the first change meets another one', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['operation-in-progress'], speed: slow });
  const first = await put(rehearsal, enablePmk);
  assert.deepEqual([first.status, first.body.error.code], [409, 'OperationNotAllowed']);
  assert.equal((await getCluster(rehearsal)).body.properties.provisioningState, 'Updating');
  assert.equal((await put(rehearsal, enablePmk)).status, 409);
});

test('fault operation-in-progress: the other change ends and is not met again', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['operation-in-progress'] });
  assert.equal((await put(rehearsal, enablePmk)).status, 409);
  const started = await eventually(async () => {
    const answer = await put(rehearsal, enablePmk);
    return answer.status === 409 ? undefined : answer;
  });
  assert.equal((await finished(rehearsal, started))['status'], 'Succeeded');
});

test('fault policy-blocks: the migration fails and leaves every secret where it was', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['policy-blocks'] });
  const failed = await finished(rehearsal, await put(rehearsal, enablePmk));
  assert.equal(failed['status'], 'Failed');
  assert.match(failed['error'].message, /payments.*admission webhook "validation\.gatekeeper\.sh" denied/u);
  const record = rehearsal.record();
  assert.deepEqual(Object.values(record.secretsByKey), [120]);
  assert.match(record.currentKey, /^kms-v2:/u);
  assert.equal(record.cluster.provisioningState, 'Failed');
});

test('fault feature-not-registered: PMK is refused, KMS off is not', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['feature-not-registered'] });
  const refused = await put(rehearsal, enablePmk);
  assert.match(
    refused.body.error.message,
    /Preview feature Microsoft\.ContainerService\/KMSPMKPreview not registered/u,
  );
  assert.equal((await put(rehearsal, disableKms)).status, 200);
});

test('fault stale-read: five reads still show the old settings, while the record does not', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['stale-read'], speed: fast });
  await finished(rehearsal, await put(rehearsal, disableKms));
  const seen = [];
  for (let count = 0; count < 6; count += 1)
    seen.push((await getCluster(rehearsal)).body.properties.securityProfile.azureKeyVaultKms.enabled);
  assert.deepEqual(seen, [true, true, true, true, true, false]);
  assert.equal(rehearsal.record().currentKey, 'identity');
});
