/** A disk that fails under a run, as the engine meets it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunController, RunView } from '../../source/engine/controller.ts';
import type { RunEvent } from '../../source/engine/events.ts';
import { openRun } from '../../source/engine/run.ts';
import { ToolError } from '../../source/runbook/errors.ts';
import { expression, plan, runStep, started } from '../support/runs.ts';
import { FakeWorld, answerWith, goAhead } from '../support/world.ts';

const update = runStep({ id: 'update', doneWhen: expression('cluster.done == `true`') });

/** An update that works. */
function works(world: FakeWorld): number {
  world.cluster['done'] = true;
  return 0;
}

/** Waits until the view is as told. */
async function until(controller: RunController, fits: (view: RunView) => boolean): Promise<void> {
  if (fits(controller.view())) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = controller.subscribe(() => fits(controller.view()) && resolve());
  await promise.finally(unsubscribe);
}

test('a journal that is gone while a command runs is noticed meanwhile: the command is left running', async () => {
  const world = new FakeWorld();
  world.behaviours['tool update'] = () => new Promise<number>(() => undefined);
  world.beforeCheck = () => {
    if (world.records.at(-1)?.event.type === 'command.spawned')
      throw new ToolError('The journal was deleted.', 'Find out why.');
  };
  const controller = await world.begin(plan(update));
  await assert.rejects(answerWith(controller, goAhead), (error: ToolError) => {
    assert.equal(error.message, 'The journal was deleted.');
    assert.match(error.next, /process 77\) is left to itself; resuming finds it\. Find out why\./);
    return true;
  });
  assert.deepEqual([world.commands[0]?.detached, world.commands[0]?.signals], [true, []]);
});

test('a command that cannot be watched over is not started: the step fails and can be tried again', async () => {
  const world = new FakeWorld();
  const { commands } = world.ports();
  let room = false;
  const ports = {
    ...world.ports(),
    commands: {
      ...commands,
      start: async (...how: Parameters<typeof commands.start>) => {
        if (room) return commands.start(...how);
        throw new ToolError('It could not begin: no space left on device.', 'Nothing was run. Make room.');
      },
    },
  };
  world.behaviours['tool update'] = works;
  const controller = await openRun({ ports, opening: [started(plan(update))] });
  const outcome = await answerWith(controller, (question) => {
    if (question.kind !== 'failed') return goAhead(question);
    assert.deepEqual(question.failure, {
      reason: 'not-started',
      what: 'It could not begin: no space left on device.',
      detail: 'Nothing was run. Make room.',
    });
    room = true;
    return { type: 'retry', step: question.step };
  });
  assert.equal(outcome, 'completed');
  assert.deepEqual(world.started, ['tool update']);
});

test('a disk that takes its time is told of, and no longer once the record is there', async () => {
  const world = new FakeWorld();
  const { journal } = world.ports();
  const slow = Promise.withResolvers<void>();
  const ports = {
    ...world.ports(),
    journal: {
      ...journal,
      append: async (event: RunEvent) => {
        if (event.type === 'run.noted') await slow.promise;
        return journal.append(event);
      },
    },
  };
  const controller = await openRun({ ports, opening: [started(plan(update))] });
  await until(controller, ({ asking }) => asking);
  controller.send({ type: 'note', text: 'still here' });
  world.tellWaiting('The disk takes its time.');
  assert.equal(controller.view().activity?.doing, 'The disk takes its time.');
  slow.resolve();
  await until(controller, ({ state }) => state.notes.length === 1);
  assert.equal(controller.view().activity, undefined);
  assert.equal(controller.view().asking, true);
});
