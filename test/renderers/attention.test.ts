/** What the screen asks of the terminal: its title, a bell, notifications, the clipboard. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Terminal } from '../../source/renderers/tui/terminal.ts';
import { FakeController, moments, running, withSteps } from './fake-run.ts';
import { appOf, armed, keys, type Screen, show } from './terminal.ts';

const xterm = { TERM: 'xterm-256color' };

function written(environment: Record<string, string>, use: (terminal: Terminal) => void): string {
  let all = '';
  const terminal = new Terminal({ write: (data) => (all += data), environment, linear: false });
  use(terminal);
  return all;
}

/** What is written to call an operator, once the terminal is taken. */
function call(environment: Record<string, string>): string {
  return written(environment, (terminal) => {
    terminal.take();
    terminal.call('blue: done; really');
  }).replace('\u001b[?7l\u001b[22;2t', '');
}

describe('the terminal', () => {
  it('gets its title back from its own stack, and is not named before or after', () => {
    const all = written(xterm, (terminal) => {
      terminal.title('▸ 4 of 9 · blue');
      terminal.take();
      terminal.title('▸ 5 of 9 · blue');
      terminal.title('▸ 5 of 9 · blue');
      terminal.giveBack();
      terminal.title('late');
    });
    assert.equal(
      all,
      '\u001b[?7l\u001b[22;2t\u001b]2;▸ 4 of 9 · blue\u0007\u001b]2;▸ 5 of 9 · blue\u0007\u001b]2;\u0007\u001b[23;2t\u001b[?7h',
    );
  });

  it('is never handed what would end the sequence or begin another', () => {
    const hostile = 'a\u0007b\u001b]0;x\u001b\\c\nd\u009c';
    const all = written(xterm, (terminal) => {
      terminal.take();
      terminal.title(hostile);
      terminal.call(hostile);
    });
    // One bell that rings, and one at the end of each of the two sequences.
    assert.equal(all.split('\u0007').length - 1, 3);
    assert.doesNotMatch(all, /\u001b\]0|\u001b\\|\u009c|\n/);
  });

  it('is called in the way it knows, once', () => {
    assert.equal(call(xterm), '\u0007\u001b]9;blue: done; really\u0007');
    assert.equal(
      call({ ...xterm, VTE_VERSION: '7600' }),
      '\u0007\u001b]777;notify;aks-kms-runbook;blue: done, really\u0007',
    );
    assert.equal(
      call({ TERM: 'tmux-256color', TMUX: '/tmp/tmux,1,0' }),
      '\u0007\u001bPtmux;\u001b\u001b]9;blue: done; really\u0007\u001b\\',
    );
    assert.equal(call({ TERM: 'linux' }).replace('\u001b[?7l', ''), '\u0007');
    assert.equal(call({ ...xterm, AKS_KMS_RUNBOOK_QUIET: '1' }), '');
  });

  it('takes a text for the clipboard as OSC 52, unless it is a console', () => {
    const text = "az aks update --name 'blau'";
    const all = written(xterm, (terminal) => assert.ok(terminal.copy(text)));
    assert.equal(all, `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`);
    assert.equal(
      written({ TERM: 'linux' }, (terminal) => assert.ok(!terminal.copy(text))),
      '',
    );
  });
});

/** A screen whose clock can be set on, and what was written for the terminal besides frames. */
async function open(
  t: TestContext,
  controller: FakeController,
): Promise<{ screen: Screen; pass(seconds: number): void; calls(): string[]; titles(): string[] }> {
  let time = Date.parse('2026-11-21T01:01:22.000Z');
  const screen = show(t, appOf(controller), 80, 24, { now: () => new Date(time), environment: xterm });
  await screen.until(/aks-kms-runbook/);
  await armed(screen);
  const told = (pattern: RegExp): string[] =>
    [...screen.raw().matchAll(pattern)].map(([, text = '']) => text);
  return {
    screen,
    pass: (seconds) => void (time += seconds * 1000),
    calls: () => told(/\u0007\u001b\]9;([^\u0007]*)\u0007/g),
    titles: () => told(/\u001b\]2;([^\u0007]*)\u0007/g),
  };
}

describe('an operator who has turned away', () => {
  it('is called once when something is asked, and not while keys are pressed', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const { screen, pass, calls } = await open(t, controller);
    await screen.press('x');
    pass(19);
    controller.show(moments.failed());
    await screen.until(/What now\?/);
    assert.deepEqual(calls(), []);
    controller.show(moments.running(), running);
    await screen.until(/so far/);
    pass(2);
    controller.show(moments.failed());
    await screen.until(/What now\?/);
    assert.deepEqual(calls(), [
      'aks-kms-runbook: rehearsal: “Enable PMK on your existing KMS v2 cluster” failed.',
    ]);
  });

  it('is called for a sign-in, for what takes too long, and at the end', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const { screen, pass, calls } = await open(t, controller);
    pass(60);
    controller.show(moments.running(), { ...running, asks: 'To sign in, use a web browser' });
    await screen.until(/To sign in/);
    controller.show(moments.running(), { ...running, overdue: true });
    await screen.until(/Longer than this step should take/);
    controller.show(moments.completed());
    await screen.until(/Completed|Ended/);
    assert.deepEqual(
      calls().map((call) => call.replace('aks-kms-runbook: rehearsal: ', '')),
      [
        '“Enable PMK on your existing KMS v2 cluster” asks you to sign in.',
        '“Enable PMK on your existing KMS v2 cluster” takes longer than it should.',
        'the run is completed.',
      ],
    );
  });

  it('sees from the title where the run is, and whether it waits', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const { screen, titles } = await open(t, controller);
    controller.show(moments.failed());
    await screen.until(/What now\?/);
    assert.deepEqual(titles(), [
      '▸ 3 of 6 · rehearsal · aks-kms-runbook · rehearsal',
      '! 3 of 6 · rehearsal · aks-kms-runbook · rehearsal',
    ]);
    await screen.press('q');
    controller.finish('stopped');
    await screen.result;
    assert.equal(titles().at(-1), '');
    assert.ok(screen.raw().includes('\u001b[23;2t'));
  });
});

describe('a command', () => {
  it('is copied as it can be pasted', async (t) => {
    const controller = new FakeController(withSteps(moments.running(), {}), running);
    const { screen } = await open(t, controller);
    await screen.press('c');
    await screen.until(/Copied the command, az aks update …, if/);
    const copied = /\u001b\]52;c;([^\u0007]*)\u0007/.exec(screen.raw())?.[1] ?? '';
    assert.equal(
      Buffer.from(copied, 'base64').toString(),
      [
        'az aks update \\',
        '    --name rehearsal \\',
        '    --resource-group rehearsal-rg \\',
        '    --kms-infrastructure-encryption Enabled \\',
        '    --disable-azure-keyvault-kms',
      ].join('\n'),
    );
    await screen.press(keys.up);
    await screen.until(/No policy blocks updating secrets ─/);
    assert.doesNotMatch(screen.lines().at(-1) ?? '', /c copy/);
  });
});
