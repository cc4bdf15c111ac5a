/** No check holds because of something that is not known: each is tried with each thing it reads left out. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { evaluate, evaluateValue } from '../../source/plan/conditions.ts';
import { loadRunbook } from '../../source/runbook/load.ts';
import type { Expression, Runbook } from '../../source/runbook/model.ts';
import { readRunbookFile, runbooksFolder } from './files.ts';
import { readsOf } from './reads.ts';

type Facts = Readonly<Record<string, unknown>>;
type Access = 'public' | 'private';

const kms = 'cluster.securityProfile.azureKeyVaultKms';
const newKms = 'cluster.securityProfile.kubernetesResourceObjectEncryptionProfile.infrastructureEncryption';

/** Where the unknown is as good as known, by step: what may be missing, and why nothing is believed because of it. */
const exceptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'not-on-new-kms': { [newKms]: 'It needs 1.33, and kms-is-v1 refuses everything from 1.27 on.' },
  'not-on-pmk': {
    [newKms]: 'Azure leaves it out where it has never been on; settings-shown asks whether it is shown.',
    [`${kms}.enabled`]: 'kms-is-on asks for it.',
  },
  'not-on-cmk': { [newKms]: 'As for not-on-pmk.' },
  'vault-is-public': { [`${kms}.keyVaultNetworkAccess`]: 'Public is the default Azure documents.' },
  'key-on-record': { [`${kms}.keyVaultNetworkAccess`]: 'As for vault-is-public.' },
  'identity-may-use-keys': { 'roles.keyPermissions': 'Without force in a vault with roles.' },
  'vault-firewall': { 'vault.defaultAction': 'Who may bypass the firewall passes it in any case.' },
  'upgrade-supported': { 'upgrades.offered.*.version': 'Versions that Azure does not name are not offered.' },
  'turn-off-kms': { [`${kms}.enabled`]: 'Azure may leave it out once it is off.' },
  'enable-pmk': { [`${kms}.enabled`]: 'As for turn-off-kms.' },
  'vault-kms-off': { [`${kms}.enabled`]: 'As for turn-off-kms.' },
};

/** What the adapters may find to be null; what is within the other facts they always fill in. */
const nullable = /^(?:cluster|captured|identity|tools|features)\./;

const keyId = 'https://v.vault.azure.net/keys/k/5e1f0d0c3b2a49788796a5b4c3d2e1f0';
const vaultId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v';

function keyVaultKms(access: Access) {
  return access === 'public'
    ? { enabled: true, keyId, keyVaultNetworkAccess: 'Public', keyVaultResourceId: '' }
    : { enabled: true, keyId, keyVaultNetworkAccess: 'Private', keyVaultResourceId: vaultId };
}

function clusterOn(version: string, securityProfile: object): object {
  return {
    provisioningState: 'Succeeded',
    powerState: { code: 'Running' },
    kubernetesVersion: version,
    currentKubernetesVersion: version,
    agentPoolProfiles: [{ name: 'system', currentOrchestratorVersion: version }],
    identity: { type: 'UserAssigned' },
    apiServerAccessProfile: { enableVnetIntegration: true },
    securityProfile,
    encryptionShown: true,
  };
}

/** Facts under which every check of a runbook holds: at its start, and after each of the steps that change KMS. */
function statesOf({ id }: Runbook): { before: Facts; after: Readonly<Record<string, Facts>> } {
  const access: Access = id.includes('private') ? 'private' : 'public';
  const enabled = { kubernetesResourceObjectEncryptionProfile: { infrastructureEncryption: 'Enabled' } };
  const on = { azureKeyVaultKms: keyVaultKms(access) };
  const off = { azureKeyVaultKms: { enabled: false } };
  const common = {
    upgrades: { current: '1.26.15', offered: [{ version: '1.27.16', support: 'in support' }] },
    identity: { type: 'UserAssigned', id: 'i', name: 'n', principalId: 'p' },
    vault: {
      publicNetworkAccess: 'Enabled',
      defaultAction: 'Deny',
      bypass: 'AzureServices',
      rbac: true,
    },
    roles: {
      onVault: ['Key Vault Reader'],
      onKey: ['Key Vault Crypto User', 'Key Vault Reader'],
      keyPermissions: ['all'],
    },
    features: { KMSPMKPreview: 'Registered' },
    tools: { az: '2.91.0', 'aks-preview': '19.0.0b13', kubectl: '1.33.0', kubelogin: '0.1.4' },
    access: { updateCluster: true, patchSecrets: true, updateSecrets: true, missing: [] },
    secrets: { count: 3, namespaces: [{ name: 'default', count: 3 }] },
    policy: { allowed: true, blocked: [] },
    params: { KUBERNETES_VERSION: '1.27.0' },
    captured: {
      KEY_ID: keyId,
      KEY_VAULT_NETWORK_ACCESS: access === 'public' ? 'Public' : 'Private',
      KEY_VAULT_RESOURCE_ID: vaultId,
      SECRETS_BEFORE: '3',
      ...Object.fromEntries([1, 2, 3, 4].map((hop) => [`UPGRADE_${hop}_VERSION`, '1.27.16'])),
    },
  };
  const facts = (version: string, profile: object): Facts => ({
    ...common,
    cluster: clusterOn(version, profile),
  });
  return id.startsWith('kms-v1')
    ? {
        before: facts('1.26.15', on),
        after: { 'turn-off-kms': facts('1.27.16', off), 'turn-on-kms': facts('1.27.16', on) },
      }
    : {
        before: facts('1.33.2', on),
        after: {
          'enable-pmk': facts('1.33.2', { ...off, ...enabled }),
          'enable-cmk': facts('1.33.2', { ...on, ...enabled }),
        },
      };
}

/** The facts with `nothing` in one place; `*` stands for every item of a list. */
function without(facts: unknown, place: readonly string[], nothing: null | ''): unknown {
  const [name, ...rest] = place;
  if (name === undefined) return nothing;
  if (name === '*' && Array.isArray(facts)) return facts.map((item) => without(item, rest, nothing));
  if (typeof facts !== 'object' || facts === null) return facts;
  return { ...facts, [name]: without((facts as Facts)[name], rest, nothing) };
}

function holds(expression: Expression, facts: Facts): boolean {
  try {
    return evaluate(expression, facts);
  } catch {
    // The step then fails, too.
    return false;
  }
}

const used = new Set<string>();

/** What may be missing without the condition of `step` failing, of all that it reads and no exception names. */
function believedUnknown(step: string, expression: Expression, facts: Facts): string[] {
  const excepted = Object.keys(exceptions[step] ?? {});
  return readsOf(expression.source).flatMap((place) => {
    if (place === 'params' || place.startsWith('params.')) return [];
    const believed = [null, '' as const].filter((nothing) =>
      holds(expression, without(facts, place.split('.'), nothing) as Facts),
    );
    if (believed.length > 0 && excepted.includes(place)) used.add(`${step}: ${place}`);
    // What is missing with everything around it is missing, too.
    if (excepted.some((known) => known === place || known.startsWith(`${place}.`))) return [];
    return believed.map((nothing) => `${place} = ${JSON.stringify(nothing)}`);
  });
}

/** Whether the condition holds when nothing of what it reads is known but what an exception names. */
function believesNothing(step: string, expression: Expression, facts: Facts): boolean {
  const read = readsOf(expression.source);
  const innermost = read.filter((place) => !read.some((other) => other.startsWith(`${place}.`)));
  const needed = innermost.filter(
    (place) => !place.startsWith('params.') && exceptions[step]?.[place] === undefined,
  );
  return [null, '' as const].some((nothing) => {
    let unknown: unknown = facts;
    for (const place of needed) unknown = without(unknown, place.split('.'), nothing);
    return needed.length > 0 && holds(expression, unknown as Facts);
  });
}

const files = readdirSync(runbooksFolder).filter((file) => /^kms-v\d.*\.yaml$/.test(file));

for (const file of files) {
  const { runbook } = loadRunbook(join(runbooksFolder, file), readRunbookFile);
  assert.ok(runbook);
  const { before, after } = statesOf(runbook);
  let facts = before;
  for (const step of runbook.sections.flatMap(({ steps }) => steps)) {
    facts = after[step.id] ?? facts;
    const now = facts;
    const condition = step.kind === 'check' ? step.check : step.doneWhen;
    if (condition === undefined) continue;
    test(`${runbook.id}, ${step.id}: holds, and not because something is unknown`, () => {
      assert.equal(evaluate(condition, now), true);
      assert.deepEqual(believedUnknown(step.id, condition, now), []);
      assert.equal(believesNothing(step.id, condition, now), false, 'with nothing known at all');
    });
    const value = step.kind === 'check' ? step.value : undefined;
    if (value === undefined) continue;
    test(`${runbook.id}, ${step.id}: what was found can be shown, whatever of it is unknown`, () => {
      for (const place of ['', ...readsOf(value.source).filter((read) => nullable.test(read))])
        evaluateValue(value, place === '' ? now : (without(now, place.split('.'), null) as Facts), '');
    });
  }
}

test('every exception is needed', () => {
  const named = Object.entries(exceptions).flatMap(([step, places]) =>
    Object.keys(places).map((place) => `${step}: ${place}`),
  );
  assert.deepEqual([...used].sort(), named.sort());
});
