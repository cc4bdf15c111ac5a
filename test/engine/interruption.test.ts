import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandExit } from '../../source/engine/ports.ts';
import { checkStep, expression, plan, runStep } from '../support/runs.ts';
import { FakeCommand, FakeWorld, answerWith, goAhead } from '../support/world.ts';

const done = expression('cluster.done == `true`');
const update = runStep({ id: 'update', doneWhen: done });

/** A world whose run was killed right after the update started, and its journal up to there. */
async function killedDuringUpdate(effect: (world: FakeWorld) => void): Promise<FakeWorld> {
  const world = new FakeWorld();
  const hanging = Promise.withResolvers<number>();
  world.behaviours['tool update'] = () => hanging.promise;
  const controller = await world.begin(plan(checkStep({ id: 'check' }), update));
  const spawned = Promise.withResolvers<void>();
  controller.subscribe(() => {
    if (world.records.at(-1)?.event.type === 'command.spawned') spawned.resolve();
  });
  void answerWith(controller, goAhead).catch(() => undefined);
  await spawned.promise;
  world.kill();
  const next = new FakeWorld();
  next.records.push(...world.records);
  next.behaviours['tool update'] = (changed) => {
    changed.cluster['done'] = true;
    return 0;
  };
  effect(next);
  return next;
}

test('killed while it ran, and it took effect: accepted, not sent again', async () => {
  const world = await killedDuringUpdate((next) => {
    next.cluster['done'] = true;
  });
  const controller = await world.resume();
  assert.equal(await answerWith(controller, goAhead), 'completed');
  assert.deepEqual(world.started, []);
  const attempt = controller.view().state.steps['update']?.attempts[0];
  assert.equal(attempt?.interrupted, true);
  assert.equal(attempt?.outcome, 'took-effect');
});

test('killed while it ran, and Azure is still at it: waited for first', async () => {
  const world = await killedDuringUpdate((next) => {
    next.cluster['provisioningState'] = 'Updating';
    let looks = 0;
    next.onSleep = () => {
      looks += 1;
      if (looks === 5) next.cluster = { provisioningState: 'Succeeded', done: true };
    };
  });
  assert.equal(await answerWith(await world.resume(), goAhead), 'completed');
  assert.deepEqual(world.started, []);
  assert.ok(world.story().includes('step.cluster-settled'));
});

test('killed while it ran, and a read still shows the old value: looked at again before it counts as undone', async () => {
  const world = await killedDuringUpdate((next) => {
    let looks = 0;
    next.onSleep = (milliseconds) => {
      if (milliseconds !== 10_000) return;
      looks += 1;
      if (looks === 3) next.cluster['done'] = true;
    };
  });
  assert.equal(await answerWith(await world.resume(), goAhead), 'completed');
  assert.deepEqual(world.started, []);
});

test('killed while it ran, and it had no effect: run again only when the operator says so', async () => {
  const world = await killedDuringUpdate(() => undefined);
  const controller = await world.resume();
  const asked: string[] = [];
  const outcome = await answerWith(controller, (question) => {
    asked.push(question.kind);
    return goAhead(question);
  });
  assert.equal(outcome, 'completed');
  assert.deepEqual(asked, ['unknown', 'confirm']);
  assert.deepEqual(world.started, ['tool update']);
});

test('killed while a step without a postcondition ran: the operator is asked', async () => {
  const blind = runStep({ id: 'update' });
  const world = await killedDuringUpdate(() => undefined);
  const [first] = world.records;
  if (first?.event.type !== 'run.started') throw new Error('unreachable');
  first.event = {
    ...first.event,
    header: { ...first.event.header, plan: plan(checkStep({ id: 'check' }), blind) },
  };
  const controller = await world.resume();
  const effects: unknown[] = [];
  await answerWith(controller, (question) => {
    if (question.kind === 'unknown') {
      effects.push(question.effect);
      assert.match(
        controller.send({ type: 'accept', step: 'update', by: 'key' }) ?? '',
        /does not show it as done/,
      );
      return { type: 'override', step: 'update', reason: 'seen in the portal' };
    }
    return goAhead(question);
  });
  assert.deepEqual(effects, [null]);
  assert.deepEqual(world.started, []);
});

test('a command of an earlier sitting that still runs is followed to its end', async () => {
  const command = new FakeCommand();
  const world = await killedDuringUpdate((next) => {
    next.found = { kind: 'running', command };
  });
  const controller = await world.resume();
  const outcome = answerWith(controller, goAhead);
  command.say('updated\n');
  world.cluster['done'] = true;
  command.end(0);
  assert.equal(await outcome, 'completed');
  assert.deepEqual(world.started, []);
  assert.deepEqual(controller.output('update', 1)?.tail(1), ['updated']);
});

test('a command that ended without us is known by what its keeper left', async () => {
  const exit: CommandExit = {
    code: 1,
    signal: null,
    outputBytes: 3,
    outputSha256: 'a'.repeat(64),
    endedAt: '2026-11-21T20:20:00.000Z',
  };
  const world = await killedDuringUpdate((next) => {
    next.found = { kind: 'ended', exit };
    next.outputs.set('update-1', 'ERROR: (KeyExpired) no\n');
  });
  const controller = await world.resume();
  const failures: (string | undefined)[] = [];
  await answerWith(controller, (question) => {
    if (question.kind === 'unknown') failures.push(question.failure?.what);
    return question.kind === 'unknown' ? { type: 'stop' } : goAhead(question);
  });
  assert.deepEqual(failures, ['The command ended with exit status 1: ERROR: (KeyExpired) no']);
});

test('a command whose end nobody saw is looked into, not taken for a failure', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = () => {
    world.cluster['done'] = true;
    return null;
  };
  const controller = await world.begin(plan(update));
  assert.equal(await answerWith(controller, goAhead), 'completed');
  assert.equal(controller.view().state.steps['update']?.attempts[0]?.outcome, 'took-effect');
});

test('at whatever record the tool is killed, resuming completes and changes nothing twice', async () => {
  const whole = new FakeWorld();
  const of = plan(
    checkStep({ id: 'check' }),
    update,
    runStep({
      id: 'second',
      pipeline: [[[{ text: 'second' }]]],
      doneWhen: expression('cluster.second == `true`'),
    }),
  );
  const behaviours: FakeWorld['behaviours'] = {
    'tool update': (world) => {
      world.cluster['done'] = true;
      return 0;
    },
    second: (world) => {
      world.cluster['second'] = true;
      return 0;
    },
  };
  whole.behaviours = behaviours;
  await answerWith(await whole.begin(of), goAhead);
  for (let keep = 1; keep < whole.records.length; keep += 1) {
    const world = new FakeWorld();
    world.behaviours = behaviours;
    world.records.push(...whole.records.slice(0, keep));
    // What had been started by then has taken effect in the cluster.
    for (const { event } of world.records) {
      if (event.type === 'command.spawned') world.cluster[event.step === 'update' ? 'done' : 'second'] = true;
    }
    const before = world.records.filter(({ event }) => event.type === 'command.spawned').length;
    assert.equal(await answerWith(await world.resume(), goAhead), 'completed', `killed after record ${keep}`);
    assert.equal(before + world.started.length, 2, `killed after record ${keep}`);
  }
});

test('detaching leaves the command running and stops', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = () => new Promise<number>(() => undefined);
  const controller = await world.begin(plan(update));
  controller.subscribe(() => {
    if (controller.view().activity?.command === true) controller.send({ type: 'detach' });
  });
  assert.equal(await answerWith(controller, goAhead), 'stopped');
  assert.equal(world.commands[0]?.detached, true);
  assert.deepEqual(world.commands[0]?.signals, []);
  assert.equal(controller.view().state.stoppedBecause, 'detached');
});

test('cancelling ends the command, more and more firmly, and then looks at the cluster', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = async (_world, command) => {
    while (command.signals.length < 3) await new Promise((resolve) => setImmediate(resolve));
    return 137;
  };
  const controller = await world.begin(plan(update));
  let cancelled = false;
  controller.subscribe(() => {
    if (controller.view().activity?.command !== true || cancelled) return;
    cancelled = true;
    assert.match(controller.send({ type: 'stop' }) ?? '', /detach/);
    assert.equal(controller.send({ type: 'cancel' }), undefined);
  });
  assert.equal(await answerWith(controller, goAhead), 'failed');
  assert.deepEqual(world.commands[0]?.signals, ['SIGINT', 'SIGTERM', 'SIGKILL']);
  assert.equal(controller.view().state.steps['update']?.attempts[0]?.failure?.reason, 'cancelled');
});

test('a warning az began with is not why a command ended', async () => {
  for (const [output, what] of [
    ['WARNING: altered by the following extension: aks-preview\n', 'The command was ended by SIGINT.'],
    ['Cancelling\nWARNING: altered\n', 'The command was ended by SIGINT: Cancelling'],
  ] as const) {
    const world = new FakeWorld();
    world.behaviours['tool update'] = (_world, command) => {
      command.say(output);
      command.end(null, 'SIGINT');
      return 0;
    };
    const controller = await world.begin(plan(update));
    assert.equal(await answerWith(controller, goAhead), 'failed');
    assert.equal(controller.view().state.steps['update']?.attempts[0]?.failure?.what, what);
  }
});

test('drift stops the run until it is accepted with a reason', async () => {
  const world = await killedDuringUpdate((next) => {
    next.cluster['done'] = true;
  });
  const { openRun } = await import('../../source/engine/run.ts');
  const { replay } = await import('../../source/engine/reduce.ts');
  const { session } = await import('../support/runs.ts');
  const differences = [{ what: 'runbook', expected: 'aaa', found: 'bbb' }];
  const controller = await openRun({
    ports: world.ports(),
    state: replay(world.records),
    opening: [
      { type: 'run.resumed', session },
      { type: 'run.drifted', differences },
    ],
  });
  const outcome = await answerWith(controller, (question) => {
    if (question.kind !== 'drift') return goAhead(question);
    assert.match(controller.send({ type: 'accept-drift', reason: '' }) ?? '', /reason is needed/);
    assert.match(
      controller.send({ type: 'confirm', step: 'update', by: 'key' }) ?? '',
      /differences come first/,
    );
    return { type: 'accept-drift', reason: 'the new text is better' };
  });
  assert.equal(outcome, 'completed');
});
