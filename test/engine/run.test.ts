import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Intent } from '../../source/engine/controller.ts';
import type { CommandExit } from '../../source/engine/ports.ts';
import { ToolError } from '../../source/runbook/errors.ts';
import type { Question } from '../../source/engine/decide.ts';
import { replay } from '../../source/engine/reduce.ts';
import { knownWords } from '../../source/engine/words.ts';
import { displayCommand } from '../../source/plan/command.ts';
import { inSubscription } from '../../source/plan/subscription.ts';
import { checkStep, expression, manualStep, plan, runStep, waitStep } from '../support/runs.ts';
import { FakeWorld, answerWith, goAhead } from '../support/world.ts';

const done = expression('cluster.done == `true`');
const update = runStep({ id: 'update', doneWhen: done });

/** An update that works. */
function works(world: FakeWorld): number {
  world.cluster['done'] = true;
  return 0;
}

/** Answers from a list by question kind, then as one who goes ahead. */
function firstThen(...first: [Question['kind'], (question: Question) => Intent][]) {
  const left = [...first];
  return (question: Question): Intent => {
    const [next] = left;
    if (next === undefined || next[0] !== question.kind) return goAhead(question);
    left.shift();
    return next[1](question);
  };
}

test('a run goes through its steps in order and completes', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = works;
  const of = plan(checkStep({ id: 'check' }), update, waitStep({ id: 'wait' }), manualStep({ id: 'keep' }));
  assert.equal(await answerWith(await world.begin(of), goAhead), 'completed');
  assert.deepEqual(world.started, ['tool update']);
  assert.deepEqual(world.story(), [
    'run.started',
    'step.assessed',
    'step.started',
    'step.succeeded',
    'step.assessed',
    'step.confirmed',
    'step.started',
    'command.spawned',
    'command.exited',
    'step.verified',
    'step.succeeded',
    'step.assessed',
    'step.started',
    'step.succeeded',
    'step.assessed',
    'step.attested',
    'run.completed',
  ]);
});

test('replaying the journal gives the state the run ended in', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = works;
  const controller = await world.begin(plan(update));
  await answerWith(controller, goAhead);
  assert.deepEqual(replay(world.records), controller.view().state);
});

test('a command is on record before it starts', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = () => {
    assert.equal(world.records.at(-1)?.event.type, 'step.started');
    return works(world);
  };
  assert.equal(await answerWith(await world.begin(plan(update)), goAhead), 'completed');
});

test('nothing is started when the record of it cannot be kept', async () => {
  const world = new FakeWorld();
  world.beforeAppend = ({ type }) => {
    if (type === 'step.started') throw new Error('disk full');
  };
  await assert.rejects(answerWith(await world.begin(plan(update)), goAhead), /disk full/);
  assert.deepEqual(world.started, []);
});

test('exit status 0 is not proof: without the postcondition the step fails', async () => {
  const world = new FakeWorld();
  const controller = await world.begin(plan(update));
  assert.equal(await answerWith(controller, goAhead), 'failed');
  const attempt = controller.view().state.steps['update']?.attempts.at(-1);
  assert.equal(attempt?.failure?.reason, 'postcondition');
  assert.equal(attempt?.exit?.code, 0);
});

test('a value that shows up late is waited for', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = () => {
    let looks = 0;
    world.onSleep = (milliseconds) => {
      if (milliseconds !== 10_000) return;
      looks += 1;
      if (looks === 3) world.cluster['done'] = true;
    };
    return 0;
  };
  assert.equal(await answerWith(await world.begin(plan(update)), goAhead), 'completed');
});

test('a failed command is explained, and retried only after looking at the cluster', async () => {
  const world = new FakeWorld();
  let tries = 0;
  world.behaviours['tool update'] = (_world, command) => {
    tries += 1;
    if (tries > 1) return works(world);
    command.say('ERROR: (InternalOperationError) Internal server error\nCode: InternalOperationError\n');
    return 1;
  };
  const explained = {
    ...update,
    explain: [{ pattern: 'InternalOperationError', means: 'Azure failed inside.', do: 'Try again.' }],
  };
  const controller = await world.begin(plan(explained));
  const seen: Question[] = [];
  const outcome = await answerWith(controller, (question) => {
    if (question.kind !== 'failed') return goAhead(question);
    seen.push(question);
    return { type: 'retry', step: 'update' };
  });
  assert.equal(outcome, 'completed');
  const [failed] = seen;
  assert.equal(failed?.kind === 'failed' && failed.failure.explanation?.do, 'Try again.');
  assert.match(
    failed?.kind === 'failed' ? failed.failure.what : '',
    /\(InternalOperationError\) Internal server error/,
  );
  assert.equal(controller.view().state.steps['update']?.attempts.length, 2);
  const story = world.story();
  assert.deepEqual(story.slice(story.indexOf('step.retried'), story.indexOf('step.retried') + 3), [
    'step.retried',
    'step.assessed',
    'step.confirmed',
  ]);
});

test('a failed command that took effect all the same is not run again by a retry', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = (_world, command) => {
    command.say('ERROR: connection reset\n');
    world.onSleep = () => {
      world.cluster['done'] = true;
    };
    return 1;
  };
  const controller = await world.begin(plan(update));
  const outcome = await answerWith(controller, (question) => {
    if (question.kind !== 'failed') return goAhead(question);
    world.cluster['done'] = true;
    return { type: 'retry', step: 'update' };
  });
  assert.equal(outcome, 'completed');
  assert.deepEqual(world.started, ['tool update']);
  assert.equal(controller.view().state.steps['update']?.status, 'accepted');
});

test('a command that ended with an error while Azure went on is waited for and proposed as done', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = (_world, command) => {
    command.say('ERROR: connection reset\n');
    world.cluster['provisioningState'] = 'Updating';
    let looks = 0;
    world.onSleep = (milliseconds) => {
      if (milliseconds !== 15_000) return;
      looks += 1;
      if (looks === 4) world.cluster = { provisioningState: 'Succeeded', done: true };
    };
    return 1;
  };
  const controller = await world.begin(plan(update));
  assert.equal(await answerWith(controller, goAhead), 'completed');
  assert.ok(world.story().includes('step.cluster-busy'));
  assert.ok(world.story().includes('step.investigated'));
  assert.equal(controller.view().state.steps['update']?.attempts[0]?.outcome, 'took-effect');
});

test('a step whose postcondition holds already is not run unless the operator says so', async () => {
  const world = new FakeWorld();
  world.cluster['done'] = true;
  assert.equal(await answerWith(await world.begin(plan(update)), goAhead), 'completed');
  assert.deepEqual(world.started, []);

  const again = new FakeWorld();
  again.cluster['done'] = true;
  const reply = firstThen(['already-done', () => ({ type: 'run-again', step: 'update' })]);
  assert.equal(await answerWith(await again.begin(plan(update)), reply), 'completed');
  assert.deepEqual(again.started, ['tool update']);
});

test('a manual step whose postcondition holds is proposed as done', async () => {
  const world = new FakeWorld();
  world.cluster['done'] = true;
  const controller = await world.begin(plan(manualStep({ id: 'byhand', doneWhen: done })));
  assert.equal(await answerWith(controller, goAhead), 'completed');
  assert.equal(controller.view().state.steps['byhand']?.status, 'accepted');
});

test('a step that does not apply is passed over', async () => {
  const world = new FakeWorld();
  const controller = await world.begin(plan({ ...update, when: expression('cluster.done == `true`') }));
  assert.equal(await answerWith(controller, goAhead), 'completed');
  assert.equal(controller.view().state.steps['update']?.status, 'not-applicable');
  assert.deepEqual(world.started, []);
});

test('on another cluster than the planned one nothing is run', async () => {
  const world = new FakeWorld();
  world.differences = [{ what: 'subscription', expected: 'Production', found: 'Test' }];
  const controller = await world.begin(plan(update));
  assert.equal(await answerWith(controller, goAhead), 'failed');
  assert.deepEqual(world.started, []);
  assert.equal(controller.view().state.steps['update']?.attempts[0]?.failure?.reason, 'target');
});

test('a typed confirmation has to be exact, and --yes does not cover what cannot be undone', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = works;
  const typed = {
    ...update,
    irreversible: 'No way back.',
    confirm: { kind: 'type', expected: 'blue' },
  } as const;
  const controller = await world.begin(plan(typed));
  const outcome = answerWith(controller, (question) => {
    if (question.kind !== 'confirm') return goAhead(question);
    const step = question.step;
    assert.match(controller.send({ type: 'confirm', step, by: 'typed', typed: 'Blue' }) ?? '', /Type blue/);
    assert.match(controller.send({ type: 'confirm', step, by: 'typed' }) ?? '', /Type blue/);
    assert.match(
      controller.send({ type: 'confirm', step, by: '--yes', typed: 'blue' }) ?? '',
      /--yes does not cover/,
    );
    assert.match(controller.send({ type: 'attest', step, by: 'key' }) ?? '', /not one to attest/);
    return { type: 'confirm', step, by: 'typed', typed: 'blue' };
  });
  assert.equal(await outcome, 'completed');
  assert.equal(controller.view().state.steps['update']?.attempts[0]?.confirmed?.typed, 'blue');
});

test('a warning is read and gone past; a failed check stops', async () => {
  const world = new FakeWorld();
  world.cluster['ready'] = false;
  const of = plan(
    checkStep({ id: 'soft', severity: 'warning' }),
    checkStep({ id: 'hard', fix: 'Make it ready.' }),
  );
  const controller = await world.begin(of);
  assert.equal(await answerWith(controller, goAhead), 'failed');
  const { steps } = controller.view().state;
  assert.equal(steps['soft']?.status, 'acknowledged');
  assert.equal(steps['hard']?.status, 'failed');
  assert.equal(steps['hard']?.attempts[0]?.failure?.detail, 'Make it ready.');
});

test('a wait ends when its condition comes true, and fails when its time is over', async () => {
  const world = new FakeWorld();
  world.cluster['ready'] = false;
  let slept = 0;
  world.onSleep = (milliseconds) => {
    if (milliseconds === 15_000) slept += 1;
    if (slept === 2) world.cluster['ready'] = true;
  };
  const steady = { ...waitStep({ id: 'wait' }), timeout: 10 ** 9 };
  const controller = await world.begin(plan(steady));
  // A clock that never waits would run the limit out at once, so the limit's own sleep is left pending.
  assert.equal(await answerWith(controller, goAhead), 'failed');
  assert.equal(controller.view().state.steps['wait']?.attempts[0]?.failure?.reason, 'timeout');
});

test('skipping and marking as done need a reason, which is kept', async () => {
  const world = new FakeWorld();
  const controller = await world.begin(
    plan(update, runStep({ id: 'second', pipeline: [[[{ text: 'tool' }]]] })),
  );
  const outcome = await answerWith(controller, (question) => {
    if (question.kind === 'failed') {
      assert.match(
        controller.send({ type: 'override', step: 'update', reason: ' ' }) ?? '',
        /reason is needed/,
      );
      return { type: 'override', step: 'update', reason: 'done by hand' };
    }
    if (question.kind === 'confirm' && question.step === 'second')
      return { type: 'skip', step: 'second', reason: 'not wanted' };
    return goAhead(question);
  });
  assert.equal(outcome, 'completed');
  const { steps } = controller.view().state;
  assert.equal(steps['update']?.reason, 'done by hand');
  assert.equal(steps['second']?.reason, 'not wanted');
  assert.deepEqual(world.started, ['tool update']);
});

test('what is to be done even if a step failed is offered then, and done again once the step has worked', async () => {
  const world = new FakeWorld();
  let tries = 0;
  world.behaviours['tool update'] = () => {
    tries += 1;
    return tries === 1 ? 1 : works(world);
  };
  const secrets = runStep({ id: 'secrets', pipeline: [[[{ text: 'rewrite' }]]], evenIfFailed: ['update'] });
  const reply = firstThen(
    ['confirm', goAhead],
    ['failed', () => ({ type: 'detour', step: 'secrets' })],
    ['confirm', goAhead],
    ['failed', () => ({ type: 'retry', step: 'update' })],
  );
  assert.equal(await answerWith(await world.begin(plan(update, secrets)), reply), 'completed');
  assert.deepEqual(world.started, ['tool update', 'rewrite', 'tool update', 'rewrite']);
});

test('a known-harmless error is passed over, unless anything else went wrong beside it', async () => {
  const tolerate = [{ pattern: 'the object has been modified', because: 'the secret was written meanwhile' }];
  const conflict = 'Error from server (Conflict): the object has been modified\n';
  const run = async (text: string, more: Partial<CommandExit> = {}) => {
    const world = new FakeWorld();
    world.behaviours['tool update'] = (_world, command) => {
      command.say(text);
      command.end(1, null, more);
      return 1;
    };
    const controller = await world.begin(plan(runStep({ id: 'update', tolerate })));
    const outcome = await answerWith(controller, goAhead);
    return { outcome, tolerated: controller.view().state.steps['update']?.attempts[0]?.tolerated };
  };
  const passed = { outcome: 'completed', tolerated: 'the secret was written meanwhile' };
  const failed = { outcome: 'failed', tolerated: undefined };
  assert.deepEqual(await run(conflict), passed);
  assert.deepEqual(await run(conflict, { codes: [0, 1] }), passed);
  assert.deepEqual(await run(`${conflict}Error from server (Forbidden): no\n`), failed);
  assert.deepEqual(await run(`${conflict}Unable to connect to the server: dial tcp: i/o timeout\n`), failed);
  const long = 'secret/a replaced\n'.repeat(30_000);
  assert.deepEqual(await run(`Error from server (Forbidden): no\n${long}${conflict}`), failed);
  assert.deepEqual(await run(conflict, { codes: [1, 1] }), failed);
  assert.deepEqual(await run(conflict, { outputLost: 12 }), failed);
});

test('output that could not be kept is warned of', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = (_world, command) => {
    command.end(0, null, { outputLost: 4096, outputUnsynced: 'i/o error' });
    return works(world);
  };
  const controller = await world.begin(plan(update));
  await answerWith(controller, goAhead);
  const [lost, unsynced] = controller.view().state.warnings;
  assert.match(lost?.text ?? '', /4096 bytes of the output could not be kept/);
  assert.match(unsynced?.text ?? '', /The output may not have reached the disk: i\/o error\./);
});

test('when nothing more can be recorded, the command is left running and said to be', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = () => new Promise<number>(() => undefined);
  world.beforeAppend = ({ type }) => {
    if (type === 'command.spawned') throw new ToolError('disk full', 'Make room.');
  };
  const controller = await world.begin(plan(update));
  await assert.rejects(answerWith(controller, goAhead), (error: ToolError) => {
    assert.match(error.next, /process 77\) is left to itself; resuming finds it\. Make room\./);
    return true;
  });
  assert.equal(world.commands[0]?.detached, true);
});

test('secrets in what an operator writes are not kept', async () => {
  const world = new FakeWorld();
  const controller = await world.begin(plan(manualStep({ id: 'one' }), manualStep({ id: 'two' })));
  const secret = 'Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789';
  const reply = firstThen(
    ['attest', () => ({ type: 'attest', step: 'one', by: 'key', note: secret })],
    ['attest', () => ({ type: 'skip', step: 'two', reason: secret })],
  );
  controller.send({ type: 'note', text: secret });
  await answerWith(controller, reply);
  assert.ok(!JSON.stringify(world.records).includes('abcdefghijklmnopqrstuvwxyz0123456789'));
});

test('az is told the subscription of the run, and whoever looks sees it before it runs', async () => {
  const pipeline = inSubscription([[[{ text: 'az' }], [{ text: 'update' }]]]);
  const step = runStep({ id: 'update', pipeline });
  const world = new FakeWorld();
  const controller = await world.begin(plan(step));
  const { state } = controller.view();
  const words = `az update --subscription ${state.header.subscription?.id}`;
  assert.equal(displayCommand(knownWords(state, pipeline)), words);
  assert.equal(await answerWith(controller, goAhead), 'completed');
  assert.deepEqual(world.started, [words]);
});

test('captured values fill later commands, and a missing one stops before anything runs', async () => {
  const capture = [{ name: 'KEY', expression: expression('cluster.key') }];
  const use = runStep({ id: 'use', pipeline: [[[{ text: 'tool' }], [{ text: '--key=' }, { name: 'KEY' }]]] });
  const world = new FakeWorld();
  world.cluster['key'] = 'k 1; rm';
  assert.equal(
    await answerWith(await world.begin(plan(checkStep({ id: 'read', capture }), use)), goAhead),
    'completed',
  );
  assert.deepEqual(world.started, ['tool --key=k 1; rm']);

  const without = new FakeWorld();
  const controller = await without.begin(plan(checkStep({ id: 'read', capture }), use));
  const reply = firstThen(['failed', () => ({ type: 'override', step: 'read', reason: 'known' })]);
  assert.equal(await answerWith(controller, reply), 'failed');
  assert.deepEqual(without.started, []);
});

test('a step that is skipped or marked as done still hands on what can be read', async () => {
  const capture = [
    { name: 'KEY', expression: expression('cluster.key') },
    { name: 'VAULT', expression: expression('cluster.vault') },
  ];
  const use = runStep({ id: 'use', pipeline: [[[{ text: 'tool' }], [{ text: '--key=' }, { name: 'KEY' }]]] });
  for (const type of ['skip', 'override'] as const) {
    const world = new FakeWorld();
    Object.assign(world.cluster, { ready: false, key: 'k1' });
    const controller = await world.begin(plan(checkStep({ id: 'read', capture }), use));
    const reply = firstThen(['failed', () => ({ type, step: 'read', reason: 'known' })]);
    assert.equal(await answerWith(controller, reply), 'completed', type);
    const { captured, warnings } = controller.view().state;
    assert.deepEqual(captured, { KEY: 'k1' }, type);
    assert.match(warnings[0]?.text ?? '', /^VAULT was not captured: /, type);
    assert.deepEqual(world.started, ['tool --key=k1'], type);
  }
});

test('facts that cannot be read fail the step with what to do', async () => {
  const world = new FakeWorld();
  world.unreadable = 'The network is unreachable.';
  const controller = await world.begin(plan(checkStep({ id: 'check' })));
  assert.equal(await answerWith(controller, goAhead), 'failed');
  assert.deepEqual(controller.view().state.steps['check']?.attempts[0]?.failure, {
    reason: 'facts',
    what: 'The network is unreachable.',
    detail: 'Check the network.',
    explanation: undefined,
  });
});

test('when the cluster cannot be read after a change, the operator decides; it is not run again by itself', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = () => {
    world.unreadable = 'The network is unreachable.';
    return works(world);
  };
  const controller = await world.begin(plan(update));
  const outcome = await answerWith(controller, (question) => {
    if (question.kind !== 'unknown') return goAhead(question);
    if (question.effect === true) return goAhead(question);
    assert.equal(question.effect, null);
    world.unreadable = undefined;
    return { type: 'retry', step: 'update' };
  });
  assert.equal(outcome, 'completed');
  assert.deepEqual(world.started, ['tool update']);
});

test('warnings about facts are recorded once', async () => {
  const world = new FakeWorld();
  world.warnings = ['The preview API was refused.'];
  const controller = await world.begin(plan(checkStep({ id: 'one' }), checkStep({ id: 'two' })));
  await answerWith(controller, goAhead);
  assert.deepEqual(
    controller.view().state.warnings.map(({ text }) => text),
    ['The preview API was refused.'],
  );
});

test('one answer answers one question', async () => {
  const world = new FakeWorld();
  const controller = await world.begin(plan(manualStep({ id: 'one' }), manualStep({ id: 'two' })));
  const answers: (string | undefined)[] = [];
  await answerWith(controller, (question) => {
    if (question.kind === 'attest' && question.step === 'one') {
      answers.push(controller.send({ type: 'attest', step: 'one', by: 'key' }));
      answers.push(controller.send({ type: 'attest', step: 'one', by: 'key' }));
      return undefined;
    }
    return goAhead(question);
  });
  assert.deepEqual(answers, [undefined, 'Nothing is being asked right now.']);
});

test('what is lacking is told as missing, and not as found', async () => {
  const world = new FakeWorld();
  world.facts = { access: { missing: ['patch secrets'] } };
  const value = expression("join('', ['missing: ', join(', ', access.missing)])", ['access']);
  const step = checkStep({ id: 'may', check: expression('access.missing[0] == `null`', ['access']), value });
  const controller = await world.begin(plan(step));
  await answerWith(controller, goAhead);
  const what = controller.view().state.steps['may']?.attempts.at(-1)?.failure?.what ?? '';
  assert.match(what, / Missing: patch secrets$/);
});
