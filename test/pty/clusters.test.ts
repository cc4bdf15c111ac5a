import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecord } from '../../source/rehearsal/index.ts';
import { TerminalSession, newStateDirectory, rehearsalIn, runPlainly } from '../support/terminal.ts';

test('a cluster chosen from the list gives name and group, and is rehearsed as it was listed', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const words = ['run', 'kms-v2-public-to-pmk', '--rehearse', '--state-dir', stateDirectory];
  const screen = TerminalSession.open(t, words, { stateDirectory });
  await screen.see('What is it to be run on?');
  await screen.see('enter start');
  await screen.press('\u001B[A', 'ctrl-l list clusters');
  const list = await screen.press('\u000C', 'Which cluster?');
  assert.match(list, /REHEARSAL/);
  assert.match(list, /› cmk +rehearsal-rg +1\.33\.2 · CMK, public vault/);
  const last = await screen.press('G', '› too-old');
  assert.match(last, /stopped +rehearsal-rg +1\.33\.2 · KMS v2, public vault · Stopped/);
  await screen.press('/', 'Only with: > █');
  await screen.press('· pmk', /1 of \d+[^]*› pmk /);
  const form = await screen.press('\r', 'enter start');
  assert.match(form, /> pmk/);
  assert.match(form, /> rehearsal-rg/);
  await screen.press('\r', 'This cluster is already on platform-managed');
  await screen.see('q stop here');
  screen.send('q');
  assert.equal(await screen.exited, 1);
  const { runId, simulation } = rehearsalIn(stateDirectory);
  const left = screen.text().replaceAll(/\s/g, '');
  assert.ok(left.includes(`resume${runId}--rehearse--state-dir${stateDirectory}`), screen.text());
  const { scenario, cluster } = readRecord(simulation);
  assert.deepEqual([scenario, cluster.name, cluster.resourceGroup], ['pmk', 'pmk', 'rehearsal-rg']);
});

test('what is given whole with -p is begun without being asked for; what comes from elsewhere is shown first', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const words = ['run', 'kms-v2-public-to-pmk', '--rehearse', '-p', 'CLUSTER_NAME=pmk'];
  const half = TerminalSession.open(t, words, { stateDirectory });
  await half.see('What is it to be run on?');
  half.send('\u0003');
  await half.exited;
  const whole = TerminalSession.open(t, [...words, '-p', 'RESOURCE_GROUP=rehearsal-rg'], { stateDirectory });
  await whole.see('This cluster is already on platform-managed');
  await whole.see('q stop here');
  assert.doesNotMatch(whole.text(), /What is it to be run on/);
  whole.send('q');
  assert.equal(await whole.exited, 1);
  assert.equal(rehearsalIn(stateDirectory).runId.length, 20);
});

test('clusters lists them as a table and as JSON', (t) => {
  const stateDirectory = newStateDirectory(t);
  const plain = runPlainly(['clusters', '--rehearse'], stateDirectory);
  assert.equal(plain.status, 0, plain.stderr);
  assert.match(plain.stdout, /^CLUSTER +RESOURCE GROUP +SUBSCRIPTION +VERSION +KMS +VAULT +STATE +RUNBOOK\n/);
  assert.match(
    plain.stdout,
    /^kms-v1-private +rehearsal-rg +Rehearsal +1\.26\.15 +v1 +private +Succeeded +kms-v1-to-v2-private$/m,
  );
  assert.match(plain.stdout, /^no-kms .* none +- +Succeeded +KMS is not turned on/m);
  const words = ['clusters', '--rehearse', '--json', '--scenario', 'pmk', '--fault', 'throttled'];
  const one = runPlainly([...words, '--state-dir', stateDirectory], stateDirectory);
  const [cluster, ...others] = JSON.parse(one.stdout) as Record<string, unknown>[];
  assert.deepEqual(others, []);
  assert.deepEqual(
    { ...cluster, id: undefined },
    {
      id: undefined,
      name: 'pmk',
      resourceGroup: 'rehearsal-rg',
      subscription: { id: '00000000-0000-4000-8000-0000000a4b51', name: 'Rehearsal' },
      location: 'eastus',
      version: '1.33.2',
      generation: 'PMK',
      vault: null,
      state: 'Succeeded',
      runbooks: [],
      blocked: 'It is already on platform-managed keys (PMK).',
      fix: null,
      note: null,
    },
  );
  const refused = runPlainly(['clusters', '--scenario', 'pmk'], stateDirectory);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /--scenario only works in a rehearsal/);
});

test('the home screen lists the clusters and leads to the runbook for one', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const screen = TerminalSession.open(t, ['--rehearse'], { stateDirectory });
  await screen.see('› Clusters and what to do with each');
  screen.send('\r');
  let list = await screen.see('› cmk  ');
  assert.match(list, /It is already on customer-managed keys \(CMK\)\./);
  for (;;) {
    const marked = /› (\S+)/.exec(list)?.[1] ?? '';
    if (marked === 'kms-v1-private') break;
    list = await screen.press('j', new RegExp(`› (?!${marked} )`));
  }
  assert.match(list, /Runbook: Migrate from KMS v1 to KMS v2 with private Key Vault/);
  const form = await screen.press('\r', 'enter start');
  assert.match(form, /> kms-v1-private/);
  // At a question: while a check is under way, q asks first.
  await screen.press('\r', /This is a warning[\s\S]*q stop here/);
  screen.send('q');
  assert.equal(await screen.exited, 3);
  const { scenario, cluster } = readRecord(rehearsalIn(stateDirectory).simulation);
  assert.deepEqual([scenario, cluster.name], ['kms-v1-private', 'kms-v1-private']);
});
