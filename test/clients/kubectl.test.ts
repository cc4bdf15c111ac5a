import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { createCommands } from '../../source/adapters/command/commands.ts';
import type { Rehearsal, RehearsalOptions } from '../../source/rehearsal/index.ts';
import {
  arm,
  clusterPath,
  disableKms,
  finished,
  put,
  rehearse,
  temporaryDirectory,
} from '../rehearsal/helpers.ts';
import { needs } from '../support/needs.ts';

const allSecrets = ['kubectl', 'get', 'secrets', '--all-namespaces', '-o', 'json'];
const replaceThem = ['kubectl', 'replace', '-f', '-'];

interface Cluster {
  rehearsal: Rehearsal;
  /** Runs a pipeline as a step of a runbook is run. */
  pipeline(...commands: string[][]): Promise<{ code: number | null; text: string }>;
  kubectl(...words: string[]): Promise<{ code: number | null; text: string }>;
}

async function simulate(t: TestContext, options: Partial<RehearsalOptions> = {}): Promise<Cluster> {
  const directory = temporaryDirectory(t);
  const rehearsal = await rehearse(t, { ...options, clients: 'real', directory: join(directory, 'state') });
  const { body } = await arm(
    rehearsal,
    'POST',
    `${clusterPath}/listClusterUserCredential?api-version=2026-06-01`,
  );
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(kubeconfig, Buffer.from(body['kubeconfigs'][0].value, 'base64'));
  chmodSync(kubeconfig, 0o600);
  const environment = { ...process.env, ...rehearsal.environment, KUBECONFIG: kubeconfig, HOME: directory };
  const commands = createCommands({ environment });
  let count = 0;
  const pipeline: Cluster['pipeline'] = async (...words) => {
    count += 1;
    const running = await commands.start(words, join(directory, `${count}.log`));
    const pieces: string[] = [];
    for await (const piece of running.output) pieces.push(piece);
    return { code: (await running.exit).code, text: pieces.join('') };
  };
  return { rehearsal, pipeline, kubectl: (...words) => pipeline(['kubectl', ...words]) };
}

test('the documented pipeline puts every secret under the current key', needs('kubectl'), async (t) => {
  const { rehearsal, pipeline } = await simulate(t);
  await finished(rehearsal, await put(rehearsal, disableKms));
  const before = rehearsal.record();
  assert.equal(before.currentKey, 'identity');
  assert.equal(before.secretsByKey['identity'], undefined);
  const { code, text } = await pipeline(allSecrets, replaceThem);
  assert.equal(code, 0, text);
  assert.equal(text.split('\n').filter((line) => line.endsWith(' replaced')).length, before.secrets);
  assert.deepEqual(rehearsal.record().secretsByKey, { identity: before.secrets });
});

test('a policy that denies a namespace fails the pipeline, and only there', needs('kubectl'), async (t) => {
  const { rehearsal, pipeline } = await simulate(t, { faults: ['policy-blocks'] });
  await finished(rehearsal, await put(rehearsal, disableKms));
  const { code, text } = await pipeline(allSecrets, replaceThem);
  assert.equal(code, 1);
  assert.match(
    text,
    /Error from server \(Forbidden\): .*admission webhook "validation\.gatekeeper\.sh" denied/u,
  );
  const { secretsByKey, secrets } = rehearsal.record();
  const denied = text.split('\n').filter((line) => line.startsWith('Error from server')).length;
  assert.equal(secretsByKey['identity'], secrets - denied);
});

test('an object that was modified meanwhile is a conflict', needs('kubectl'), async (t) => {
  const { kubectl, pipeline } = await simulate(t, { secretCount: 5 });
  const { text } = await pipeline(allSecrets);
  const [first] = (JSON.parse(text) as { items: { metadata: { name: string; namespace: string } }[] }).items;
  const { name = '', namespace = '' } = first?.metadata ?? {};
  const file = join(temporaryDirectory(t), 'secrets.json');
  writeFileSync(file, text);
  await kubectl('annotate', 'secret', name, '-n', namespace, 'changed=meanwhile');
  const replaced = await kubectl('replace', '-f', file);
  assert.equal(replaced.code, 1);
  assert.match(
    replaced.text,
    /the object has been modified; please apply your changes to the latest version and try again/u,
  );
});

test(
  'an empty merge patch writes only what is stale; a dry run writes nothing',
  needs('kubectl'),
  async (t) => {
    const { rehearsal, kubectl } = await simulate(t);
    const found = await kubectl('get', 'secrets', '-n', 'payments', '-o', 'name');
    const [secret = ''] = found.text.split('\n');
    const patch = ['patch', secret, '-n', 'payments', '--type', 'merge', '-p', '{}'];
    assert.match((await kubectl(...patch)).text, / patched \(no change\)/u);
    await finished(rehearsal, await put(rehearsal, disableKms));
    const dry = await kubectl(...patch, '--dry-run=server');
    assert.equal(dry.code, 0, dry.text);
    assert.equal(rehearsal.record().secretsByKey['identity'], undefined);
    assert.match((await kubectl(...patch)).text, / patched$/mu);
    assert.equal(rehearsal.record().secretsByKey['identity'], 1);
  },
);

test('auth can-i, versions, tables', needs('kubectl'), async (t) => {
  const { kubectl } = await simulate(t, { secretCount: 5 });
  const can = await kubectl('auth', 'can-i', 'patch', 'secrets', '--all-namespaces');
  assert.deepEqual([can.code, can.text.trim()], [0, 'yes']);
  const version = await kubectl('version', '-o', 'json');
  assert.equal(
    (JSON.parse(version.text) as { serverVersion: { gitVersion: string } }).serverVersion.gitVersion,
    'v1.33.2',
  );
  assert.match(
    (await kubectl('get', 'namespaces')).text,
    /^NAME +STATUS +AGE\ncert-manager +Active +\d+m$/mu,
  );
  assert.match((await kubectl('get', 'secrets', '-A')).text, /^NAMESPACE +NAME +TYPE +DATA +AGE$/mu);
  const missing = await kubectl('get', 'secret', 'nope', '-n', 'payments');
  assert.deepEqual(
    [missing.code, missing.text.trim()],
    [1, 'Error from server (NotFound): secrets "nope" not found'],
  );
});

test('a stopped cluster cannot be reached', needs('kubectl'), async (t) => {
  const { kubectl } = await simulate(t, { scenario: 'stopped' });
  const { code, text } = await kubectl('get', 'secrets', '-A');
  assert.equal(code, 1);
  assert.match(text, /Unable to connect to the server: no such host/u);
});
