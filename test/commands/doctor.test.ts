import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readAccount } from '../../source/adapters/azure/account.ts';
import { diagnoseChecks, firstChecks } from '../../source/commands/check-diagnosis.ts';
import { diagnose } from '../../source/commands/diagnosis.ts';
import type { Subject } from '../../source/commands/diagnosis.ts';
import type { Finding } from '../../source/commands/finding.ts';
import type { LookFacts, Looked } from '../../source/commands/look-facts.ts';
import { needsOf } from '../../source/commands/needs.ts';
import { openRunbook, openShippedRunbooks } from '../../source/commands/runbook-files.ts';
import { ToolError } from '../../source/runbook/errors.ts';
import type { FactName } from '../../source/runbook/model.ts';
import { simulate, target } from '../adapters/simulation.ts';
import { runbookOf, stepsText } from '../runbook/files.ts';
import { temporaryDirectory } from '../support/directory.ts';

const runbooks = await openShippedRunbooks();
const toPmk = await openRunbook('kms-v2-public-to-pmk');
const parameters = { KUBERNETES_VERSION: '1.27.0' };

interface Circumstances extends Partial<Subject> {
  scenario?: string;
}

/** What is found against a simulated subscription, by what was looked at. */
async function found(
  t: TestContext,
  faults: readonly string[] = [],
  { scenario, ...over }: Circumstances = {},
): Promise<Map<string, Finding>> {
  const { environment, connection } = await simulate(t, faults, 40, scenario);
  const findings = await diagnose({
    environment,
    connect: async () => ({ account: await readAccount(environment), connection }),
    runbook: toPmk,
    runbooks,
    parametersOf: () => parameters,
    target,
    stateDirectory: await temporaryDirectory(t),
    ...over,
  });
  assert.equal(new Set(findings.map(({ what }) => what)).size, findings.length, 'nothing is said twice');
  return new Map(findings.map((finding) => [finding.what, finding]));
}

function statuses(findings: Map<string, Finding>, status: Finding['status']): string[] {
  return [...findings.values()].filter((finding) => finding.status === status).map(({ what }) => what);
}

test('what runbooks need besides their checks is read from their commands and steps', async () => {
  const { programs, longest } = needsOf([toPmk]);
  assert.deepEqual([...programs], ['az']);
  assert.ok(longest >= 15 * 60_000);
  assert.deepEqual([...needsOf([await openRunbook('kms-v1-to-v2-public')]).programs].sort(), [
    'az',
    'kubectl',
  ]);
});

test('where everything is there, nothing is missing', async (t) => {
  const stateDirectory = await temporaryDirectory(t);
  const findings = await found(t, [], { stateDirectory });
  assert.deepEqual(statuses(findings, 'missing'), []);
  assert.deepEqual(statuses(findings, 'unknown'), []);
  assert.equal(findings.get('signed in as')?.found, 'you@contoso.com');
  assert.equal(findings.get('runbook for it')?.found, 'kms-v2-public-to-pmk or kms-v2-public-to-cmk');
  // Every check of the runbook before its first change, and none after it.
  const checks = [...findings.values()].filter(({ about }) => about === 'runbook');
  assert.deepEqual(
    checks.map(({ what }) => what),
    firstChecks(toPmk).map(({ title }) => title),
  );
  assert.ok(checks.length > 10);
  assert.ok(!findings.has('The new KMS encryption is on'));
  assert.deepEqual(await readdir(stateDirectory), []);
});

test('what is missing is named with a way to get it', async (t) => {
  const findings = await found(t, [
    'az-old',
    'aks-preview-missing',
    'feature-not-registered',
    'no-permission',
    'policy-blocks',
    'token-expires-soon',
  ]);
  const fixes: [string, RegExp][] = [
    ['Azure CLI is 2.73.0 or later', /az upgrade/],
    ['The aks-preview extension is 19.0.0b13 or later', /az extension add --name aks-preview/],
    ['The preview feature KMSPMKPreview is registered', /az feature register .* --name KMSPMKPreview/],
    ['You may update the cluster', /Ask for the role/],
    ['No policy blocks updating secrets', /Disable the policy/],
  ];
  assert.deepEqual(
    statuses(findings, 'missing'),
    fixes.map(([what]) => what),
  );
  for (const [what, fix] of fixes) assert.match(findings.get(what)?.fix ?? '', fix);
  assert.equal(findings.get('Azure CLI is 2.73.0 or later')?.found, '2.70.0');
  assert.equal(findings.get('token')?.status, 'warning');
});

test('a runbook is not fit for a cluster it refuses, and only what the refusal leaves true is said', async (t) => {
  const v1 = await found(t, [], { scenario: 'kms-v1-private' });
  assert.deepEqual(statuses(v1, 'missing'), ['KMS is version 2']);
  assert.match(v1.get('KMS is version 2')?.fix ?? '', /kms-v1-to-v2-private/);
  assert.deepEqual(
    [v1.get('runbook for it')?.status, v1.get('runbook for it')?.found],
    ['warning', 'kms-v1-to-v2-private; not kms-v2-public-to-pmk'],
  );
  const pmk = await found(t, ['az-old'], { scenario: 'pmk' });
  assert.deepEqual(statuses(pmk, 'missing'), [
    'The cluster is not on platform-managed keys yet',
    'Azure CLI is 2.73.0 or later',
  ]);
  assert.equal(pmk.get('The cluster is not on customer-managed keys yet')?.status, 'unknown');
  assert.match(pmk.get('runbook for it')?.found ?? '', /^none: It is already on platform-managed keys/);
});

test('without a runbook, those for the cluster are looked at, and what only one of them needs is said to be its', async (t) => {
  const v2 = await found(t, ['roles-missing'], { runbook: undefined });
  assert.deepEqual(statuses(v2, 'missing'), [
    'The identity has the role "Key Vault Crypto User"',
    'The identity has the role "Key Vault Reader"',
  ]);
  const role = v2.get('The identity has the role "Key Vault Reader"');
  assert.deepEqual(role?.runbooks, ['kms-v2-public-to-cmk']);
  assert.equal(v2.get('The cluster is running')?.runbooks, undefined);
  const none = await found(t, [], { runbook: undefined, scenario: 'no-kms' });
  assert.deepEqual(statuses(none, 'missing'), ['runbook for it']);
  assert.deepEqual(
    [...none.values()].filter(({ about }) => about === 'runbook'),
    [],
  );
});

test('without a cluster, only what is the same for every cluster is looked at', async (t) => {
  const findings = await found(t, ['az-old'], { runbook: undefined, target: undefined });
  assert.deepEqual(statuses(findings, 'missing'), ['Azure CLI is 2.73.0 or later']);
  assert.deepEqual(statuses(findings, 'unknown'), []);
  const az = findings.get('Azure CLI is 2.73.0 or later');
  assert.equal(az?.runbooks?.length, 4);
  assert.equal(findings.get('Azure CLI is 2.45.0 or later')?.status, 'ok');
  assert.equal(findings.get('The preview feature KMSPMKPreview is registered')?.status, 'ok');
  assert.ok(!findings.has('The cluster is running'));
});

test('a cluster that is not there, and a directory that cannot be written', async (t) => {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'file'), '');
  const findings = await found(t, [], {
    target: { ...target, clusterName: 'another' },
    stateDirectory: join(directory, 'file', 'below'),
  });
  assert.deepEqual(statuses(findings, 'missing'), ['state directory', 'cluster another']);
  assert.match(findings.get('state directory')?.fix ?? '', /--state-dir/);
  assert.match(findings.get('cluster another')?.fix ?? '', /Check the names/);
  assert.equal(findings.get('The cluster is running')?.status, 'unknown');
  assert.equal(findings.get('Azure CLI is 2.73.0 or later')?.status, 'ok');
});

test('without az or a sign-in, what cannot be looked at is said to be unknown', async (t) => {
  const bin = join(await temporaryDirectory(t), 'bin');
  await mkdir(bin);
  const environment = { PATH: bin };
  const connect = async (): Promise<never> => {
    await readAccount(environment);
    throw new Error('there is no az to be signed in to');
  };
  const without = await found(t, [], { environment, connect });
  const unknown = statuses(without, 'unknown');
  assert.equal(unknown[0], 'cluster rehearsal');
  assert.ok(unknown.includes('The preview feature KMSPMKPreview is registered'));
  assert.ok(unknown.includes('The cluster is running'));
  assert.deepEqual(statuses(without, 'missing'), [
    'Azure CLI (az)',
    'sign-in to Azure',
    'Azure CLI is 2.73.0 or later',
    'The aks-preview extension is 19.0.0b13 or later',
  ]);
  assert.match(without.get('sign-in to Azure')?.found ?? '', /az\) was not found/);
  await writeFile(join(bin, 'az'), `#!/bin/sh\necho "ERROR: Please run 'az login'." >&2; exit 1\n`);
  await chmod(join(bin, 'az'), 0o700);
  assert.match((await found(t, [], { environment, connect })).get('sign-in to Azure')?.fix ?? '', /az login/);
});

/** Facts as they are given here, and a note of what was read in which order. */
function given(looked: Partial<Record<FactName, unknown>>): LookFacts & { asked: FactName[][] } {
  const asked: FactName[][] = [];
  const values = Object.entries(looked).filter(([, value]) => !(value instanceof Error));
  const failures = Object.entries(looked).filter(([, value]) => value instanceof Error);
  return {
    asked,
    async read(names) {
      asked.push([...new Set(names)].sort());
      return { values: Object.fromEntries(values), failures: new Map(failures) } as Looked;
    },
    close: async () => undefined,
  };
}

/** How the checks of these steps come out, by title. */
async function outcomes(steps: string, facts: LookFacts): Promise<Record<string, string>> {
  const runbook = runbookOf(stepsText(steps));
  const findings = await diagnoseChecks([{ runbook, parameters }], facts, true);
  return Object.fromEntries(findings.map(({ what, status }) => [what, status]));
}

const secretsRight = `- {id: right, title: Secrets may be updated, check: access.updateSecrets, message: No., fix: Ask.}`;

test('every permission a runbook checks is looked at, whichever it is', async () => {
  const access = {
    updateCluster: true,
    patchSecrets: true,
    updateSecrets: false,
    missing: ['update secrets'],
  };
  const facts = given({ access });
  assert.deepEqual(await outcomes(secretsRight, facts), { 'Secrets may be updated': 'missing' });
  const v1 = firstChecks(await openRunbook('kms-v1-to-v2-public')).map(({ check }) => check.source);
  assert.ok(v1.includes('access.patchSecrets'));
});

test('steps that do not apply, take what a run captures, or come after a change are left out', async () => {
  const steps = `- {id: a, title: Applies, when: cluster.id == 'x', check: cluster.id == 'x', message: No.}
- {id: b, title: Does not apply, when: cluster.id == 'y', check: cluster.id == 'y', message: No.}
- {id: c, title: Keeps, check: cluster.id == 'x', message: No., capture: {KEPT: cluster.id}}
- {id: d, title: Takes, check: captured.KEPT == 'x', message: No.}
- {id: e, title: Takes for when, when: captured.KEPT == 'y', check: cluster.id == 'x', message: No.}
- {id: f, title: Warns, check: cluster.id == 'y', message: No., severity: warning}
- {id: g, title: Comes after a warning, check: cluster.id == 'x', message: No.}
- {id: h, title: Reads, run: az aks show --name $KEPT, read-only: true}
- {id: i, title: Comes after a look, check: cluster.id == 'x', message: No.}
- {id: j, title: Changes, run: az aks update --name $CLUSTER_NAME --resource-group $RESOURCE_GROUP}
- {id: k, title: Comes after a change, check: cluster.id == 'y', message: No.}`;
  assert.deepEqual(await outcomes(steps, given({ cluster: { id: 'x' } })), {
    Applies: 'ok',
    Keeps: 'ok',
    Warns: 'warning',
    'Comes after a warning': 'ok',
    'Comes after a look': 'ok',
  });
});

test('why a fact cannot be read is said once, and nothing is asked of a cluster that is not fit', async () => {
  const failure = new ToolError('The API server does not answer.', 'Start it.');
  const steps = `- {id: a, title: On, check: cluster.id == 'x', message: No.}
- {id: b, title: Secrets, check: secrets.count > \`0\`, message: No.}
${secretsRight}`;
  const failing = given({ cluster: { id: 'x' }, secrets: failure, access: failure });
  assert.deepEqual(await outcomes(steps, failing), {
    On: 'ok',
    Secrets: 'missing',
    'Secrets may be updated': 'unknown',
  });
  assert.deepEqual(failing.asked[0], ['cluster']);
  assert.ok(failing.asked.some((names) => names.includes('secrets') && names.includes('access')));
  const off = given({ cluster: { id: 'y' }, secrets: failure, access: failure });
  assert.deepEqual(await outcomes(steps, off), {
    On: 'missing',
    Secrets: 'unknown',
    'Secrets may be updated': 'unknown',
  });
  assert.ok(off.asked.every((names) => !names.includes('secrets') && !names.includes('access')));
});
