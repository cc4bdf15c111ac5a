import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { delimiter } from 'node:path';
import { test } from 'node:test';

import { faults, openRehearsal, scenarios, standInNames } from '../../source/rehearsal/index.ts';
import { getCluster, rehearse, run, stable, temporaryDirectory } from './helpers.ts';

const key = 'https://rehearsal-vault.vault.azure.net/keys/etcd/5e1f0d0c3b2a49788796a5b4c3d2e1f0';

/** The version of the key that `kms-v2-rotated` was rotated away from. */
const keyBefore = 'https://rehearsal-vault.vault.azure.net/keys/etcd/0b1c2d3e4f5061728394a5b6c7d8e9f0';

/** What each scenario's cluster shows: version, KMS access, encryption, VNet integration; and its secrets' key. */
const expected: Record<string, [string, string | undefined, string | undefined, boolean, string]> = {
  'kms-v2-public': ['1.33.2', 'Public', undefined, false, `kms-v2:${key}`],
  'kms-v2-rotated': ['1.33.2', 'Public', undefined, false, `kms-v2:${key}`],
  'kms-v2-private': ['1.33.2', 'Private', undefined, true, `kms-v2:${key}`],
  'kms-v2-private-no-vnet': ['1.33.2', 'Private', undefined, false, `kms-v2:${key}`],
  'kms-v1-public': ['1.26.15', 'Public', undefined, false, `kms-v1:${key}`],
  'kms-v1-public-1-24': ['1.24.17', 'Public', undefined, false, `kms-v1:${key}`],
  'kms-v1-private': ['1.26.15', 'Private', undefined, true, `kms-v1:${key}`],
  'kms-v1-private-no-vnet': ['1.26.15', 'Private', undefined, false, `kms-v1:${key}`],
  pmk: ['1.33.2', undefined, 'Enabled', false, 'platform:aks-managed'],
  cmk: ['1.33.2', 'Public', 'Enabled', false, `cmk:${key}`],
  'no-kms': ['1.33.2', undefined, undefined, false, 'identity'],
  'too-old': ['1.32.4', 'Public', undefined, false, `kms-v2:${key}`],
  stopped: ['1.33.2', 'Public', undefined, false, `kms-v2:${key}`],
  'failed-state': ['1.33.2', 'Public', undefined, false, `kms-v2:${key}`],
};

test('every scenario is expected here', () => {
  assert.deepEqual(scenarios.map(({ name }) => name).sort(), Object.keys(expected).sort());
});

for (const [scenario, [version, access, encryption, vnet, storedUnder]] of Object.entries(expected))
  test(`scenario ${scenario}`, async (t) => {
    const rehearsal = await rehearse(t, { scenario });
    const { properties } = (await getCluster(rehearsal)).body;
    assert.equal(properties.kubernetesVersion, version);
    assert.equal(properties.securityProfile.azureKeyVaultKms?.keyVaultNetworkAccess, access);
    assert.equal(
      properties.securityProfile.kubernetesResourceObjectEncryptionProfile?.infrastructureEncryption,
      encryption,
    );
    assert.equal(properties.apiServerAccessProfile?.enableVnetIntegration === true, vnet);
    assert.equal(properties.powerState.code, scenario === 'stopped' ? 'Stopped' : 'Running');
    assert.equal(properties.provisioningState, scenario === 'failed-state' ? 'Failed' : 'Succeeded');
    assert.match(properties.fqdn, /^rehearsal-dns-[0-9a-f]{8}\.hcp\.eastus\.azmk8s\.io$/u);
    assert.equal(properties.maxAgentPools, 100);
    assert.ok(properties.identityProfile.kubeletidentity.resourceId);
    const record = rehearsal.record();
    assert.equal(record.secrets, 120);
    const before = scenario === 'kms-v2-rotated' ? `kms-v2:${keyBefore}` : storedUnder;
    assert.deepEqual(record.secretsByKey, { [before]: 120 });
    assert.equal(record.currentKey, storedUnder);
  });

test('no stable api-version shows the encryption profile', async (t) => {
  const rehearsal = await rehearse(t, { scenario: 'pmk' });
  const { properties } = (await getCluster(rehearsal, stable)).body;
  assert.deepEqual(properties.securityProfile, {});
});

test('a scenario or fault that does not exist is refused with the names of those that do', async (t) => {
  const options = { directory: temporaryDirectory(t), clusterName: 'c', resourceGroup: 'g' };
  await assert.rejects(openRehearsal({ ...options, scenario: 'nope', faults: [] }), /nope.*kms-v2-public/u);
  await assert.rejects(
    openRehearsal({ ...options, scenario: 'pmk', faults: ['nope'] }),
    new RegExp(`nope.*${faults[0].name}`, 'u'),
  );
});

test('names, number of secrets and directory modes are as asked', async (t) => {
  const { statSync } = await import('node:fs');
  const directory = `${temporaryDirectory(t)}/deep/state`;
  const rehearsal = await rehearse(t, { directory, clusterName: 'Prod_1', secretCount: 3 });
  assert.equal(rehearsal.record().secrets, 3);
  assert.match(rehearsal.record().cluster.fqdn, /^prod1-dns-/u);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  for (const file of ['state.json', 'secrets.jsonl', 'requests.jsonl', 'key.pem', 'certificate.pem'])
    assert.equal(statSync(`${directory}/${file}`).mode & 0o777, 0o600, file);
  assert.equal(statSync(`${directory}/bin/az`).mode & 0o777, 0o700);
});

test('the stand-ins are those that are named, and stand first on PATH', async (t) => {
  const rehearsal = await rehearse(t);
  const [first = ''] = (rehearsal.environment['PATH'] ?? '').split(delimiter);
  assert.deepEqual(readdirSync(first).sort(), [...standInNames].sort());
  for (const name of standInNames)
    assert.doesNotMatch((await run(rehearsal, name, ['version'])).stderr, /usage: stand-in/);
});
