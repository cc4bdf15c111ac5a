/** Looking around in a run: steps, output, notes, summary, help. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ToolError } from '../../source/runbook/errors.ts';
import { at, attempt, FakeController, moments, running, withSteps } from './fake-run.ts';
import { appOf, armed, keys, type Screen, show, unhurried } from './terminal.ts';

async function open(t: TestContext, controller: FakeController, columns = 80, rows = 24): Promise<Screen> {
  const screen = show(t, appOf(controller), columns, rows, { now: unhurried() });
  await screen.until(/aks-kms-runbook/);
  await armed(screen);
  return screen;
}

function printing(lines: number): FakeController {
  const state = withSteps(moments.running(), {
    'enable-pmk': { attempts: [attempt(10, undefined, { command: [['az']] })] },
  });
  const controller = new FakeController(state, running);
  const text = Array.from(
    { length: lines },
    (_, index) => `line ${index + 1} says ${index % 7 === 0 ? 'Week' : 'day'}\n`,
  );
  controller.write('enable-pmk', 1, text.join(''));
  return controller;
}

describe('a running command', () => {
  it('shows the time so far, what is normal, what Azure says and the newest output', async (t) => {
    const screen = show(t, appOf(printing(500)), 80, 24);
    await screen.until(/1m12s so far \(1h12m of the/);
    assert.match(screen.text(), /Azure says the cluster is Updating/);
    assert.match(screen.text(), /line 500 says/);
    assert.match(screen.text(), /500 lines, o shows all/);
  });

  it('draws new output as it comes', async (t) => {
    const controller = printing(10);
    const screen = await open(t, controller);
    controller.write('enable-pmk', 1, 'line 11 is new\n');
    await screen.until(/line 11 is new/);
  });

  it('says when it takes longer than it should', async (t) => {
    const screen = await open(t, new FakeController(moments.running(), { ...running, overdue: true }));
    await screen.until(/Longer than this step should take/);
  });
});

describe('a command of an earlier sitting', () => {
  const state = withSteps(moments.running(), {
    'enable-pmk': { status: 'unknown', attempts: [attempt(10, undefined, { interrupted: true })] },
  });

  it('is said to be looked for, and to run still once it is found', async (t) => {
    const looking = { ...running, doing: 'looking for the command of the earlier sitting', command: false };
    const controller = new FakeController(state, looking);
    const screen = await open(t, controller);
    await screen.until(/into, nothing is sent again/);
    controller.show(state, running);
    await screen.until(/▸ still running since \d\d:\d\d/);
    assert.match(screen.text(), /nothing was/);
    assert.doesNotMatch(screen.text(), /\? interrupted/);
  });
});

describe('what a check found', () => {
  it('is never cut', async (t) => {
    const value = `https://rehearsal-vault.vault.azure.net/keys/kms/${'0123456789abcdef'.repeat(6)}`;
    const state = withSteps(moments.confirmTyped(), { 'az-version': { value } });
    const screen = await open(t, new FakeController(state));
    await screen.press(keys.up);
    await screen.press(keys.up);
    await screen.until(/found: /);
    const detail = screen
      .lines()
      .map((line) => line.slice(32, 78).trim())
      .join('');
    assert.ok(detail.includes(value), screen.text());
  });
});

describe('a failure of an earlier sitting', () => {
  it('says when it was and which attempt', async (t) => {
    const failed = moments.failed();
    const [session] = failed.sessions;
    const sessions = [session!, { ...session!, startedAt: at(600) }];
    const screen = await open(t, new FakeController({ ...failed, sessions }), 120, 40);
    await screen.until(/✘ Failed at \d\d:\d\d, attempt 1: az ended/);
  });
});

describe('looking at steps', () => {
  it('does not affect the run, and goes back', async (t) => {
    const controller = new FakeController(moments.confirmTyped());
    const screen = await open(t, controller);
    await screen.press(keys.down);
    await screen.until(/╭ Update all secrets/);
    assert.match(screen.text(), /esc back to the current step/);
    await screen.press('k');
    await screen.until(/╔ Enable PMK/);
    await screen.press(keys.up);
    await screen.press(keys.up);
    await screen.until(/╭ Azure CLI version 2\.73\.0 or later/);
    assert.match(screen.text(), /found: 2\.91\.0/);
    await screen.press(keys.esc);
    await screen.until(/> █/);
    assert.deepEqual(controller.intents, []);
  });

  it('stays where one looks while the run goes on', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const screen = await open(t, controller);
    await screen.press('k');
    await screen.until(/╭ No policy blocks/);
    controller.show(moments.failed());
    await screen.until(/✘ Enable PMK/);
    assert.match(screen.text(), /╭ No policy blocks/);
  });

  it('marks the step by a sign, not by colour alone', async (t) => {
    const screen = await open(t, new FakeController(moments.failed()));
    assert.match(screen.text(), /›✘ Enable PMK/);
  });

  it('shows a question by itself in a narrow window, and the list on demand', async (t) => {
    const screen = await open(t, new FakeController(moments.failed()), 60, 20);
    await screen.until(/What now\?/);
    await screen.press(keys.tab);
    await screen.until(/Waiting for you/);
    assert.doesNotMatch(screen.text(), /What now/);
    await screen.press(keys.tab);
    await screen.until(/What now\?/);
  });

  it('scrolls a step that is longer than the window', async (t) => {
    const screen = await open(t, new FakeController(moments.failed()));
    // What went wrong comes first, the step itself after it.
    const text = screen.text();
    assert.match(text, /✘ failed · 1m12s · at [^]*✘ az ended with exit status 1/);
    assert.match(text, /↓ \d+ more \(pgdn\)/);
    await screen.press(keys.pageDown);
    await screen.press(keys.pageDown);
    await screen.until(/--disable-azure-keyvault-kms/);
    assert.match(screen.text(), /What now\?/);
    await screen.press(keys.pageUp);
    await screen.press(keys.pageUp);
    await screen.until((text) => !text.includes('pgup'));
  });
});

describe('output in full', () => {
  it('is scrolled, searched and left', async (t) => {
    const screen = await open(t, printing(300));
    await screen.press('o');
    await screen.until(/lines 282–300 of 300/);
    await screen.press('g');
    await screen.until(/lines 1–19 of 300/);
    await screen.press('j');
    await screen.until(/lines 2–20 of 300/);
    await screen.press(keys.pageDown);
    await screen.until(/lines 20–38 of 300/);
    await screen.press('/');
    await screen.until(/Search: > █/);
    await screen.press('week');
    await screen.press(keys.enter);
    await screen.until(/› line 22 says Week/);
    assert.match(screen.text(), /“week” 4\/43/);
    await screen.press('n');
    await screen.until(/› line 29 says Week/);
    await screen.press('N');
    await screen.until(/› line 22 says Week/);
    await screen.press('G');
    await screen.until(/lines 282–300 of 300/);
    await screen.press(keys.esc);
    await screen.until(/so far/);
  });

  it('stays at the newest line, and stays put when scrolled away from it', async (t) => {
    const controller = printing(100);
    const screen = await open(t, controller);
    await screen.press('o');
    await screen.until(/of 100/);
    controller.write('enable-pmk', 1, 'line 101\n');
    await screen.until(/lines 83–101 of 101/);
    await screen.press('k');
    await screen.until(/lines 82–100 of 101/);
    controller.write('enable-pmk', 1, 'line 102\n');
    await screen.until(/lines 82–100 of 102/);
  });

  it('wraps long lines, and every row of them can be reached', async (t) => {
    const controller = printing(1);
    const pieces = Array.from({ length: 300 }, (_, index) => `<${index}>`);
    controller.write('enable-pmk', 1, `${pieces.join('')}\nshort\n`);
    const screen = await open(t, controller, 60, 20);
    await screen.press('o');
    await screen.until(/ {2}short/);
    const seen = new Set<string>();
    const keep = (): void => {
      for (const piece of screen
        .text()
        .replaceAll(/[^<>\d]/g, '')
        .match(/<\d+>/g) ?? [])
        seen.add(piece);
    };
    keep();
    for (let row = 0; row < 40; row += 1) {
      await screen.press('k');
      keep();
    }
    await screen.until(/line 1 says/);
    assert.deepEqual(
      pieces.filter((piece) => !seen.has(piece)),
      [],
    );
    await screen.press(keys.pageDown);
    await screen.press(keys.pageDown);
    await screen.press(keys.pageDown);
    await screen.until(/ {2}short/);
  });

  it('says when there is nothing to find', async (t) => {
    const screen = await open(t, printing(20));
    await screen.press('/');
    await screen.press('quota');
    await screen.press(keys.enter);
    await screen.until(/“quota” not found/);
  });
});

describe('errors, matches and long lines in an output', () => {
  const output = [
    'nothing yet',
    'ERROR: (QuotaExceeded) too many',
    ...Array.from({ length: 60 }, (_, index) => `fine ${index}`),
    'Operation failed with status: Conflict',
    `a long line ${'that goes on '.repeat(20)}to its end`,
  ];
  const opened = async (t: TestContext): Promise<Screen> => {
    const controller = printing(0);
    controller.write('enable-pmk', 1, `${output.join('\n')}\n`);
    const screen = await open(t, controller);
    await screen.press('o');
    await screen.until(/to its end/);
    return screen;
  };

  it('are jumped to, forwards, backwards and around', async (t) => {
    const screen = await opened(t);
    await screen.press('e');
    await screen.until(/› Operation failed/);
    assert.match(screen.text(), /errors 2\/2/);
    await screen.press('e');
    await screen.until(/› ERROR: \(QuotaExceeded\)/);
    await screen.press('E');
    await screen.until(/› Operation failed/);
    await screen.press('n');
    await screen.until(/› ERROR: \(QuotaExceeded\)/);
  });

  it('are said not to be there when they are not', async (t) => {
    const screen = await open(t, printing(20));
    await screen.press('o');
    await screen.press('e');
    await screen.until(/no errors found/);
  });

  it('take one row each when that is wanted, and whole rows again', async (t) => {
    const screen = await opened(t);
    await screen.press('w');
    const cut = await screen.until(/a long line [^\n]*…/);
    assert.doesNotMatch(cut, /to its end|↳/);
    await screen.press('w');
    await screen.until(/to its end/);
  });
});

describe("the operator's own pager", () => {
  it('is opened on the output looked at, and says why it could not be', async (t) => {
    const opened: unknown[] = [];
    const pageOutput = async (...given: unknown[]): Promise<void> => {
      opened.push(given);
      if (opened.length > 1) throw new ToolError('most could not be started.', 'Set PAGER.');
    };
    const screen = show(t, appOf(printing(3), { pageOutput }), 80, 24, { now: unhurried() });
    await screen.until(/so far/);
    await armed(screen);
    await screen.press('o');
    await screen.press('v');
    await screen.until(() => opened.length === 1);
    assert.deepEqual(opened, [['20261121-0100-k3f9', 'enable-pmk', 1]]);
    await screen.press('v');
    await screen.until(/most could not be started\. Set PAGER\./);
  });
});

describe('a note', () => {
  it('is written for the step looked at', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const screen = await open(t, controller);
    await screen.press('n');
    await screen.until(/A note for the record:/);
    await screen.press('watching, q and ? are letters here');
    await screen.press(keys.enter);
    await screen.until(/Noted\./);
    assert.deepEqual(controller.intents, [
      { type: 'note', step: 'enable-pmk', text: 'watching, q and ? are letters here' },
    ]);
  });

  it('is not sent empty, and survives a question that comes up meanwhile', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const screen = await open(t, controller);
    await screen.press('n');
    await screen.press(keys.enter);
    await screen.until(/Write something first/);
    await screen.press('half');
    controller.show(moments.failed());
    await screen.until(/✘ Enable PMK/);
    await screen.press(' done');
    await screen.until(/> half done█/);
    await screen.press(keys.enter);
    assert.deepEqual(controller.intents, [{ type: 'note', step: 'enable-pmk', text: 'half done' }]);
  });
});

describe('a reason being written', () => {
  it('goes with the question it was for', async (t) => {
    const controller = new FakeController(moments.failed());
    const screen = await open(t, controller);
    await screen.press('s');
    await screen.press('because');
    controller.show(moments.confirmEnter());
    await screen.until(/Press Enter to run this command\./);
    assert.deepEqual(controller.intents, []);
  });
});

describe('a completed run', () => {
  it('is summed up: outcome, changes, decisions, transcript', async (t) => {
    const controller = new FakeController(moments.running(), running);
    const screen = await open(t, controller);
    controller.finish('completed', moments.completed());
    await screen.until(/! Ended after 2m10s, with step 5 skipped\./);
    const text = screen.text();
    assert.match(text, /azureKeyVaultKms\.enabled: true → false/);
    assert.match(text, /Left to do *│\n│ +The cluster is ready again \(skipped\)/);
    assert.match(text, /\/home\/you\/\.local/);
    assert.match(text, /KMS v2, public vault → PMK/);
    await screen.press(keys.pageDown);
    await screen.until(/The cluster is ready again · skipped: seen in the portal/);
    await screen.press(keys.enter);
    await screen.until(/╭ step 6 of 6/);
    await screen.press(keys.tab);
    await screen.until(/! Ended after 2m10s/);
    await screen.press('q');
    const result = await screen.result;
    assert.equal(result.outcome, 'completed');
    assert.match(result.summary.join('\n'), /REHEARSAL: nothing real was touched\./);
  });
});

describe('without colours', () => {
  it('writes none', async (t) => {
    const screen = await open(t, new FakeController(moments.failed()));
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(screen.raw(), /\u001b\[(?:3[0-7]|9[0-7]|38)[;m]/);
  });
});

describe('for a screen reader', () => {
  it('tells step, command, question and keys one under the other, without borders', async (t) => {
    const screen = show(t, appOf(new FakeController(moments.confirmTyped())), 80, 30, { screenReader: true });
    await screen.until(/Type the cluster name, rehearsal, to run it:/);
    const text = await screen.until(/toolbar: +enter run/);
    assert.doesNotMatch(text, /[╭╮╰╯│]/);
    assert.match(text, /step 3 of 6 · Enable PMK on your existing KMS v2 cluster:/);
    assert.match(text, /REHEARSAL/);
    assert.doesNotMatch(screen.raw(), /\u001b\[\?1049h/);
    await armed(screen);
    await screen.press(keys.tab);
    await screen.press(keys.tab);
    await screen.press('\u001b[D');
    await screen.until(/done: +1 Azure CLI version/);
  });
});
