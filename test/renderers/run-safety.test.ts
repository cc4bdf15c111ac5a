/** What must never happen at the keyboard: an answer nobody gave, a lost character, an exit nobody asked for. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { FakeController, moments, newState, running, withSteps } from './fake-run.ts';
import { appOf, armed, keys, type Screen, show, unhurried } from './terminal.ts';

async function open(
  t: TestContext,
  controller: FakeController,
  shows: RegExp,
  options: { columns?: number; rows?: number; now?: () => Date } = {},
): Promise<Screen> {
  const { columns = 80, rows = 24, now = unhurried() } = options;
  const screen = show(t, appOf(controller), columns, rows, { now });
  await screen.until(shows);
  await armed(screen);
  return screen;
}

const enterAsked = /Press Enter to run this command\./;
const nameAsked = /Type the cluster name, rehearsal, to run it:/;

describe('a confirmation by Enter', () => {
  it('is not given by an Enter from before the question was on screen', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const screen = await open(t, controller, /so far/);
    controller.show(moments.confirmEnter());
    await screen.press(keys.enter);
    assert.deepEqual(controller.intents, []);
    await screen.until(enterAsked);
    await armed(screen);
    await screen.press(keys.enter);
    assert.deepEqual(
      controller.intents.map(({ type }) => type),
      ['confirm'],
    );
  });

  it('is not given by an Enter that is held down since before', async (t) => {
    let time = 0;
    const now = (): Date => new Date(Date.parse('2026-11-21T01:02:00Z') + time);
    const controller = new FakeController(moments.running(), running);
    const screen = await open(t, controller, /so far/, { now });
    await screen.press(keys.enter);
    controller.show(moments.confirmEnter());
    await screen.until(enterAsked);
    await armed(screen);
    for (let repeat = 0; repeat < 20; repeat += 1) {
      time += 33;
      await screen.press(keys.enter);
    }
    assert.deepEqual(controller.intents, []);
    time += 500;
    await screen.press(keys.enter);
    assert.deepEqual(
      controller.intents.map(({ type }) => type),
      ['confirm'],
    );
  });

  it('is given once, however often Enter is pressed', async (t) => {
    const controller = new FakeController(moments.confirmEnter());
    const screen = await open(t, controller, enterAsked);
    for (let press = 0; press < 5; press += 1) await screen.press(keys.enter);
    assert.equal(controller.intents.length, 1);
  });

  it('is not given by line breaks that arrive together', async (t) => {
    const controller = new FakeController(moments.confirmEnter());
    const screen = await open(t, controller, enterAsked);
    await screen.press('\r\r');
    await screen.press('y\r');
    await screen.press(keys.paste('\r'));
    assert.deepEqual(controller.intents, []);
  });

  it('is not given while another step is looked at', async (t) => {
    const controller = new FakeController(moments.confirmEnter());
    const screen = await open(t, controller, enterAsked);
    await screen.press(keys.up);
    await screen.until((text) => !enterAsked.test(text));
    await screen.press(keys.enter);
    await screen.until(enterAsked);
    assert.deepEqual(controller.intents, []);
  });

  it('is not given while the help, a dialog or the output covers the question', async (t) => {
    const controller = new FakeController(moments.confirmEnter());
    const screen = await open(t, controller, enterAsked);
    await screen.press('?');
    await screen.until(/The question on screen/);
    await screen.press(keys.enter);
    await screen.until(enterAsked);
    await screen.press('n');
    await screen.until(/A note for the record/);
    await screen.press(keys.enter);
    await screen.press(keys.esc);
    await screen.until(enterAsked);
    assert.deepEqual(controller.intents, []);
  });

  it('is not given in a narrow window that shows the list, nor in one too small', async (t) => {
    const controller = new FakeController(moments.confirmEnter());
    const screen = await open(t, controller, enterAsked, { columns: 60, rows: 20 });
    await screen.press(keys.tab);
    await screen.until(/Waiting for you/);
    await screen.press(keys.enter);
    await screen.until(enterAsked);
    await screen.resize(30, 8);
    await screen.until(/too small/);
    await armed(screen);
    await screen.press(keys.enter);
    assert.deepEqual(controller.intents, []);
  });

  it('can be given again after the engine refused it, and says why it was refused', async (t) => {
    const controller = new FakeController(moments.confirmEnter());
    controller.refusals.push('Nothing is being asked right now.');
    const screen = await open(t, controller, enterAsked);
    await screen.press(keys.enter);
    await screen.until(/Nothing is being asked right now\./);
    await screen.press(keys.enter);
    assert.equal(controller.intents.length, 2);
  });

  it('is asked anew when the step is tried again', async (t) => {
    const controller = new FakeController(moments.failed());
    const screen = await open(t, controller, /What now\?/);
    await screen.press('r');
    controller.show(withSteps(moments.failed(), {}));
    await screen.until(/What now\?/);
    await armed(screen);
    await screen.press('r');
    assert.deepEqual(
      controller.intents.map(({ type }) => type),
      ['retry', 'retry'],
    );
  });
});

describe('a typed confirmation', () => {
  it('is typed in one chunk with Enter after it: the Enter does not count, nothing is lost', async (t) => {
    const controller = new FakeController(moments.confirmTyped());
    const screen = await open(t, controller, nameAsked);
    await screen.press('rehearsal\r');
    await screen.until(/> rehearsal█/);
    assert.deepEqual(controller.intents, []);
    await screen.press(keys.enter);
    assert.deepEqual(controller.intents, [
      { type: 'confirm', step: 'enable-pmk', by: 'typed', typed: 'rehearsal' },
    ]);
  });

  it('keeps every character of a burst, and of several', async (t) => {
    const controller = new FakeController(moments.confirmTyped());
    const screen = await open(t, controller, nameAsked);
    for (const chunk of ['re', 'h', 'ear', 's', 'al']) await screen.press(chunk);
    await screen.until(/> rehearsal█/);
  });

  it('says that a wrong name runs nothing', async (t) => {
    const controller = new FakeController(moments.confirmTyped());
    const screen = await open(t, controller, nameAsked);
    await screen.press('rehersal');
    await screen.press(keys.enter);
    await screen.until(/“rehersal” is not “rehearsal”; nothing was\s/);
    assert.deepEqual(controller.intents, []);
  });

  it('does not take what was typed before the question was on screen', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const screen = await open(t, controller, /so far/);
    controller.show(moments.confirmTyped());
    await screen.press('rehearsal');
    await screen.until(nameAsked);
    assert.doesNotMatch(screen.text(), /> rehearsal/);
  });

  it('takes no letter for a key while the field has the keyboard', async (t) => {
    const controller = new FakeController(moments.confirmTyped());
    const screen = await open(t, controller, nameAsked);
    for (const letter of 'qsno?') await screen.press(letter);
    await screen.until(/> qsno\?█/);
    assert.deepEqual(controller.intents, []);
  });

  it('draws a hostile paste as text on one row', async (t) => {
    const controller = new FakeController(moments.confirmTyped());
    const screen = await open(t, controller, nameAsked);
    await screen.press(keys.paste('\u001b[2J\u202erehearsal\nrm -rf\t日本語'));
    await screen.until(/> rehearsal rm -rf {2}日本語█/);
  });
});

describe('an attestation', () => {
  it('is not given by Enter, which says so', async (t) => {
    const controller = new FakeController(moments.attest());
    const screen = await open(t, controller, /y confirm/);
    await screen.press(keys.enter);
    await screen.until(/Enter does nothing here/);
    assert.deepEqual(controller.intents, []);
  });
});

describe('a word with no field to go to', () => {
  it('is no command: not its letters, nor the Enter after it', async (t) => {
    let time = Date.parse('2026-11-21T01:02:00Z');
    const controller = new FakeController(moments.failed());
    const screen = await open(t, controller, /What now\?/, { now: () => new Date(time) });
    for (const key of ['/', 'r', 'd', 'g', 'q', keys.enter]) {
      await screen.press(key);
      time += 250;
    }
    await screen.until(/This step has no output\./);
    assert.deepEqual(controller.intents, []);
    time += 300;
    await screen.press('r');
    assert.deepEqual(controller.intents, [{ type: 'retry', step: 'enable-pmk' }]);
  });

  it('is none in one chunk either', async (t) => {
    const controller = new FakeController(moments.confirmEnter());
    const now = new Date('2026-11-21T01:02:00Z');
    const screen = await open(t, controller, enterAsked, { now: () => now });
    await screen.press('/error');
    await screen.press(keys.enter);
    assert.deepEqual(controller.intents, []);
  });
});

describe('keys that arrive together', () => {
  it('move about, and neither answer nor open anything', async (t) => {
    const controller = new FakeController(moments.failed());
    const screen = await open(t, controller, /What now\?/);
    await screen.press('jjrsdgqn');
    await screen.until(/╭ The cluster is ready again/);
    assert.deepEqual(controller.intents, []);
  });
});

describe('leaving', () => {
  it('with q stops at once when nothing is interrupted, and leaves a summary with the way back', async (t) => {
    const controller = new FakeController(moments.confirmEnter());
    const screen = await open(t, controller, enterAsked);
    controller.onIntent = () =>
      controller.finish('stopped', {
        ...moments.confirmEnter(),
        status: 'stopped',
        stoppedBecause: 'operator',
      });
    await screen.press('q');
    const { outcome, runId, summary } = await screen.result;
    assert.deepEqual(controller.intents, [{ type: 'stop', reason: 'operator' }]);
    assert.equal(outcome, 'stopped');
    assert.equal(runId, '20261121-0100-k3f9');
    assert.match(summary.join('\n'), /Stopped at step 4 of 6, “Update all secrets”\./);
    assert.match(
      summary.join('\n'),
      /Resume with: aks-kms-runbook resume 20261121-0100-k3f9 --rehearse --state-dir \/srv\/runs$/m,
    );
    assert.match(summary.join('\n'), /Transcript: \/home\/you/);
  });

  it('by Ctrl-C while a command runs offers to wait, to detach and to stop it', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const screen = await open(t, controller, /so far/);
    await screen.press(keys.ctrlC);
    await screen.until(/A command is running\. What now\?/);
    await screen.press('k');
    await screen.until((text) => !text.includes('What now?'));
    assert.deepEqual(controller.intents, []);
    await screen.press(keys.ctrlC);
    await screen.press('x');
    await screen.press(keys.ctrlC);
    await screen.press('d');
    assert.deepEqual(controller.intents, [{ type: 'cancel' }, { type: 'detach' }]);
  });

  it('by q while a command runs asks the same, and another Ctrl-C ends nothing', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const screen = await open(t, controller, /so far/);
    await screen.press('q');
    await screen.until(/A command is running\. What now\?/);
    for (const said of [/k esc {2}Keep waiting/, /d {6}Leave it running and go/, /x {6}End it/])
      assert.match(screen.text(), said);
    await screen.press(keys.ctrlC);
    await screen.press(keys.ctrlC);
    await screen.press(keys.enter);
    await screen.until(/Enter does nothing here/);
    assert.deepEqual(controller.intents, []);
    await screen.press(keys.esc);
    await screen.until((text) => !text.includes('What now?'));
  });

  it('says that a command is asked to end until it has', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const screen = await open(t, controller, /so far/);
    assert.match(screen.text(), /ctrl-c leave or end it/);
    assert.doesNotMatch(screen.text(), /stop here/);
    await screen.press(keys.ctrlC);
    await screen.press('x');
    await screen.until(/Asking it to end…/);
    controller.show(moments.running(), { ...running, doing: 'reading the cluster', command: false });
    await screen.until((text) => !text.includes('Asking it to end…'));
  });

  it('while the tool only waits for Azure offers to stop here', async (t) => {
    const controller = new FakeController(moments.running(), { ...running, command: false });
    const screen = await open(t, controller, /so far/);
    await screen.press(keys.ctrlC);
    await screen.until(/The tool is only looking/);
    await screen.press('q');
    assert.deepEqual(controller.intents, [{ type: 'stop', reason: 'operator' }]);
  });

  it('by Ctrl-C at a question stops at once, as q does', async (t) => {
    const controller = new FakeController(moments.confirmTyped());
    const screen = await open(t, controller, nameAsked);
    assert.match(screen.text(), /ctrl-c stop here/);
    await screen.press(keys.ctrlC);
    assert.deepEqual(controller.intents, [{ type: 'stop', reason: 'operator' }]);
  });

  it('gives the terminal back: alternate screen, bracketed paste, cursor, subscription', async (t) => {
    const controller = new FakeController(moments.confirmEnter());
    const screen = await open(t, controller, enterAsked);
    controller.finish('stopped', { ...moments.confirmEnter(), status: 'stopped', stoppedBecause: 'closed' });
    await screen.result;
    for (const sequence of ['\u001b[?1049l', '\u001b[?2004l', '\u001b[?25h', '\u001b[?7h']) {
      assert.ok(
        screen.raw().lastIndexOf(sequence) >
          screen.raw().lastIndexOf(sequence.replace(/[lh]$/, (end) => (end === 'l' ? 'h' : 'l'))),
      );
    }
    assert.equal(controller.listeners, 0);
  });

  it('rejects with what the run failed with, after the terminal was given back', async (t) => {
    const controller = new FakeController(newState());
    const broken = Object.assign(controller, { finished: Promise.reject(new Error('the journal is gone')) });
    const screen = show(t, appOf(broken), 80, 24);
    await assert.rejects(screen.result, /the journal is gone/);
    assert.ok(screen.raw().includes('\u001b[?1049l'));
  });
});
