import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { redact } from '../../source/engine/redaction.ts';
import { evaluate } from '../../source/plan/conditions.ts';
import { fragmentJsonSchema, runbookJsonSchema } from '../../source/runbook/json-schema.ts';
import { loadRunbook } from '../../source/runbook/load.ts';
import type { CheckStep, Runbook } from '../../source/runbook/model.ts';
import { readRunbookFile, runbooksFolder } from './files.ts';

const files = readdirSync(runbooksFolder).filter((file) => file.endsWith('.yaml'));

for (const file of files)
  test(`${file} has no problems, and is named for its id`, () => {
    const { runbook, problems } = loadRunbook(join(runbooksFolder, file), readRunbookFile);
    assert.deepEqual(problems, []);
    assert.equal(`${runbook?.id}.yaml`, file);
  });

for (const file of files)
  test(`nothing in ${file} is taken for a secret, so that a record can be given whole`, () => {
    const { runbook } = loadRunbook(join(runbooksFolder, file), readRunbookFile);
    const text = JSON.stringify(runbook, (_, value: unknown) => {
      if (typeof value === 'string') assert.equal(redact(value), value);
      return value;
    });
    assert.equal(redact(text), text);
  });

for (const file of files)
  test(`${file} leaves no Secret behind where an upgrade follows that cannot read it`, () => {
    const { runbook } = loadRunbook(join(runbooksFolder, file), readRunbookFile);
    const steps = (runbook?.sections ?? []).flatMap((section) => section.steps);
    const upgrades = steps.flatMap(({ id }, index) => (id.startsWith('upgrade-') ? [index] : []));
    const off = steps.findIndex(({ id }) => id === 'turn-off-kms');
    assert.equal(off !== -1, file.startsWith('kms-v1-'));
    const between = steps
      .slice(off, off === -1 ? off : upgrades.at(-1))
      .filter((step) => step.kind === 'rewrite-secrets');
    assert.equal(between.length, off === -1 ? 0 : 1);
    for (const { noExceptions, stored } of between) {
      assert.match(noExceptions ?? '', /can never be read again after the upgrade/);
      assert.equal(stored, 'without KMS');
    }
  });

function committed(path: string): unknown {
  return JSON.parse(readRunbookFile(join(runbooksFolder, path)));
}

test('the committed JSON Schemas are those of the format', () => {
  assert.ok(isDeepStrictEqual(committed('runbook.schema.json'), runbookJsonSchema()));
  assert.ok(isDeepStrictEqual(committed('fragments/fragment.schema.json'), fragmentJsonSchema()));
  execFileSync(process.execPath, [join(import.meta.dirname, '../../scripts/write-schema.ts'), '--check']);
});

test('every field of the JSON Schema has a description', () => {
  const missing: string[] = [];
  const visit = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties')
        for (const [name, property] of Object.entries(value as Record<string, object>))
          if (!('description' in property) && !('$ref' in property)) missing.push(`${path}/${name}`);
      visit(value, `${path}/${key}`);
    }
  };
  visit(runbookJsonSchema(), '');
  visit(fragmentJsonSchema(), '');
  assert.deepEqual(missing, []);
});

test('the example in the guide for authors has no problems', () => {
  const guide = readRunbookFile(join(runbooksFolder, '../docs/runbooks.md'));
  const example = /```yaml\n(# yaml-language-server[\s\S]*?)```/.exec(guide)?.[1] ?? '';
  const path = join(runbooksFolder, 'kms-v2-public-to-pmk.yaml');
  const { runbook, problems } = loadRunbook(path, (file) =>
    file === path ? example : readRunbookFile(file),
  );
  assert.deepEqual(problems, []);
  assert.ok(runbook && runbook.sections.length > 1);
});

test('the migration command is the one the document prints', () => {
  const document = readRunbookFile(join(import.meta.dirname, 'documents/migrate-kms-v2-to-pmk-or-cmk.md'));
  const block = /public Key Vault to PMK[\s\S]*?```azurecli-interactive\n([\s\S]*?)\n```/.exec(document)?.[1];
  const step = stepsOf(pmk()).find(({ id }) => id === 'enable-pmk');
  assert.ok(step?.kind === 'run');
  assert.equal(step.source, block);
  assert.deepEqual(step.confirm, { kind: 'type', parameter: 'CLUSTER_NAME' });
  assert.match(document, new RegExp(step.irreversible!.replaceAll('.', String.raw`\.`)));
});

/** A cluster the PMK runbook is for. */
const cluster = {
  id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c',
  identity: { type: 'UserAssigned' },
  kubernetesVersion: '1.33',
  currentKubernetesVersion: '1.33.2',
  provisioningState: 'Succeeded',
  powerState: { code: 'Running' },
  encryptionShown: true,
  securityProfile: {
    azureKeyVaultKms: {
      enabled: true,
      keyId: 'https://v.vault.azure.net/keys/k/1',
      keyVaultNetworkAccess: 'Public',
    },
  },
};
const enabled = { infrastructureEncryption: 'Enabled' };
const kms = cluster.securityProfile.azureKeyVaultKms;
const captured = { KEY_ID: kms.keyId, KEY_VAULT_NETWORK_ACCESS: 'Public', SECRETS_BEFORE: '3' };
const facts = {
  cluster,
  features: { KMSPMKPreview: 'Registered' },
  tools: { az: '2.91.0', 'aks-preview': '19.0.0b13', kubectl: '1.33.0', kubelogin: null },
  access: { updateCluster: true, patchSecrets: true, missing: [] },
  secrets: { count: 3, namespaces: [{ name: 'default', count: 3 }] },
  policy: { allowed: true, blocked: [] },
  captured,
};

/** Each changes one thing, and names the check that stops it first. */
const obstacles: readonly (readonly [what: string, check: string, change: object])[] = [
  [
    'PMK',
    'not-on-pmk',
    { cluster: { ...cluster, securityProfile: { kubernetesResourceObjectEncryptionProfile: enabled } } },
  ],
  [
    'CMK',
    'not-on-cmk',
    {
      cluster: {
        ...cluster,
        securityProfile: { azureKeyVaultKms: kms, kubernetesResourceObjectEncryptionProfile: enabled },
      },
    },
  ],
  ['no KMS', 'kms-is-on', { cluster: { ...cluster, securityProfile: {} } }],
  [
    'KMS v1',
    'kms-is-v2',
    { cluster: { ...cluster, kubernetesVersion: '1.26', currentKubernetesVersion: '1.26.15' } },
  ],
  ['1.32', 'kubernetes-version', { cluster: { ...cluster, currentKubernetesVersion: '1.32.4' } }],
  ['az 2.45', 'azure-cli-version', { tools: { ...facts.tools, az: '2.45.0' } }],
  ['an old extension', 'aks-preview-version', { tools: { ...facts.tools, 'aks-preview': '19.0.0b9' } }],
  ['no extension', 'aks-preview-version', { tools: { ...facts.tools, 'aks-preview': null } }],
  [
    'no permission',
    'may-update-cluster',
    { access: { updateCluster: false, patchSecrets: true, missing: ['x'] } },
  ],
  ['a stopped cluster', 'cluster-is-running', { cluster: { ...cluster, powerState: { code: 'Stopped' } } }],
  ['a busy cluster', 'cluster-is-idle', { cluster: { ...cluster, provisioningState: 'Updating' } }],
  ['a failed cluster', 'cluster-is-healthy', { cluster: { ...cluster, provisioningState: 'Failed' } }],
  ['a service principal', 'managed-identity', { cluster: { ...cluster, identity: null } }],
  ['an unregistered feature', 'feature-registered', { features: { KMSPMKPreview: 'NotRegistered' } }],
  [
    'a blocking policy',
    'policy-allows-update',
    { policy: { allowed: false, blocked: [{ namespace: 'a', message: 'm' }] } },
  ],
  [
    'a private vault',
    'vault-is-public',
    {
      cluster: {
        ...cluster,
        securityProfile: { azureKeyVaultKms: { ...kms, keyVaultNetworkAccess: 'Private' } },
      },
    },
  ],
  ['unreadable secrets', 'secrets-before', { secrets: { count: 0, namespaces: [] } }],
  [
    'a cluster whose settings are not shown',
    'settings-shown',
    { cluster: { ...cluster, encryptionShown: false } },
  ],
  ['a key that was not noted', 'key-on-record', { captured: { SECRETS_BEFORE: '3' } }],
  [
    'a key that is not the one noted',
    'key-on-record',
    { captured: { ...captured, KEY_ID: 'https://v.vault.azure.net/keys/k/2' } },
  ],
  [
    'a vault that is reached another way than noted',
    'key-on-record',
    { captured: { ...captured, KEY_VAULT_NETWORK_ACCESS: 'Private' } },
  ],
];

test('nothing stops a cluster the PMK runbook is for before its migration', () => {
  assert.equal(firstThatFails(facts), undefined);
});

for (const [what, check, change] of obstacles)
  test(`the PMK runbook refuses ${what} with a message of its own`, () => {
    const failed = firstThatFails({ ...facts, ...change });
    assert.equal(failed?.id, check);
    assert.ok(failed?.message && failed.fix);
  });

test('the migrated cluster passes the verification and counts as done, the old one does not', () => {
  const after = {
    ...facts,
    cluster: {
      ...cluster,
      securityProfile: {
        azureKeyVaultKms: { enabled: false },
        kubernetesResourceObjectEncryptionProfile: enabled,
      },
    },
  };
  const steps = stepsOf(pmk());
  const migration = steps.findIndex(({ id }) => id === 'enable-pmk');
  assert.equal(evaluate(steps[migration]!.doneWhen!, after), true);
  assert.equal(evaluate(steps[migration]!.doneWhen!, facts), false);
  const verification = steps.slice(migration).filter((step): step is CheckStep => step.kind === 'check');
  assert.deepEqual(
    verification.map((step) => [step.id, evaluate(step.check, after)]),
    [
      ['provisioning-succeeded', true],
      ['new-kms-enabled', true],
      ['vault-kms-off', true],
      ['secrets-after', true],
      ['secrets-as-many', true],
    ],
  );
  assert.deepEqual(
    verification.map((step) => evaluate(step.check, facts)),
    [true, false, false, true, true],
  );
  const fewer = { ...after, captured: { ...captured, SECRETS_BEFORE: '4' } };
  assert.equal(evaluate(verification.at(-1)!.check, fewer), false);
  assert.equal(verification.at(-1)!.severity, 'warning');
});

/** What az, Azure and the cluster say, as seen in the field, and how the explanation of it begins. */
const errors: readonly (readonly [said: string, means: string])[] = [
  [
    "(TooManyRequests) Number of read requests for subscription 's' exceeded the limit. Please try again after '5' seconds.",
    'Azure limits how often',
  ],
  [
    "(Throttled) The PutManagedClusterHandler.PUT request limit has been exceeded for SubID='s', please retry again in X seconds.",
    'Azure limits how often',
  ],
  [
    "ERROR: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
    'az lost its connection',
  ],
  ['(OperationCanceled) The operation was canceled by another request.', 'Somebody ended the operation'],
  [
    '(AzureKeyVaultKmsValidateIdentityPermissionCustomerError) The identity does not have keys encrypt/decrypt permission on key vault https://v.vault.azure.net/',
    'The identity of the cluster may not encrypt',
  ],
  [
    '(BadRequest) KeyVault resource ID is empty when KeyVault network access is Private.',
    'The key vault is private',
  ],
  [
    '(BadRequest) KeyVault network access is unspecified for Azure Key Vault KMS.',
    'Azure was not told whether',
  ],
  [
    'ERROR: --azure-keyvault-kms-key-vault-resource-id is not a valid Azure resource ID.',
    'az was not given the id of the key vault',
  ],
  [
    'ERROR: --azure-keyvault-kms-key-id is not a valid Key Vault key ID. See https://…',
    'az was not given the id of a version',
  ],
  ["KeyExpired: Operation encrypt isn't allowed on an expired key", 'The key in the key vault has expired'],
  [
    '(Forbidden) Operation decrypt is not allowed on a disabled key. Inner error: KeyDisabled',
    'The key in the key vault is disabled',
  ],
  [
    '(KeyNotFound) A key with (name/id) etcd was not found in this key vault.',
    'The key is not in the key vault',
  ],
  [
    'Error from server (InternalError): Internal error occurred: unable to transform key "/registry/secrets/a/b": invalid padding',
    'The API server cannot decrypt',
  ],
  [
    '(BadRequest) Azure Key Vault KMS with a private key vault requires API Server VNet Integration.',
    'KMS reaches a private key vault',
  ],
  [
    '(BadRequest) Upgrading from 1.26.15 to 1.27.1 is not allowed while Azure Key Vault KMS is enabled with KMS v1.',
    'Kubernetes 1.27 and later configure KMS v2',
  ],
  [
    'ERROR: (K8sVersionNotSupported) Managed cluster a is on version 1.27.1, which is only available for Long-Term Support (LTS).',
    'The version is out of support',
  ],
  [
    '(OperationNotAllowed) Upgrading Kubernetes version 1.25.16 to 1.27.1 is not allowed. Available upgrades: [1.26.15].',
    'AKS moves one minor version',
  ],
  [
    '(UnsatisfiablePDB) Upgrade is blocked due to invalid Pod Disruption Budgets (PDBs).',
    'A pod may not be moved',
  ],
  [
    'Drain node aks-1 failed when evicting pod kafka-0 failed with Too Many Requests error.',
    'A pod may not be moved',
  ],
  [
    '(QuotaExceeded) Operation could not be completed as it results in exceeding approved quota',
    'The upgrade needs a surge',
  ],
  ['knack.prompting.NoTTYException', 'az asked a question'],
  [
    'ERROR: (OperationNotAllowed) Operation is not allowed: another operation is in progress',
    'Azure does not allow this now',
  ],
  ['AADSTS700082: The refresh token has expired due to inactivity.', 'The sign-in to Azure'],
  ['(ExpiredAuthenticationToken) The access token expiry UTC time', 'The sign-in to Azure'],
  ['ERROR: unrecognized arguments: --kms-infrastructure-encryption Enabled', 'az does not know this option'],
  [
    'ERROR: unrecognized arguments: --azure-keyvault-kms-key-vault-network-access Public',
    'This version of az',
  ],
  [
    '(BadRequest) Preview feature Microsoft.ContainerService/KMSPMKPreview not registered.',
    'The preview feature',
  ],
  ['KMS infrastructure encryption cannot be disabled once it is enabled.', 'The new KMS encryption stays on'],
  ['(RequestDisallowedByPolicy) Resource was disallowed by policy.', 'An Azure Policy'],
  [
    '(ScopeLocked) The scope cannot perform write operation because following scope(s) are locked',
    'A lock on the cluster',
  ],
  [
    "(AuthorizationFailed) The client 'you' does not have authorization",
    'The signed-in account may not do this',
  ],
  [
    'Error from server (Forbidden): error when replacing "STDIN": admission webhook "validation.gatekeeper.sh" denied the request: no',
    'A policy in the cluster',
  ],
  [
    'Error from server (InternalError): failed calling webhook "a.b.c": context deadline exceeded',
    'The API server asks a webhook',
  ],
  [
    'The Secret "a" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    'A secret that is marked immutable',
  ],
  [
    'Error from server (Forbidden): secrets is forbidden: User "you" cannot list',
    'The signed-in account may not read or write all',
  ],
  ['Unable to connect to the server: dial tcp: lookup a.azmk8s.io: no such host', 'kubectl does not reach'],
  ['(InternalOperationError) Internal server error', 'Something failed inside Azure'],
  [
    '(InternalOperationError) We are unable to serve this request due to an internal error, Correlation ID: 1',
    'Something failed inside Azure',
  ],
  ['Message: the managed cluster is in Updating state', 'An update does not end'],
];

for (const file of files)
  test(`${file}: the errors seen in the field are explained, each with what to do and where to read more`, () => {
    const { runbook } = loadRunbook(join(runbooksFolder, file), readRunbookFile);
    for (const step of stepsOf(runbook!)) {
      if (step.kind !== 'run') continue;
      const taken = errors.map(([said, means]) => {
        const found = step.explain.find(({ pattern }) => new RegExp(pattern, 'im').test(said));
        assert.ok(found?.means.startsWith(means), `${said}\n  is explained as: ${found?.means}`);
        return found;
      });
      const used = new Set(taken);
      for (const explanation of step.explain) {
        assert.ok(explanation.link, explanation.pattern);
        assert.ok(used.has(explanation), `nothing here is explained by ${explanation.pattern}`);
      }
    }
  });

function pmk(): Runbook {
  const { runbook } = loadRunbook(join(runbooksFolder, 'kms-v2-public-to-pmk.yaml'), readRunbookFile);
  return runbook!;
}

function stepsOf(runbook: Runbook): Runbook['sections'][number]['steps'] {
  return runbook.sections.flatMap(({ steps }) => steps);
}

/** The first check before the migration that does not hold. */
function firstThatFails(values: object): CheckStep | undefined {
  const steps = stepsOf(pmk());
  return steps
    .slice(
      0,
      steps.findIndex(({ kind }) => kind === 'run'),
    )
    .filter((step): step is CheckStep => step.kind === 'check')
    .find((step) => !evaluate(step.check, values));
}
