/** What single checks and postconditions make of facts that are easily taken for others. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { evaluate } from '../../source/plan/conditions.ts';
import { loadRunbook } from '../../source/runbook/load.ts';
import { readRunbookFile, runbooksFolder } from './files.ts';

const keyId = 'https://v.vault.azure.net/keys/k/1';
const vaultId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v';

const kms = (azureKeyVaultKms: object) => ({ cluster: { securityProfile: { azureKeyVaultKms } } });
const newKms = (infrastructureEncryption: string) => ({
  cluster: { securityProfile: { kubernetesResourceObjectEncryptionProfile: { infrastructureEncryption } } },
});
const keyNow = (id: string, before = keyId) => ({
  ...kms({ enabled: true, keyId: id }),
  captured: { KEY_ID: before },
});
const rbac = { rbac: true };
const pools = (...versions: (string | null)[]) =>
  versions.map((currentOrchestratorVersion) => ({ name: 'p', currentOrchestratorVersion }));
const turnedOn = (keyVaultResourceId: string) => ({
  cluster: {
    provisioningState: 'succeeded',
    securityProfile: {
      azureKeyVaultKms: { enabled: true, keyId: 'https://V.vault.azure.net/keys/K/1', keyVaultResourceId },
    },
  },
  captured: { KEY_ID: keyId, KEY_VAULT_RESOURCE_ID: vaultId },
});

type Row = readonly [what: string, runbook: string, step: string, facts: object, holds: boolean];

const rows: readonly Row[] = [
  [
    'a Key Vault Reader on the key alone',
    'kms-v2-public-to-cmk',
    'identity-may-read-vault',
    { roles: { onVault: ['Key Vault Crypto User'], onKey: ['Key Vault Crypto User', 'Key Vault Reader'] } },
    false,
  ],
  [
    'a Key Vault Reader on the vault',
    'kms-v2-public-to-cmk',
    'identity-may-read-vault',
    { roles: { onVault: ['Key Vault Reader'], onKey: ['Key Vault Reader'] } },
    true,
  ],
  [
    'a Key Vault Crypto User on the key alone',
    'kms-v2-public-to-cmk',
    'identity-may-use-keys',
    { vault: rbac, roles: { onVault: [], onKey: ['Key Vault Crypto User'], keyPermissions: [] } },
    true,
  ],
  [
    'access policies in a vault with roles',
    'kms-v2-public-to-cmk',
    'identity-may-use-keys',
    { vault: rbac, roles: { onVault: [], onKey: [], keyPermissions: ['all'] } },
    false,
  ],
  ['the same key', 'kms-v2-public-to-cmk', 'vault-kms-on', keyNow(keyId), true],
  [
    'the same key without a version',
    'kms-v2-public-to-cmk',
    'vault-kms-on',
    keyNow('https://v.vault.azure.net/keys/k'),
    true,
  ],
  [
    'a key whose name begins alike',
    'kms-v2-public-to-cmk',
    'vault-kms-on',
    keyNow('https://v.vault.azure.net/keys/k2'),
    false,
  ],
  [
    'a key whose name is the beginning of that of the one before',
    'kms-v2-public-to-cmk',
    'vault-kms-on',
    keyNow('https://v.vault.azure.net/keys/k', 'https://v.vault.azure.net/keys/k2/1'),
    false,
  ],
  ['the beginning of the id', 'kms-v2-public-to-cmk', 'vault-kms-on', keyNow('https://v.vault'), false],
  ['another version', 'kms-v1-to-v2-public', 'same-key', keyNow('https://v.vault.azure.net/keys/k/2'), false],
  ['PRIVATE', 'kms-v2-public-to-pmk', 'vault-is-public', kms({ keyVaultNetworkAccess: 'PRIVATE' }), false],
  ['private', 'kms-v1-to-v2-private', 'vault-is-private', kms({ keyVaultNetworkAccess: 'private' }), true],
  ['no access', 'kms-v1-to-v2-public', 'vault-is-public', kms({}), true],
  ['no access', 'kms-v2-private-to-pmk', 'vault-is-private', kms({}), false],
  ['enabled', 'kms-v2-public-to-cmk', 'not-on-cmk', newKms('enabled'), false],
  ['enabled', 'kms-v2-public-to-pmk', 'not-on-pmk', newKms('enabled'), false],
  ['enabled', 'kms-v1-to-v2-public', 'not-on-new-kms', newKms('enabled'), false],
  ['enabled', 'kms-v2-public-to-cmk', 'new-kms-enabled', newKms('enabled'), true],
  ['no vault id', 'kms-v1-to-v2-private', 'note-vault-id', kms({ keyVaultResourceId: '' }), false],
  [
    'a word for a vault id',
    'kms-v1-to-v2-private',
    'note-vault-id',
    kms({ keyVaultResourceId: 'none' }),
    false,
  ],
  [
    'a vault id in capitals',
    'kms-v1-to-v2-private',
    'note-vault-id',
    kms({ keyVaultResourceId: vaultId.toUpperCase() }),
    true,
  ],
  [
    'no vault id on record',
    'kms-v1-to-v2-private',
    'vault-id-on-record',
    { ...kms({ keyVaultResourceId: vaultId }), captured: { KEY_ID: keyId } },
    false,
  ],
  [
    'nothing on record for a vault id',
    'kms-v1-to-v2-private',
    'vault-id-on-record',
    { ...kms({ keyVaultResourceId: '' }), captured: { KEY_VAULT_RESOURCE_ID: '' } },
    false,
  ],
  [
    'a vault id and a key id in another case',
    'kms-v1-to-v2-private',
    'turn-on-kms',
    turnedOn(vaultId.toUpperCase()),
    true,
  ],
  ['another vault id', 'kms-v1-to-v2-private', 'turn-on-kms', turnedOn(`${vaultId}2`), false],
  [
    'a network security perimeter',
    'kms-v2-public-to-cmk',
    'vault-public-access',
    { vault: { publicNetworkAccess: 'SecuredByPerimeter', defaultAction: 'Allow' } },
    false,
  ],
  [
    'a network security perimeter',
    'kms-v2-private-to-cmk',
    'vault-private-access',
    { vault: { publicNetworkAccess: 'SecuredByPerimeter', defaultAction: 'Deny' } },
    false,
  ],
  [
    'public access disabled',
    'kms-v2-private-to-cmk',
    'vault-private-access',
    { vault: { publicNetworkAccess: 'disabled', defaultAction: 'Allow' } },
    true,
  ],
  [
    'a firewall that denies',
    'kms-v2-private-to-cmk',
    'vault-private-access',
    { vault: { publicNetworkAccess: 'Enabled', defaultAction: 'Deny' } },
    true,
  ],
  [
    'node pools and a cluster without a version',
    'kms-v1-to-v2-public',
    'node-pools-upgraded',
    { cluster: { agentPoolProfiles: pools(null, null) } },
    false,
  ],
  [
    'no node pools',
    'kms-v1-to-v2-public',
    'node-pools-upgraded',
    { cluster: { currentKubernetesVersion: '1.27.16', agentPoolProfiles: [] } },
    false,
  ],
  [
    'an older node pool',
    'kms-v1-to-v2-public',
    'node-pools-upgraded',
    { cluster: { currentKubernetesVersion: '1.27.16', agentPoolProfiles: pools('1.27.16', '1.26.15') } },
    false,
  ],
  [
    'a version that is only asked for',
    'kms-v1-to-v2-public',
    'version-reached',
    { cluster: { kubernetesVersion: '1.27.16', currentKubernetesVersion: '1.26.15' } },
    false,
  ],
  [
    'a version that is only asked for, and none that runs',
    'kms-v1-to-v2-public',
    'version-reached',
    { cluster: { kubernetesVersion: '1.27.16' } },
    false,
  ],
  [
    'a key that was not noted',
    'kms-v1-to-v2-public',
    'key-on-record',
    { ...kms({ keyId }), captured: { KEY_VAULT_NETWORK_ACCESS: 'Public' } },
    false,
  ],
];

for (const [what, id, step, facts, holds] of rows)
  test(`${id}, ${step}: ${holds ? 'holds with' : 'does not hold with'} ${what}`, () => {
    const { runbook } = loadRunbook(join(runbooksFolder, `${id}.yaml`), readRunbookFile);
    const found = runbook?.sections.flatMap(({ steps }) => steps).find((known) => known.id === step);
    const condition = found?.kind === 'check' ? found.check : found?.doneWhen;
    assert.ok(condition);
    assert.equal(evaluate(condition, facts), holds);
  });

test('the step before the one that turns KMS off or changes the key makes sure that the key is on record', () => {
  const last: Readonly<Record<string, readonly string[]>> = {
    'kms-v1-to-v2-public': ['key-on-record'],
    'kms-v1-to-v2-private': ['key-on-record', 'vault-id-on-record'],
    'kms-v2-public-to-pmk': ['key-on-record'],
    'kms-v2-private-to-pmk': ['key-on-record'],
    'kms-v2-public-to-cmk': ['key-on-record', 'vault-public-access', 'vault-firewall'],
    'kms-v2-private-to-cmk': ['key-on-record', 'vault-private-access', 'vault-trusted-services'],
  };
  for (const [id, expected] of Object.entries(last)) {
    const { runbook } = loadRunbook(join(runbooksFolder, `${id}.yaml`), readRunbookFile);
    const steps = runbook!.sections.flatMap((section) => section.steps);
    const change = steps.findIndex((step) => step.kind === 'run' && step.changes);
    const before = steps.slice(change - expected.length, change);
    assert.deepEqual(
      before.map((step) => step.id),
      expected,
    );
    for (const step of before) assert.ok(step.kind === 'check' && step.severity === 'blocking', step.id);
  }
});
