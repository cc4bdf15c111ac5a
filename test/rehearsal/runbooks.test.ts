/** Which clusters each runbook is for: it completes on those and refuses the others, and the simulation agrees. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { evaluate, evaluateValue } from '../../source/plan/conditions.ts';
import { readRecord, scenarios } from '../../source/rehearsal/index.ts';
import { loadRunbook } from '../../source/runbook/load.ts';
import type { CheckStep, FactName, Runbook } from '../../source/runbook/model.ts';
import { readRunbookFile, runbooksFolder } from '../runbook/files.ts';
import { simulate } from '../adapters/simulation.ts';
import { newStateDirectory, rehearsalIn, runPlainly, transcriptIn } from '../support/terminal.ts';

const key = 'https://rehearsal-vault.vault.azure.net/keys/etcd/5e1f0d0c3b2a49788796a5b4c3d2e1f0';
const platform = 'platform:aks-managed';

/** For each runbook: what its secrets are under in the end, and for each cluster the check that refuses it. */
const table: Readonly<Record<string, { endsUnder: string; refused: Readonly<Record<string, string>> }>> = {
  'kms-v1-to-v2-public': { endsUnder: `kms-v2:${key}`, refused: v1Refusals('private', 'vault-is-public') },
  'kms-v1-to-v2-private': { endsUnder: `kms-v2:${key}`, refused: v1Refusals('public', 'vault-is-private') },
  'kms-v2-public-to-pmk': { endsUnder: platform, refused: v2Refusals('private', 'vault-is-public') },
  'kms-v2-private-to-pmk': { endsUnder: platform, refused: v2Refusals('public', 'vault-is-private') },
  'kms-v2-public-to-cmk': { endsUnder: `cmk:${key}`, refused: v2Refusals('private', 'vault-is-public') },
  'kms-v2-private-to-cmk': { endsUnder: `cmk:${key}`, refused: v2Refusals('public', 'vault-is-private') },
};

function v1Refusals(other: 'public' | 'private', mode: string): Record<string, string> {
  return {
    pmk: 'not-on-new-kms',
    cmk: 'not-on-new-kms',
    'no-kms': 'kms-is-on',
    'kms-v2-public': 'kms-is-v1',
    'kms-v2-rotated': 'kms-is-v1',
    'kms-v2-private': 'kms-is-v1',
    'kms-v2-private-no-vnet': 'kms-is-v1',
    'too-old': 'kms-is-v1',
    stopped: 'kms-is-v1',
    'failed-state': 'kms-is-v1',
    'kms-v1-private-no-vnet': other === 'private' ? mode : 'vnet-integration',
    ...(other === 'private'
      ? { 'kms-v1-private': mode }
      : { 'kms-v1-public': mode, 'kms-v1-public-1-24': mode }),
  };
}

function v2Refusals(other: 'public' | 'private', mode: string): Record<string, string> {
  return {
    pmk: 'not-on-pmk',
    cmk: 'not-on-cmk',
    'no-kms': 'kms-is-on',
    'kms-v1-public': 'kms-is-v2',
    'kms-v1-public-1-24': 'kms-is-v2',
    'kms-v1-private': 'kms-is-v2',
    'kms-v1-private-no-vnet': 'kms-is-v2',
    ...(other === 'private'
      ? {
          'kms-v2-private': mode,
          'kms-v2-private-no-vnet': mode,
          'too-old': 'kubernetes-version',
          stopped: 'cluster-is-running',
          'failed-state': 'cluster-is-healthy',
        }
      : {
          'kms-v2-public': mode,
          'kms-v2-rotated': mode,
          'too-old': mode,
          stopped: mode,
          'failed-state': mode,
        }),
  };
}

const ids = Object.keys(table);

test('every runbook is here', () => {
  const files = readdirSync(runbooksFolder).filter((file) => file.endsWith('.yaml'));
  assert.deepEqual(
    ids.toSorted(),
    files
      .map((file) => basename(file, '.yaml'))
      .filter((id) => /^kms-v[12]-/.test(id))
      .toSorted(),
  );
});

for (const { name: scenario } of scenarios)
  test(`${scenario}: each runbook that is not for it says why, and what to do instead`, async (t) => {
    const { facts } = await simulate(t, [], 12, scenario);
    for (const id of ids) {
      const failed = await firstThatFails(runbookNamed(id), facts);
      assert.equal(failed?.id, table[id]?.refused[scenario], `${id} on ${scenario}`);
      assert.ok(failed === undefined || (failed.message && failed.fix));
      // A runbook that is named has to be there.
      for (const [named] of failed?.fix?.matchAll(/\bkms-v\d[a-z0-9-]*/g) ?? [])
        assert.ok(ids.includes(named), named);
    }
  });

const faults: readonly (readonly [fault: string, id: string, check: string])[] = [
  ['roles-missing', 'kms-v2-public-to-cmk', 'identity-may-use-keys'],
  ['roles-missing', 'kms-v2-private-to-cmk', 'identity-may-use-keys'],
  ['vault-network-differs', 'kms-v2-public-to-cmk', 'vault-public-access'],
  ['vault-network-differs', 'kms-v2-private-to-cmk', 'vault-private-access'],
  ['vault-bypass-off', 'kms-v2-private-to-cmk', 'vault-trusted-services'],
  ['policy-blocks', 'kms-v1-to-v2-public', 'policy-allows-update'],
  ['no-permission', 'kms-v1-to-v2-private', 'may-update-cluster'],
  ['feature-not-registered', 'kms-v2-private-to-pmk', 'feature-registered'],
  ['az-old', 'kms-v2-private-to-cmk', 'azure-cli-version'],
];

for (const [fault, id, check] of faults)
  test(`${id} stops at ${fault}`, async (t) => {
    const runbook = runbookNamed(id);
    const { facts } = await simulate(t, [fault], 12, runbook.rehearsal);
    assert.equal((await firstThatFails(runbook, facts))?.id, check);
  });

test('a vault with access policies, or one without trusted services that is public, is no obstacle', async (t) => {
  for (const fault of ['vault-access-policies', 'vault-bypass-off']) {
    const { facts } = await simulate(t, [fault], 12, 'kms-v2-public');
    assert.equal(await firstThatFails(runbookNamed('kms-v2-public-to-cmk'), facts), undefined, fault);
  }
});

describe('in plain mode', { concurrency: 2 }, () => {
  for (const [id, { endsUnder, refused }] of Object.entries(table))
    for (const { name: scenario } of scenarios.filter(({ name }) => refused[name] === undefined))
      test(`${id} completes on ${scenario}`, () => {
        const { status, stdout, record, transcript } = rehearse(id, '--scenario', scenario);
        assert.equal(status, 0, stdout);
        assert.equal(record.cluster.provisioningState, 'Succeeded');
        assert.equal(record.currentKey, endsUnder);
        assert.deepEqual(record.secretsByKey, { [endsUnder]: record.secrets });
        assert.deepEqual(
          record.mutations.map(({ operation, outcome }) => `${operation} ${outcome}`),
          expectedMutations(id, scenario),
        );
        assert.match(transcript, /completed/i);
        // The number of secrets stands beside the one from before.
        assert.ok(transcript.includes(`${record.secrets} (before: ${record.secrets})`), transcript);
        assert.doesNotMatch(transcript, /not noted/);
      });

  test('a version further up is reached in hops', () => {
    const { status, stdout, record } = rehearse('kms-v1-to-v2-public', '-p', 'KUBERNETES_VERSION=1.28.0');
    assert.equal(status, 0, stdout);
    assert.deepEqual(
      record.mutations
        .filter(({ operation }) => operation === 'aks upgrade')
        .map(({ summary }) => summary['kubernetesVersion']),
      ['1.27.16', '1.28.15'],
    );
    assert.deepEqual(record.secretsByKey, { [`kms-v2:${key}`]: record.secrets });
  });

  test('when KMS cannot be turned off, all secrets are updated even so and nothing else is changed', () => {
    const { status, stdout, record } = rehearse('kms-v1-to-v2-public', '--fault', 'update-fails-once');
    assert.equal(status, 1, stdout);
    assert.equal(record.requestCounts['kubernetes PUT'], record.secrets);
    assert.deepEqual(
      record.mutations.map(({ operation, outcome }) => `${operation} ${outcome}`),
      ['aks update Failed'],
    );
    assert.deepEqual(record.secretsByKey, { [`kms-v1:${key}`]: record.secrets });
  });
});

function expectedMutations(id: string, scenario: string): string[] {
  if (!id.startsWith('kms-v1')) return ['aks update Succeeded'];
  const hops = scenario === 'kms-v1-public-1-24' ? 3 : 1;
  return [
    'aks update Succeeded',
    ...Array<string>(hops).fill('aks upgrade Succeeded'),
    'aks update Succeeded',
  ];
}

function rehearse(id: string, ...more: string[]) {
  const state = newStateDirectory({ after });
  const words = [
    'run',
    id,
    '--rehearse',
    '--plain',
    '--yes',
    '--accept-irreversible',
    'rehearsal',
    '--speed',
    '3000',
  ];
  const { status, stdout, stderr } = runPlainly([...words, ...more], state);
  const record = readRecord(rehearsalIn(state).simulation);
  return { status, stdout: stdout + stderr, record, transcript: transcriptIn(state) };
}

/** The first check before the first command that does not hold, warnings aside. */
async function firstThatFails(
  runbook: Runbook,
  facts: Awaited<ReturnType<typeof simulate>>['facts'],
): Promise<CheckStep | undefined> {
  const steps = runbook.sections.flatMap((section) => section.steps);
  const checks = steps.slice(
    0,
    steps.findIndex(({ kind }) => kind === 'run'),
  );
  const params = Object.fromEntries(runbook.parameters.map(({ name, default: value }) => [name, value]));
  const captured: Record<string, string> = {};
  const read = async (names: readonly FactName[]) => ({
    ...(await facts.read(names.filter((name) => name !== 'params' && name !== 'captured'))).values,
    params,
    captured,
  });
  for (const step of checks) {
    if (step.kind !== 'check' || step.severity === 'warning') continue;
    if (!evaluate(step.check, await read(step.check.facts))) return step;
    for (const { name, expression } of step.capture)
      captured[name] = evaluateValue(expression, await read(expression.facts));
  }
  return undefined;
}

function runbookNamed(id: string): Runbook {
  const { runbook, problems } = loadRunbook(join(runbooksFolder, `${id}.yaml`), readRunbookFile);
  if (runbook === undefined) throw new Error(`${id}: ${JSON.stringify(problems)}`);
  return runbook;
}
