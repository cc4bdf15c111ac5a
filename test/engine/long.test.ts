/** Commands that take longer than they should. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignInRequest } from '../../source/engine/sign-in-request.ts';
import { expression, plan, runStep } from '../support/runs.ts';
import { FakeWorld, answerWith, goAhead } from '../support/world.ts';

test('a command that runs past its time is said to, and waited for until it ends', async () => {
  const world = new FakeWorld();
  const step = runStep({ id: 'update', timeout: 60_000, doneWhen: expression('cluster.done == `true`') });
  const overdue = Promise.withResolvers<void>();
  world.behaviours['tool update'] = async () => {
    await overdue.promise;
    world.cluster['done'] = true;
    return 0;
  };
  const controller = await world.begin(plan(step));
  controller.subscribe(() => {
    if (controller.view().activity?.overdue === true) overdue.resolve();
  });
  assert.equal(await answerWith(controller, goAhead), 'completed');
  assert.deepEqual(world.commands[0]?.signals, []);
  assert.equal(world.started.length, 1);
});

test('what a command asks of the operator is shown until the command goes on', () => {
  const request = new SignInRequest();
  for (const page of [
    'https://microsoft.com/devicelogin',
    'https://microsoft.com/deviceloginus',
    'https://login.microsoft.com/device',
  ]) {
    const text = `WARNING: ${prompt(page)}\n`;
    request.push(text.slice(0, 30));
    request.push(text.slice(30));
    assert.equal(request.asked, prompt(page));
    request.push('\n');
    assert.equal(request.asked, prompt(page));
    request.push('Signed in.\n');
    assert.equal(request.asked, undefined);
  }
  request.push('See https://learn.microsoft.com/devices for the code of conduct\n');
  assert.equal(request.asked, undefined);
});

test('of an output in any pieces, what its last line with words asks is asked', () => {
  const asked = prompt('https://microsoft.com/devicelogin');
  for (const { text, last } of [
    { text: `one\n${asked}\n  \n\nhalf a li`, last: asked },
    { text: `${asked}\ntwo\n`, last: undefined },
    { text: `${asked}\n${'long '.repeat(500)}\n`, last: undefined },
  ]) {
    for (let length = 1; length <= text.length; length += 1) {
      const request = new SignInRequest();
      for (let at = 0; at < text.length; at += length) request.push(text.slice(at, at + length));
      assert.equal(request.asked, last, `in pieces of ${length}`);
    }
  }
});

function prompt(page: string): string {
  return `To sign in, use a web browser to open the page ${page} and enter the code F7XKPQ3ZL to authenticate.`;
}
