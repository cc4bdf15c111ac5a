import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Intent } from '../../source/engine/controller.ts';
import type { Question } from '../../source/engine/decide.ts';
import type { PassWork } from '../../source/engine/ports.ts';
import { rewriteSummary, stepCounts } from '../../source/engine/in-short.ts';
import { leftUndone } from '../../source/engine/left-undone.ts';
import { noCounts } from '../../source/engine/rewriting.ts';
import type { RewriteProgress } from '../../source/engine/rewriting.ts';
import { ToolError } from '../../source/runbook/errors.ts';
import { plan, rewriteStep, runStep } from '../support/runs.ts';
import { FakeWorld, answerWith, goAhead } from '../support/world.ts';

const rewrite = rewriteStep({ id: 'rewrite' });

/** What a pass does that finds so many Secrets and writes so many of them. */
function found(listed: number, rewritten: number, more: Partial<RewriteProgress> = {}): RewriteProgress {
  const counts = { ...noCounts, listed, rewritten, current: listed - rewritten };
  return { namespaces: [{ name: 'a', done: true, counts }], refused: [], retries: 0, ...more };
}

/** A world whose passes record these, one after another; the last one is repeated. */
function worldWith(...passes: (RewriteProgress | ToolError)[]): { world: FakeWorld; made: PassWork[] } {
  const world = new FakeWorld();
  const made: PassWork[] = [];
  world.secrets = {
    async pass(work) {
      made.push(work);
      const next = passes.length > 1 ? passes.shift() : passes[0];
      if (next instanceof ToolError) throw next;
      if (next !== undefined) await work.record(next);
      return { unproven: [] };
    },
  };
  return { world, made };
}

const words = (word: string) => [[[{ text: 'tool' }], [{ text: word }]]];

const documented = (question: Question): Intent =>
  question.kind === 'confirm'
    ? { type: 'confirm', step: question.step, by: 'key', documented: true }
    : goAhead(question);

test('it is done when a verification has moved nothing, on the planned cluster and after a word', async () => {
  const { world, made } = worldWith(found(40, 40), found(40, 0));
  const controller = await world.begin(plan(rewrite));
  assert.equal(await answerWith(controller, goAhead), 'completed');
  assert.deepEqual(
    made.map(({ pass, verifies }) => ({ pass, verifies })),
    [
      { pass: 1, verifies: false },
      { pass: 2, verifies: true },
    ],
  );
  assert.deepEqual(world.story().slice(1), [
    'step.assessed',
    'step.confirmed',
    'step.started',
    'rewrite.begun',
    'rewrite.progressed',
    'rewrite.pass-ended',
    'rewrite.begun',
    'rewrite.progressed',
    'rewrite.pass-ended',
    'step.succeeded',
    'run.completed',
  ]);
  assert.deepEqual(world.started, []);

  const other = worldWith(found(40, 40), found(40, 0));
  other.world.differences = [{ what: 'server', expected: 'blue', found: 'green' }];
  assert.equal(await answerWith(await other.world.begin(plan(rewrite)), goAhead), 'failed');
  assert.equal(other.made.length, 0);
});

test('a verification that moves too much is made again, and one that always does fails the step', async () => {
  const settled = worldWith(found(40, 40), found(40, 30), found(40, 3));
  assert.equal(await answerWith(await settled.world.begin(plan(rewrite)), goAhead), 'completed');
  assert.equal(settled.made.length, 3);

  const moving = worldWith(found(40, 40), found(40, 30));
  const controller = await moving.world.begin(plan(rewrite));
  assert.equal(await answerWith(controller, goAhead), 'failed');
  assert.equal(moving.made.length, 6);
  const failure = controller.view().state.steps['rewrite']?.attempts.at(-1)?.failure;
  assert.equal(failure?.reason, 'unverified');
  assert.match(failure.what, /30 of 40/);
});

test('Secrets that are refused fail the step, by name, until each is acknowledged with a reason', async () => {
  const refused = [{ namespace: 'b', names: ['x', 'y'], message: 'denied by policy' }];
  const counts = { ...noCounts, listed: 2, refused: 2 };
  const progress = { namespaces: [{ name: 'b', done: true, counts }], refused, retries: 0 };
  const { world } = worldWith(progress);
  const controller = await world.begin(plan(rewrite));
  let told = '';
  const outcome = await answerWith(controller, (question) => {
    if (question.kind !== 'failed') return goAhead(question);
    told = `${question.failure.reason} ${question.failure.what}\n${question.failure.detail}`;
    return { type: 'override', step: question.step, reason: 'Test data, deleted on Monday.' };
  });
  assert.equal(outcome, 'completed');
  assert.match(told, /^refused The API server refuses to write 2 Secrets/);
  assert.match(told, /b\/x, b\/y – denied by policy/);
  const overridden = world.records.find(({ event }) => event.type === 'step.overridden')?.event;
  assert.deepEqual(overridden?.type === 'step.overridden' ? overridden.acknowledged : undefined, [
    { namespace: 'b', names: ['x', 'y'] },
  ]);
});

test('where there are no exceptions it cannot be marked as done, and says why', async () => {
  const refused = [{ namespace: 'b', names: ['x'], message: 'denied by policy' }];
  const counts = { ...noCounts, listed: 2, current: 1, refused: 1 };
  const { world } = worldWith({ namespaces: [{ name: 'b', done: true, counts }], refused, retries: 0 });
  const noExceptions = 'It can never be read after the upgrade.';
  const strict = rewriteStep({ id: 'rewrite', stored: 'without KMS', noExceptions });
  const controller = await world.begin(plan(strict));
  let failure = '';
  let refusal: string | undefined;
  const outcome = await answerWith(controller, (question) => {
    if (question.kind !== 'failed') return goAhead(question);
    failure = question.failure.what;
    refusal = controller.send({ type: 'override', step: question.step, reason: 'later' });
    return { type: 'stop' };
  });
  assert.equal(outcome, 'failed');
  assert.match(failure, /all others are stored without KMS\.$/);
  assert.match(refusal ?? '', /No Secret may be left out.*It can never be read after the upgrade\./);
});

test('what was left undone is told before a step that cannot be undone', async () => {
  const refused = [{ namespace: 'identity', names: ['client-0001'], message: 'denied' }];
  const counts = { ...noCounts, listed: 2, current: 1, refused: 1 };
  const { world } = worldWith({
    namespaces: [{ name: 'identity', done: true, counts }],
    refused,
    retries: 0,
  });
  world.behaviours['tool early'] = () => 1;
  world.behaviours['tool broken'] = () => 1;
  const upgrade = runStep({ id: 'upgrade', irreversible: 'No way back.', pipeline: words('upgrade') });
  const controller = await world.begin(
    plan(
      runStep({ id: 'early', pipeline: words('early') }),
      rewrite,
      runStep({ id: 'broken', pipeline: words('broken') }),
      upgrade,
      runStep({ id: 'later' }),
    ),
  );
  let told: string[] = [];
  await answerWith(controller, (question) => {
    if (question.kind === 'confirm' && question.step === 'upgrade') {
      told = leftUndone(controller.view().state, 'upgrade');
      return { type: 'stop' };
    }
    if (question.kind !== 'failed') return goAhead(question);
    const { step } = question;
    return step === 'early'
      ? { type: 'skip', step, reason: 'not here' }
      : { type: 'override', step, reason: 'seen' };
  });
  assert.deepEqual(told, [
    'Left undone before this: step 1, “early”, was skipped: not here',
    'Left undone before this: step 2, 1 Secret still stored as before: identity/client-0001',
    'Left undone before this: step 3, “broken”, was marked as done without proof: seen',
  ]);
});

test('an interrupted rewrite is asked for again and goes on where it was; what was done counts once', async () => {
  const { world, made } = worldWith();
  const point = { name: 'a', done: false, after: 'm', continue: 'token' };
  const reached = Promise.withResolvers<void>();
  world.secrets = {
    async pass(work) {
      made.push(work);
      const counts = { ...noCounts, listed: 25, rewritten: 25 };
      await work.record({ namespaces: [{ ...point, counts }], refused: [], retries: 2 });
      reached.resolve();
      return new Promise(() => undefined);
    },
  };
  void answerWith(await world.begin(plan(rewrite)), goAhead).catch(() => undefined);
  await reached.promise;
  world.kill();

  const next = worldWith(found(15, 15), found(40, 0));
  next.world.records.push(...world.records);
  const controller = await next.world.resume();
  const asked: Question[] = [];
  const outcome = await answerWith(controller, (question) => {
    asked.push(question);
    return goAhead(question);
  });
  assert.equal(outcome, 'completed');
  assert.equal(asked[0]?.kind, 'confirm');
  assert.equal(next.made[0]?.pass, 1);
  assert.equal(next.made[0]?.doneBefore, 25);
  const { name, ...where } = point;
  assert.deepEqual(next.made[0]?.from.get(name), {
    ...where,
    counts: { ...noCounts, listed: 25, rewritten: 25 },
  });
  const passes = controller.view().state.steps['rewrite']?.rewrite ?? [];
  assert.deepEqual(
    passes.map(({ counts }) => counts.listed),
    [40, 40],
  );
  assert.equal(passes[0]?.counts.rewritten, 40);
  assert.equal(controller.view().state.steps['rewrite']?.attempts.length, 2);
});

test('a verification that was interrupted begins anew', async () => {
  const { world, made } = worldWith(found(40, 40), new ToolError('No route to the host.', 'Try again.'));
  const controller = await world.begin(plan(rewrite));
  const outcome = await answerWith(controller, goAhead);
  assert.equal(outcome, 'failed');
  assert.equal(controller.view().state.steps['rewrite']?.attempts[0]?.failure?.what, 'No route to the host.');
  const next = worldWith(found(40, 0));
  next.world.records.push(...world.records);
  assert.equal(
    await answerWith(await next.world.resume(), (question) =>
      question.kind === 'failed' ? { type: 'retry', step: question.step } : goAhead(question),
    ),
    'completed',
  );
  assert.deepEqual(
    [...made, ...next.made].map(({ pass, verifies }) => `${pass}${verifies ? 'v' : ''}`),
    ['1', '2v', '3v'],
  );
  assert.equal(next.made[0]?.from.size, 0);
});

test('one that came to its end begins from the start when it is tried again', async () => {
  const refused = [{ namespace: 'b', names: ['x'], message: 'denied' }];
  const counts = { ...noCounts, listed: 9, current: 8, refused: 1 };
  const denied = { namespaces: [{ name: 'b', done: true, counts }], refused, retries: 0 };
  const { world, made } = worldWith(found(9, 9), denied, found(9, 0), found(9, 0));
  const outcome = await answerWith(await world.begin(plan(rewrite)), (question) =>
    question.kind === 'failed' ? { type: 'retry', step: question.step } : goAhead(question),
  );
  assert.equal(outcome, 'completed');
  assert.deepEqual(
    made.map(({ pass, verifies, doneBefore }) => ({ pass, verifies, doneBefore })),
    [
      { pass: 1, verifies: false, doneBefore: 0 },
      { pass: 2, verifies: true, doneBefore: 0 },
      { pass: 1, verifies: false, doneBefore: 0 },
      { pass: 2, verifies: true, doneBefore: 0 },
    ],
  );
});

test('what an earlier attempt wrote is not forgotten by the next one', async () => {
  const refused = [{ namespace: 'b', names: ['x'], message: 'denied' }];
  const denied = (rewritten: number): RewriteProgress => ({
    namespaces: [
      {
        name: 'b',
        done: true,
        counts: { ...noCounts, listed: 9, rewritten, current: 8 - rewritten, refused: 1 },
      },
    ],
    refused,
    retries: 0,
  });
  const { world } = worldWith(denied(8), denied(0), found(9, 1), found(9, 0));
  const controller = await world.begin(plan(rewrite));
  await answerWith(controller, (question) =>
    question.kind === 'failed' ? { type: 'retry', step: question.step } : goAhead(question),
  );
  const step = controller.view().state.steps['rewrite'];
  assert.equal(
    rewriteSummary(step?.rewrite ?? [], step),
    '9 Secrets in 1 namespace: 9 written again (8 in earlier attempts), 0 current before; verified: 9 are under the current key',
  );
});

test('a rewrite the run was stopped in is told as begun, not as one nobody knows the end of', async () => {
  const { world } = worldWith();
  const reached = Promise.withResolvers<void>();
  world.secrets = {
    async pass({ record, signal }) {
      await record(found(5, 5));
      reached.resolve();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  };
  const controller = await world.begin(plan(rewrite));
  const outcome = answerWith(controller, goAhead);
  await reached.promise;
  assert.equal(controller.send({ type: 'stop', reason: 'operator' }), undefined);
  assert.equal(await outcome, 'stopped');
  assert.deepEqual(stepCounts(controller.view().state), ['1 begun and not finished']);
});

test('the document’s command can be chosen; it runs as written, its harmless errors are counted, and all is verified', async () => {
  const { world, made } = worldWith(found(40, 0));
  world.behaviours['kubectl rewrite'] = (_, command) => {
    command.say('secret/a replaced\nError: it was modified\nError: it was modified\n');
    return 1;
  };
  const controller = await world.begin(plan(rewrite));
  assert.equal(await answerWith(controller, documented), 'completed');
  assert.deepEqual(world.started, ['kubectl rewrite']);
  assert.deepEqual(
    made.map(({ verifies }) => verifies),
    [true],
  );
  const exited = world.records.find(({ event }) => event.type === 'command.exited')?.event;
  assert.equal(exited?.type === 'command.exited' && exited.toleratedLines, 2);

  const failing = worldWith(found(40, 0));
  failing.world.behaviours['kubectl rewrite'] = (_, command) => {
    command.say('Error: forbidden\n');
    return 1;
  };
  assert.equal(await answerWith(await failing.world.begin(plan(rewrite)), documented), 'failed');
  assert.equal(failing.made.length, 0);
});

test('where the document gives no command, none can be chosen; --yes takes the rewrite', async () => {
  const { world } = worldWith(found(1, 0));
  const controller = await world.begin(plan(rewriteStep({ id: 'rewrite', documented: undefined })));
  const asked = Promise.withResolvers<void>();
  const look = (): void => {
    if (controller.view().asking) asked.resolve();
  };
  const unsubscribe = controller.subscribe(look);
  look();
  await asked.promise;
  unsubscribe();
  const refusal = controller.send({ type: 'confirm', step: 'rewrite', by: 'key', documented: true });
  assert.match(refusal ?? '', /no other command/);
  assert.equal(controller.send({ type: 'confirm', step: 'rewrite', by: '--yes' }), undefined);
  assert.equal(await controller.finished, 'completed');
  assert.deepEqual(world.started, []);
});

test('the document’s command is found again after an interruption, then all is verified', async () => {
  const { world } = worldWith(found(40, 0));
  world.behaviours['kubectl rewrite'] = () => null;
  const controller = await world.begin(plan(rewrite));
  const spawned = Promise.withResolvers<void>();
  controller.subscribe(() => {
    if (world.records.at(-1)?.event.type === 'command.spawned') spawned.resolve();
  });
  void answerWith(controller, documented).catch(() => undefined);
  await spawned.promise;
  world.kill();
  const next = worldWith(found(40, 0));
  next.world.records.push(...world.records);
  const endedAt = '2026-11-21T20:20:00.000Z';
  const exit = { code: 0, signal: null, outputBytes: 0, outputSha256: 'a'.repeat(64), endedAt };
  next.world.found = { kind: 'ended', exit };
  assert.equal(await answerWith(await next.world.resume(), goAhead), 'completed');
  assert.deepEqual(next.world.started, []);
  assert.deepEqual(
    next.made.map(({ verifies }) => verifies),
    [true],
  );
});

test('pausing and going on are on record, and only make sense while Secrets are rewritten', async () => {
  const { world } = worldWith();
  const seen: boolean[] = [];
  world.secrets = {
    async pass(work) {
      const end = Promise.withResolvers<void>();
      work.pause.subscribe(() => {
        seen.push(work.pause.on);
        if (!work.pause.on) end.resolve();
        else queueMicrotask(() => assert.equal(controller.send({ type: 'go-on' }), undefined));
      });
      queueMicrotask(() => assert.equal(controller.send({ type: 'pause' }), undefined));
      if (work.verifies) return { unproven: [] };
      await end.promise;
      return { unproven: [] };
    },
  };
  const controller = await world.begin(plan(rewrite));
  assert.match(controller.send({ type: 'pause' }) ?? '', /Nothing that can be paused/);
  assert.equal(await answerWith(controller, goAhead), 'completed');
  assert.deepEqual(seen.slice(0, 2), [true, false]);
  assert.ok(world.story().includes('rewrite.paused'));
  assert.ok(world.story().includes('rewrite.continued'));
});

test('one that ran out of turn is done again from the start once its cause is settled', async () => {
  const update = runStep({ id: 'update' });
  const { world, made } = worldWith(found(9, 9), found(9, 0), found(9, 9), found(9, 0));
  let times = 0;
  world.behaviours['tool update'] = () => {
    times += 1;
    return times === 1 ? 1 : 0;
  };
  const after = rewriteStep({ id: 'rewrite', evenIfFailed: ['update'] });
  const detoured = new Set<string>();
  const outcome = await answerWith(await world.begin(plan(update, after)), (question) => {
    if (question.kind !== 'failed') return goAhead(question);
    if (detoured.has(question.step)) return { type: 'retry', step: question.step };
    detoured.add(question.step);
    return { type: 'detour', step: 'rewrite' };
  });
  assert.equal(outcome, 'completed');
  assert.deepEqual(
    made.map(({ pass }) => pass),
    [1, 2, 1, 2],
  );
});

test('one that was left half done out of turn begins from the start when its turn comes', async () => {
  const update = runStep({ id: 'update' });
  const { world, made } = worldWith(found(9, 9));
  const half = { name: 'a', done: false, after: 'm', counts: { ...noCounts, listed: 4, rewritten: 4 } };
  world.secrets = {
    async pass(work) {
      made.push(work);
      if (made.length > 1) {
        await work.record(found(9, work.verifies ? 0 : 9));
        return { unproven: [] };
      }
      await work.record({ namespaces: [half], refused: [], retries: 0 });
      throw new ToolError('No route to the host.', 'Try again.');
    },
  };
  let times = 0;
  world.behaviours['tool update'] = () => {
    times += 1;
    return times === 1 ? 1 : 0;
  };
  const after = rewriteStep({ id: 'rewrite', evenIfFailed: ['update'] });
  const outcome = await answerWith(await world.begin(plan(update, after)), (question) => {
    if (question.kind !== 'failed') return goAhead(question);
    if (question.step === 'rewrite') return { type: 'override', step: 'rewrite', reason: 'later' };
    return times === 1 && made.length === 0
      ? { type: 'detour', step: 'rewrite' }
      : { type: 'retry', step: question.step };
  });
  assert.equal(outcome, 'completed');
  assert.deepEqual(
    made.map(({ pass, from }) => ({ pass, gone: from.size })),
    [
      { pass: 1, gone: 0 },
      { pass: 1, gone: 0 },
      { pass: 2, gone: 0 },
    ],
  );
});

test('what keeps changing is told with what it means and what to do, each by name', async () => {
  const { world } = worldWith();
  const names = Array.from({ length: 12 }, (_, index) => `agent-${index}`);
  world.secrets = {
    async pass({ record, verifies }) {
      await record(found(40, verifies ? 12 : 40));
      return { unproven: verifies ? names.map((name) => ({ namespace: 'monitoring', name })) : [] };
    },
  };
  const controller = await world.begin(plan(rewrite));
  assert.equal(await answerWith(controller, goAhead), 'failed');
  const failure = controller.view().state.steps['rewrite']?.attempts.at(-1)?.failure;
  assert.match(
    failure?.detail ?? '',
    /^Changed again at each look: monitoring\/agent-0, .*monitoring\/agent-7, and 4 more$/,
  );
  assert.match(failure?.explanation?.means ?? '', /mutating webhook/);
  assert.match(failure?.explanation?.do ?? '', /then retry/);
});
