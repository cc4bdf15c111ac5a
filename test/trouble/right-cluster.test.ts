/** Whatever is switched behind the tool's back, the wrong cluster is never touched: the simulation's record says so. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { RunController } from '../../source/engine/controller.ts';
import type { Question } from '../../source/engine/decide.ts';
import type { JournalRecord } from '../../source/engine/events.ts';
import { openRehearsal, readRecord } from '../../source/rehearsal/index.ts';
import { secondSubscription, subscription } from '../../source/rehearsal/subscription.ts';
import { stepsText } from '../runbook/files.ts';
import { newStateDirectory, rehearsalIn, runPlainly } from '../support/terminal.ts';
import { turnOff, wholeRun } from '../support/whole.ts';
import type { WholeRun } from '../support/whole.ts';
import { answerWith, goAhead } from '../support/world.ts';

const elsewhere = 'second-subscription';
const secrets = `- id: secrets
  title: Update all secrets
  run: kubectl get secrets --all-namespaces -o json | kubectl replace -f -`;

/** Goes ahead, after `meddle` was done while the first confirmation was asked for. */
async function confirmAfter(whole: WholeRun, meddle: () => Promise<unknown>): Promise<RunController> {
  const controller = await whole.begin();
  const asked = Promise.withResolvers<Question>();
  let meddled = false;
  const outcome = answerWith(controller, (question) => {
    if (question.kind !== 'confirm' || meddled) return goAhead(question);
    meddled = true;
    asked.resolve(question);
    return undefined;
  });
  const question = await asked.promise;
  await meddle();
  assert.equal(controller.send(goAhead(question)), undefined);
  await outcome;
  return controller;
}

/** The words of why the run stands still. */
function stopped(controller: RunController, step = 'turn-off'): string {
  const failure = controller.view().state.steps[step]?.attempts.at(-1)?.failure;
  assert.equal(failure?.reason, 'target', JSON.stringify(failure));
  return failure?.detail ?? '';
}

/** The requests that change something, sent since the whole run was made. */
function changes(whole: WholeRun): string[] {
  return whole.exchanges
    .filter(({ method, url }) => method !== 'GET' && !/listClusterUserCredential/i.test(url))
    .map(({ method, url }) => `${method} ${url}`);
}

/** Changes that reached the second subscription, by its own record. */
function elsewhereTouched(whole: WholeRun): unknown[] {
  const { mutations, requestCounts, cluster } = readRecord(join(whole.files.simulation, elsewhere));
  const writes = Object.entries(requestCounts).filter(
    ([kind]) => !kind.endsWith('GET') && kind !== 'arm POST',
  );
  const kms = cluster.securityProfile['azureKeyVaultKms'] as { enabled: boolean };
  return [...mutations, ...writes, ...(kms.enabled ? [] : ['KMS is off'])];
}

test('the subscription is switched while a confirmation is asked for: nothing is run', async (t) => {
  const whole = await wholeRun(t, { faults: [elsewhere] });
  const controller = await confirmAfter(whole, () =>
    whole.az('account', 'set', '--subscription', secondSubscription.id),
  );
  assert.equal(
    stopped(controller),
    `active subscription of az: planned ${subscription.id}, found ${secondSubscription.id}`,
  );
  assert.deepEqual(changes(whole), []);
  assert.deepEqual(elsewhereTouched(whole), []);
});

test('the subscription is switched after the last look and before az reads it: az is told which one', async (t) => {
  const whole = await wholeRun(t, { faults: [elsewhere] });
  // An az that finds the other subscription set by the time it starts, as it would after `az account set` elsewhere.
  const standIn = fileURLToPath(new URL('../../source/rehearsal/stand-in.ts', import.meta.url));
  writeFileSync(
    join(whole.files.simulation, 'bin', 'az'),
    [
      '#!/bin/sh',
      `standin() { '${process.execPath}' '${standIn}' az "$@"; }`,
      `case "$*" in "aks update"*) standin account set --subscription ${secondSubscription.id};; esac`,
      'standin "$@"',
      '',
    ].join('\n'),
    { mode: 0o700 },
  );
  const controller = await whole.begin();
  assert.equal(await answerWith(controller, goAhead), 'completed');
  const shown = await whole.az('account', 'show');
  assert.equal((JSON.parse(shown.stdout) as { id: string }).id, secondSubscription.id);
  const [update] = whole.rehearsal.record().mutations;
  assert.equal(update?.outcome, 'Succeeded');
  assert.deepEqual(elsewhereTouched(whole), []);
  assert.deepEqual(controller.view().state.steps['turn-off']?.attempts[0]?.command?.[0]?.slice(-2), [
    '--subscription',
    subscription.id,
  ]);
});

test('the cluster is deleted and another one made under its name: nothing is run', async (t) => {
  const whole = await wholeRun(t);
  const controller = await confirmAfter(whole, async () => whole.rehearsal.recreateCluster());
  const said = stopped(controller);
  assert.match(said, /^creation time of the cluster: planned \S+Z, found \S+Z$/m);
  assert.deepEqual(changes(whole), []);
  assert.deepEqual(whole.rehearsal.record().mutations, []);
});

test('the run has a kubeconfig already when the cluster is made anew: kubectl is not started', async (t) => {
  const whole = await wholeRun(t, { steps: secrets });
  const before = await whole.ports.target.differences();
  assert.deepEqual(before, []);
  const controller = await confirmAfter(whole, async () => whole.rehearsal.recreateCluster());
  assert.match(stopped(controller, 'secrets'), /^server of the kubeconfig: planned \S+, found \S+$/m);
  assert.deepEqual(changes(whole), []);
});

test('the kubeconfig points at another cluster: kubectl is not started', async (t) => {
  const whole = await wholeRun(t, { steps: secrets, faults: [elsewhere] });
  assert.deepEqual(await whole.ports.target.differences(), []);
  const controller = await confirmAfter(whole, async () => {
    const group = ['--name', 'rehearsal', '--resource-group', 'rehearsal-rg'];
    const file = ['--file', whole.files.kubeconfig, '--overwrite-existing'];
    const got = await whole.az(
      'aks',
      'get-credentials',
      ...group,
      ...file,
      '--subscription',
      secondSubscription.id,
    );
    assert.equal(got.code, 0, got.stderr);
  });
  assert.match(stopped(controller, 'secrets'), /^server of the kubeconfig: planned (\S+), found (?!\1)\S+$/);
  assert.deepEqual(changes(whole), []);
  assert.deepEqual(elsewhereTouched(whole), []);
});

test('somebody else signs in to az: nothing is run', async (t) => {
  const whole = await wholeRun(t);
  const controller = await confirmAfter(whole, () => whole.az('login', '--username', 'they@contoso.com'));
  assert.equal(
    stopped(controller),
    'account az is signed in with: planned you@contoso.com, found they@contoso.com',
  );
  assert.deepEqual(changes(whole), []);
});

test('a step that was stopped goes on when everything is as planned again', async (t) => {
  const whole = await wholeRun(t, { faults: [elsewhere] });
  await whole.az('account', 'set', '--subscription', secondSubscription.name);
  const controller = await whole.begin();
  let failures = 0;
  const outcome = await answerWith(controller, (question) => {
    if (question.kind !== 'failed') return goAhead(question);
    failures += 1;
    void whole
      .az('account', 'set', '--subscription', subscription.name)
      .then(() => controller.send({ type: 'retry', step: question.step }));
    return undefined;
  });
  assert.equal(outcome, 'completed');
  assert.equal(failures, 1);
  assert.deepEqual(elsewhereTouched(whole), []);
  assert.equal(whole.rehearsal.record().mutations.length, 1);
});

test('the kubeconfig is got from the planned subscription, whatever the default of az is', async (t) => {
  const whole = await wholeRun(t, { faults: [elsewhere] });
  await whole.az('account', 'set', '--subscription', secondSubscription.id);
  await whole.ports.facts.read(['access']);
  const { fqdn } = whole.rehearsal.record().cluster;
  assert.ok(readFileSync(whole.files.kubeconfig, 'utf8').includes(fqdn));
});

test('what changed between two sittings is shown and stops the run before anything is run', async (t) => {
  const state = newStateDirectory(t);
  const runbook = join(state, 'turn-off.yaml');
  const text = stepsText(
    `- id: wait-for-me\n  title: Stop here\n  manual: {instruction: Stop., attest: I did.}\n${turnOff}`,
  )
    .replace('id: main', 'id: turn-off')
    .replace('rehearsal: pmk', 'rehearsal: kms-v2-public');
  writeFileSync(runbook, text);
  const begin = ['run', runbook, '--rehearse', '--plain', '--fault', elsewhere];
  const begun = runPlainly(begin, state);
  assert.equal(begun.status, 3, begun.stdout + begun.stderr);
  const { simulation, directory } = rehearsalIn(state);

  const az = (...words: string[]): void => {
    const environment = { ...process.env, AZURE_CONFIG_DIR: join(simulation, 'azure') };
    execFileSync(join(simulation, 'bin', 'az'), words, { env: environment, stdio: 'ignore' });
  };
  /** What a resumption with every confirmation given finds, and that it does nothing. */
  const differences = (): string => {
    const resume = ['resume', '--rehearse', '--plain', '--yes', '--accept-irreversible', 'rehearsal'];
    const { status, stdout, stderr } = runPlainly([...resume, '--speed', '6000'], state);
    assert.equal(status, 3, stdout + stderr);
    assert.deepEqual(readRecord(simulation).mutations, []);
    assert.deepEqual(readRecord(join(simulation, elsewhere)).mutations, []);
    const drifted = readFileSync(join(directory, 'journal.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map(parsed)
      .findLast(({ event }) => event.type === 'run.drifted');
    const found = drifted?.event.type === 'run.drifted' ? drifted.event.differences : [];
    for (const one of found) {
      assert.ok(stdout.includes(one.expected), stdout);
      assert.ok(stdout.includes(one.found), stdout);
    }
    return found.map(({ what }) => what).join(', ');
  };

  writeFileSync(runbook, text.replace('Stop here', 'Stop there'));
  assert.equal(differences(), 'runbook (SHA-256)');
  writeFileSync(runbook, text);
  az('account', 'set', '--subscription', secondSubscription.id);
  assert.equal(differences(), 'subscription');
  az('account', 'set', '--subscription', subscription.id);
  az('login', '--username', 'they@contoso.com');
  assert.equal(differences(), 'operator');
  az('login', '--username', 'you@contoso.com');
  const rehearsal = await openRehearsal({
    directory: simulation,
    scenario: '',
    faults: [],
    clusterName: '',
    resourceGroup: '',
  });
  rehearsal.recreateCluster();
  await rehearsal.close();
  assert.equal(differences(), 'creation time of the cluster');
});

function parsed(line: string): JournalRecord {
  return JSON.parse(line) as JournalRecord;
}
