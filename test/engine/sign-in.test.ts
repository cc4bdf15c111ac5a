/** The sign-in is looked at before a change, and waiting is shown while it lasts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkStep, expression, plan, runStep } from '../support/runs.ts';
import { FakeWorld, answerWith, goAhead } from '../support/world.ts';

const minute = 60_000;
const update = runStep({ id: 'update', doneWhen: expression('cluster.done == `true`'), normal: 15 * minute });

function signedInFor(minutes: number): FakeWorld {
  const world = new FakeWorld();
  world.behaviours['tool update'] = () => {
    world.cluster['done'] = true;
    return 0;
  };
  const now = world.ports().clock.now();
  world.signedInUntil = new Date(now.getTime() + minutes * minute);
  return world;
}

function warnings(world: FakeWorld): string[] {
  return world.records.flatMap(({ event }) => (event.type === 'run.warned' ? [event.text] : []));
}

test('a token that may run out during a long step is told of before it begins', async () => {
  const world = signedInFor(15);
  assert.equal(await answerWith(await world.begin(plan(update)), goAhead), 'completed');
  assert.match(warnings(world)[0] ?? '', /runs out in 15 min.*normally takes 15 min.*az login/);
  const types = world.records.map(({ event }) => event.type);
  assert.ok(types.indexOf('run.warned') < types.indexOf('step.started'));
});

test('a token that outlasts the step, or a step of unknown length, is no reason to warn', async () => {
  const lasting = signedInFor(16);
  assert.equal(await answerWith(await lasting.begin(plan(update)), goAhead), 'completed');
  assert.deepEqual(warnings(lasting), []);
  const short = signedInFor(1);
  const { normal: _, ...unknown } = update;
  assert.equal(await answerWith(await short.begin(plan(unknown)), goAhead), 'completed');
  assert.deepEqual(warnings(short), []);
});

test('nothing is run with a sign-in that has run out, and it can be tried again after az login', async () => {
  for (const break_ of [
    (world: FakeWorld) => (world.signedInUntil = new Date(0)),
    (world: FakeWorld) => (world.signedInUntil = undefined),
  ]) {
    const world = signedInFor(60);
    const good = world.signedInUntil;
    break_(world);
    let failures = 0;
    const outcome = await answerWith(await world.begin(plan(update)), (question) => {
      if (question.kind !== 'failed') return goAhead(question);
      failures += 1;
      assert.deepEqual(world.started, []);
      const failed = world.records.at(-1)?.event;
      assert.ok(failed?.type === 'step.failed');
      assert.match(failed.failure.detail ?? '', /az login/);
      world.signedInUntil = good;
      return { type: 'retry', step: question.step };
    });
    assert.equal(outcome, 'completed');
    assert.equal(failures, 1);
    assert.deepEqual(world.started, ['tool update']);
  }
});

test('what Azure makes us wait for is shown with what goes on, until it is over', async () => {
  const world = new FakeWorld();
  const read = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  world.slowly = async () => {
    read.resolve();
    await answered.promise;
  };
  const controller = await world.begin(plan(checkStep({ id: 'check' })));
  await read.promise;
  const before = controller.view().activity?.doing ?? '';
  let told = 0;
  controller.subscribe(() => (told += 1));
  world.tellWaiting('Azure is busy.');
  assert.equal(controller.view().activity?.doing, `${before} – Azure is busy.`);
  assert.equal(told, 1);
  const seen: string[] = [];
  controller.subscribe(() => seen.push(controller.view().activity?.doing ?? ''));
  world.slowly = async () => undefined;
  answered.resolve();
  assert.equal(await answerWith(controller, goAhead), 'completed');
  assert.ok(seen.length > 0 && seen.every((doing) => !doing.includes('busy')), seen.join('\n'));
});
