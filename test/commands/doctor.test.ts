import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readAccount } from '../../source/adapters/azure/account.ts';
import { diagnose } from '../../source/commands/diagnosis.ts';
import type { Subject } from '../../source/commands/diagnosis.ts';
import type { Finding } from '../../source/commands/finding.ts';
import { needsOf } from '../../source/commands/needs.ts';
import { openRunbook } from '../../source/commands/runbook-files.ts';
import { simulate, target } from '../adapters/simulation.ts';
import { temporaryDirectory } from '../support/directory.ts';

const toPmk = await openRunbook('kms-v2-public-to-pmk');
const needs = needsOf([toPmk]);

/** What is found against a simulated subscription, by what was looked at. */
async function found(
  t: TestContext,
  faults: readonly string[] = [],
  over: Partial<Subject> = {},
): Promise<Map<string, Finding>> {
  const { environment, connection } = await simulate(t, faults);
  const findings = await diagnose({
    environment,
    connect: async () => ({ account: await readAccount(environment), connection }),
    needs,
    target,
    stateDirectory: await temporaryDirectory(t),
    ...over,
  });
  return new Map(findings.map((finding) => [finding.what, finding]));
}

function statuses(findings: Map<string, Finding>, status: Finding['status']): string[] {
  return [...findings.values()].filter((finding) => finding.status === status).map(({ what }) => what);
}

test('needs are read from the checks and commands of runbooks', () => {
  const versions = Object.fromEntries(needs.tools.map(({ name, version }) => [name, version]));
  assert.equal(versions['az'], '2.73.0');
  assert.equal(versions['aks-preview'], '19.0.0b13');
  assert.deepEqual(needs.features, [{ name: 'KMSPMKPreview', runbooks: undefined }]);
  assert.ok(needs.longest >= 15 * 60_000);
  const [first] = toPmk.sections;
  assert.ok(first !== undefined);
  const other = { ...toPmk, id: 'other', sections: [{ ...first, steps: [] }] };
  const both = needsOf([toPmk, other]);
  assert.deepEqual(both.features, [{ name: 'KMSPMKPreview', runbooks: ['kms-v2-public-to-pmk'] }]);
  assert.deepEqual(both.tools.find(({ name }) => name === 'az')?.runbooks, ['kms-v2-public-to-pmk']);
});

test('where everything is there, nothing is missing', async (t) => {
  const stateDirectory = await temporaryDirectory(t);
  const findings = await found(t, [], { stateDirectory });
  assert.deepEqual(statuses(findings, 'missing'), []);
  assert.deepEqual(statuses(findings, 'unknown'), []);
  assert.equal(findings.get('signed in as')?.found, 'you@contoso.com');
  assert.equal(findings.get('runbook for it')?.found, 'kms-v2-public-to-pmk or kms-v2-public-to-cmk');
  assert.deepEqual(await readdir(stateDirectory), []);
});

test('what is missing is named with a way to get it', async (t) => {
  const findings = await found(t, [
    'az-old',
    'aks-preview-missing',
    'feature-not-registered',
    'no-permission',
    'token-expires-soon',
  ]);
  const fixes: [string, RegExp][] = [
    ['Azure CLI (az)', /az upgrade/],
    ['az extension aks-preview', /az extension add --name aks-preview/],
    ['preview feature KMSPMKPreview', /az feature register .* --name KMSPMKPreview/],
    ['update the cluster', /Ask for the role/],
  ];
  assert.deepEqual(
    statuses(findings, 'missing'),
    fixes.map(([what]) => what),
  );
  for (const [what, fix] of fixes) assert.match(findings.get(what)?.fix ?? '', fix);
  assert.equal(findings.get('Azure CLI (az)')?.found, '2.70.0');
  assert.equal(findings.get('token')?.status, 'warning');
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
  assert.deepEqual(statuses(without, 'unknown'), ['preview feature KMSPMKPreview', 'cluster rehearsal']);
  assert.ok(statuses(without, 'missing').includes('Azure CLI (az)'));
  assert.match(without.get('sign-in to Azure')?.found ?? '', /az\) was not found/);
  await writeFile(join(bin, 'az'), `#!/bin/sh\necho "ERROR: Please run 'az login'." >&2; exit 1\n`);
  await chmod(join(bin, 'az'), 0o700);
  assert.match((await found(t, [], { environment, connect })).get('sign-in to Azure')?.fix ?? '', /az login/);
});
