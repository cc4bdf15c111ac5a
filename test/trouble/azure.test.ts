/** Azure in trouble: waited for, tried again or explained, and never taken for done while the cluster is not changed. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { azCredential } from '../../source/adapters/azure/az-credential.ts';
import type { Intent, RunController, RunOutcome } from '../../source/engine/controller.ts';
import type { Question } from '../../source/engine/decide.ts';
import type { Failure } from '../../source/engine/events.ts';
import { subscription } from '../../source/rehearsal/subscription.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { turnOff, wholeRun } from '../support/whole.ts';
import type { WholeOptions, WholeRun } from '../support/whole.ts';
import { until } from '../support/until.ts';
import { answerWith, goAhead } from '../support/world.ts';

interface Told {
  whole: WholeRun;
  controller: RunController;
  outcome: RunOutcome;
  /** Why each attempt did not work, or was looked into, as the operator was told. */
  failures: (Failure | undefined)[];
  /** What was asked then. */
  asked: Question['kind'][];
  warnings: string[];
  /** What was asked of the cluster, and what became of it: the simulation's own record. */
  mutations: string[];
}

/** A run of the one change with these faults. Retries once what failed, after `meanwhile`. */
async function inTrouble(
  t: TestContext,
  faults: readonly string[],
  meanwhile: (whole: WholeRun) => Promise<unknown> = async () => undefined,
  more: WholeOptions = {},
): Promise<Told> {
  const whole = await wholeRun(t, { faults, explain: true, ...more });
  doneIsDone(whole);
  const controller = await whole.begin();
  const failures: (Failure | undefined)[] = [];
  const asked: Question['kind'][] = [];
  const again = (question: Question): Intent | undefined => {
    if (question.kind !== 'failed' && question.kind !== 'unknown') return goAhead(question);
    failures.push(question.failure);
    asked.push(question.kind);
    if (question.kind === 'unknown' && question.effect !== null) return goAhead(question);
    if (failures.length > 1) return { type: 'stop' };
    void meanwhile(whole).then(() => controller.send({ type: 'retry', step: question.step }));
    return undefined;
  };
  const outcome = await answerWith(controller, again);
  const record = whole.rehearsal.record();
  return {
    whole,
    controller,
    outcome,
    failures,
    asked,
    warnings: controller.view().state.warnings.map(({ text }) => text),
    mutations: record.mutations.map(({ outcome: ended }) => ended),
  };
}

/** Whenever the journal says that the step is done, KMS really is off. */
function doneIsDone({ ports, rehearsal }: WholeRun): void {
  const append = ports.journal.append.bind(ports.journal);
  ports.journal.append = async (event) => {
    if (event.type === 'step.succeeded' || event.type === 'step.accepted') {
      const { securityProfile, provisioningState } = rehearsal.record().cluster;
      assert.deepEqual(securityProfile['azureKeyVaultKms'], { enabled: false }, event.type);
      assert.equal(provisioningState, 'Succeeded', event.type);
    }
    return append(event);
  };
}

test('429: az and the tool wait as long as they are asked to, and the operator is told', async (t) => {
  const { outcome, warnings, mutations } = await inTrouble(t, ['throttled']);
  assert.equal(outcome, 'completed');
  assert.deepEqual(mutations, ['Succeeded']);
  assert.ok(
    warnings.some((text) => text.startsWith('Azure is busy (429) and asked to wait')),
    String(warnings),
  );
});

test('5xx: a reading is repeated, and the operator is told', async (t) => {
  const { outcome, failures, warnings, mutations } = await inTrouble(t, ['azure-errors']);
  assert.equal(outcome, 'completed');
  assert.deepEqual(failures, []);
  assert.deepEqual(mutations, ['Succeeded']);
  for (const status of [500, 502, 503])
    assert.ok(warnings.includes(`Azure answered with an error of its own (${status}).`), String(warnings));
});

test('409: somebody else is at work on the cluster: it is explained, waited for, and not sent over it', async (t) => {
  const { outcome, whole, failures, mutations } = await inTrouble(t, ['operation-in-progress']);
  assert.equal(outcome, 'completed');
  assert.deepEqual(mutations, ['refused: OperationNotAllowed', 'Succeeded']);
  assert.match(failures[0]?.explanation?.means ?? '', /another operation on the cluster is in progress/);
  const [theirs, ours] = whole.rehearsal.record().operations;
  assert.ok((ours?.startedAt ?? 0) >= (theirs?.endsAt ?? Infinity), 'ours began before theirs was over');
});

test('the connection is lost while az waits: the tool waits for Azure and finds that it took effect', async (t) => {
  const { outcome, whole, asked, failures, mutations } = await inTrouble(t, ['polls-reset'], undefined, {
    // Long enough to be still under way when az has given up.
    speed: 100,
    hurry: 6_000,
  });
  assert.equal(outcome, 'completed');
  assert.deepEqual(mutations, ['Succeeded']);
  assert.match(failures[0]?.what ?? '', /Connection aborted/);
  assert.match(failures[0]?.explanation?.means ?? '', /lost its connection/);
  const story = whole.records().map(({ event }) => event.type);
  assert.ok(story.includes('step.cluster-busy') && story.includes('step.cluster-settled'), String(story));
  assert.deepEqual(asked, ['unknown']);
});

test('the answer is lost, az asks once more and is refused: nothing else is sent', async (t) => {
  const { outcome, whole, asked, mutations } = await inTrouble(t, ['answer-lost'], undefined, {
    speed: 100,
    hurry: 6_000,
  });
  assert.equal(outcome, 'completed');
  // The refused one is az's own second try.
  assert.deepEqual(mutations, ['Succeeded', 'refused: OperationNotAllowed']);
  assert.equal(whole.rehearsal.record().operations.length, 1);
  assert.deepEqual(asked, ['unknown']);
  assert.equal(whole.records().filter(({ event }) => event.type === 'step.started').length, 1);
});

test('an operation that ends as Failed is told as that, whatever settings Azure shows, and retried', async (t) => {
  const { outcome, failures, mutations } = await inTrouble(t, ['update-fails-once', 'failure-keeps-goal']);
  assert.equal(outcome, 'completed');
  assert.deepEqual(mutations, ['Failed', 'Succeeded']);
  assert.match(failures[0]?.what ?? '', /InternalOperationError/);
  assert.ok(failures[0]?.explanation);
});

test('an operation that somebody canceled is told as that, and retried', async (t) => {
  const { outcome, failures, mutations } = await inTrouble(t, ['update-canceled', 'failure-keeps-goal']);
  assert.equal(outcome, 'completed');
  assert.deepEqual(mutations, ['Canceled', 'Succeeded']);
  assert.match(failures[0]?.explanation?.means ?? '', /Somebody ended the operation/);
});

test('an operation that never ends is said to take too long; it is neither done nor sent again', async (t) => {
  const whole = await wholeRun(t, {
    faults: ['update-never-ends'],
    steps: `${turnOff}\n  timeout: 10m`,
  });
  doneIsDone(whole);
  const controller = await whole.begin();
  const ended = answerWith(controller, (question) => {
    if (question.kind === 'confirm') return goAhead(question);
    assert.ok(question.kind === 'unknown' && question.effect === null, JSON.stringify(question));
    return { type: 'stop' };
  });
  const doing = (): string => controller.view().activity?.doing ?? '';
  const began = (): boolean => whole.rehearsal.record().operations.length === 1;
  await until(t, () => began() && controller.view().activity?.overdue === true);
  assert.equal(controller.send({ type: 'cancel' }), undefined);
  // az is gone; Azure is not.
  await until(t, () => doing() === 'waiting for Azure: the cluster is Updating');
  assert.equal(controller.send({ type: 'cancel' }), undefined);
  assert.equal(await ended, 'stopped');
  assert.deepEqual(
    whole.rehearsal.record().mutations.map(({ outcome }) => outcome),
    ['InProgress'],
  );
  assert.equal(controller.view().state.steps['turn-off']?.status, 'investigated');
});

test('a read right after the success that still shows the old value is not believed at once', async (t) => {
  const steps = turnOff.replace(
    /done-when: .*/,
    'done-when: cluster.securityProfile.azureKeyVaultKms.enabled != `true`',
  );
  const { outcome, failures, mutations } = await inTrouble(t, ['stale-read'], undefined, {
    steps,
    // So that what watches the cluster meanwhile does not use up the reads that are out of date.
    hurry: 100,
  });
  assert.equal(outcome, 'completed');
  assert.deepEqual(failures, []);
  assert.deepEqual(mutations, ['Succeeded']);
});

test('a sign-in that has run out when the change is sent: explained, and retried after az login', async (t) => {
  const { outcome, failures, mutations } = await inTrouble(t, ['token-expired']);
  assert.equal(outcome, 'completed');
  assert.deepEqual(mutations, ['refused: ExpiredAuthenticationToken', 'Succeeded']);
  assert.match(failures[0]?.explanation?.do ?? '', /az login/);
});

test('a sign-in that runs out while az waits: after az login it is looked up, and not sent again', async (t) => {
  const { outcome, failures, whole, mutations } = await inTrouble(t, ['sign-in-ends'], (whole) =>
    whole.az('login'),
  );
  assert.equal(outcome, 'completed');
  assert.deepEqual(mutations, ['Succeeded']);
  assert.match(failures[0]?.explanation?.do ?? '', /az login/);
  assert.equal(whole.records().filter(({ event }) => event.type === 'step.started').length, 1);
});

test('Ctrl-C while az is asked for a token is answered at once', async (t) => {
  const directory = await temporaryDirectory(t);
  const mark = join(directory, 'asked');
  writeFileSync(join(directory, 'az'), `#!/bin/sh\n: > '${mark}'\nexec sleep 60\n`, { mode: 0o700 });
  const environment = { PATH: `${directory}:${process.env['PATH']}` };
  const whole = await wholeRun(t, {
    change: (connection) => ({
      ...connection,
      credential: azCredential({ subscription: subscription.id }, environment),
    }),
  });
  const controller = await whole.begin();
  const ended = answerWith(controller, () => ({ type: 'stop' }));
  await until(t, () => existsSync(mark));
  assert.equal(controller.send({ type: 'cancel' }), undefined);
  assert.equal(await ended, 'failed');
  assert.equal(controller.view().state.steps['turn-off']?.attempts[0]?.failure?.reason, 'cancelled');
  assert.deepEqual(whole.rehearsal.record().mutations, []);
});
