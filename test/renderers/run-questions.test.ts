/** Every question: how it is drawn at three sizes, and what each key sends. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Intent } from '../../source/engine/controller.ts';
import type { RunState } from '../../source/engine/state.ts';
import { at, FakeController, moments, withSteps } from './fake-run.ts';
import { appOf, armed, isWhole, keys, type Screen, show, unhurried } from './terminal.ts';

const sizes = [
  [80, 24],
  [120, 40],
  [60, 20],
] as const;

interface Case {
  name: string;
  moment: () => RunState;
  /** On screen, whatever the size. */
  shows: readonly RegExp[];
  /** What is pressed, chunk by chunk, and what it sends. */
  answers: readonly { press: readonly string[]; sends: Intent }[];
}

const step = 'enable-pmk';

const cases: readonly Case[] = [
  {
    name: 'a confirmation by Enter',
    moment: moments.confirmEnter,
    shows: [
      /\$ kubectl get secrets --all-namespaces -o json/,
      /Press Enter to run this command\./,
      /enter run/,
    ],
    answers: [
      { press: [keys.enter], sends: { type: 'confirm', step: 'update-secrets', by: 'key' } },
      {
        press: ['s', 'not today', keys.enter],
        sends: { type: 'skip', step: 'update-secrets', reason: 'not today' },
      },
    ],
  },
  {
    name: 'a typed confirmation',
    moment: moments.confirmTyped,
    shows: [
      /--kms-infrastructure-encryption Enabled \\/,
      /--disable-azure-keyvault-kms/,
      /⚠ CANNOT BE UNDONE/,
      /┃ .*downgrade to KMS v2\./,
      /Type the cluster name, rehearsal, to run it:/,
      /> █/,
    ],
    answers: [
      {
        press: ['rehearsal', keys.enter],
        sends: { type: 'confirm', step, by: 'typed', typed: 'rehearsal' },
      },
      {
        press: [...'rehearsalx', keys.backspace, keys.enter],
        sends: { type: 'confirm', step, by: 'typed', typed: 'rehearsal' },
      },
      {
        press: [keys.paste('rehearsal\n'), keys.enter],
        sends: { type: 'confirm', step, by: 'typed', typed: 'rehearsal' },
      },
      {
        press: [keys.tab, 's', 'wrong cluster', keys.enter],
        sends: { type: 'skip', step, reason: 'wrong cluster' },
      },
      {
        press: [keys.tab, keys.enter, 'rehearsal', keys.enter],
        sends: { type: 'confirm', step, by: 'typed', typed: 'rehearsal' },
      },
    ],
  },
  {
    name: 'a step already in effect',
    moment: moments.alreadyDone,
    shows: [/already in effect/, /enter count as done/, /r {6}Run it all the same|r {6}run anyway/],
    answers: [
      { press: [keys.enter], sends: { type: 'accept', step, by: 'key' } },
      { press: ['r'], sends: { type: 'run-again', step } },
    ],
  },
  {
    name: 'a warning',
    moment: moments.warning,
    shows: [/! A policy would refuse the update of secrets/, /validation\.gatekeeper\.sh/, /enter go on/],
    answers: [
      { press: [keys.enter], sends: { type: 'acknowledge', step: 'policy', by: 'key' } },
      { press: ['r'], sends: { type: 'retry', step: 'policy' } },
    ],
  },
  {
    name: 'an attestation',
    moment: moments.attest,
    shows: [/Make sure that nobody deletes the old key/, /Do you confirm: “The old key is kept/, /y confirm/],
    answers: [
      { press: ['y'], sends: { type: 'attest', step: 'keep-key', by: 'key' } },
      { press: [keys.enter, keys.enter, 'y'], sends: { type: 'attest', step: 'keep-key', by: 'key' } },
      {
        press: ['a', 'ticket 4711', keys.enter],
        sends: { type: 'attest', step: 'keep-key', by: 'key', note: 'ticket 4711' },
      },
    ],
  },
  {
    name: 'a failed step',
    moment: moments.failed,
    shows: [
      /What it means: The cluster identity may not/,
      /What it means: The cluster identity may not/,
      /What to do: Give it the role/,
      /This step failed\. What now\?/,
      /g {2}(Recommended: go on to “Update all|go on even so)/,
      /d {2}/,
    ],
    answers: [
      { press: ['r'], sends: { type: 'retry', step } },
      { press: ['g'], sends: { type: 'detour', step: 'update-secrets' } },
      { press: ['s', 'later', keys.enter], sends: { type: 'skip', step, reason: 'later' } },
      {
        press: ['d', 'seen in portal', keys.enter],
        sends: { type: 'override', step, reason: 'seen in portal' },
      },
    ],
  },
  {
    name: 'an interruption that took effect',
    moment: () => moments.unknown(true),
    shows: [/It took effect/, /enter count as done/],
    answers: [
      { press: [keys.enter], sends: { type: 'accept', step, by: 'key' } },
      { press: ['r'], sends: { type: 'run-again', step } },
    ],
  },
  {
    name: 'an interruption without effect',
    moment: () => moments.unknown(false),
    shows: [/It did not take effect/, /r run again/],
    answers: [
      { press: ['r'], sends: { type: 'run-again', step } },
      { press: [keys.enter, 'r'], sends: { type: 'run-again', step } },
    ],
  },
  {
    name: 'an interruption nobody can tell about',
    moment: () => moments.unknown(null),
    shows: [/Whether it took effect cannot be told/, /l look again/],
    answers: [
      { press: ['l'], sends: { type: 'retry', step } },
      { press: ['d', 'looked', keys.enter], sends: { type: 'override', step, reason: 'looked' } },
    ],
  },
  {
    name: 'a difference to what was',
    moment: moments.drift,
    shows: [/operator: expected you@contoso\.com, found/, /they@contoso\.com/, /a go on/],
    answers: [
      {
        press: ['a', 'night shift', keys.enter],
        sends: { type: 'accept-drift', reason: 'night shift' },
      },
    ],
  },
];

/** Opens the question in a window; a narrow one shows it by itself. */
async function ask(
  t: TestContext,
  given: Case,
  columns: number,
  rows: number,
): Promise<[Screen, FakeController]> {
  const controller = new FakeController(given.moment());
  const screen = show(t, appOf(controller), columns, rows, { now: unhurried() });
  for (const shown of given.shows) await screen.until(shown);
  await armed(screen);
  return [screen, controller];
}

for (const given of cases) {
  describe(given.name, () => {
    for (const [columns, rows] of sizes) {
      it(`is drawn whole at ${columns}×${rows}, and REHEARSAL with it`, async (t) => {
        const [screen] = await ask(t, given, columns, rows);
        assert.match(screen.text(), /REHEARSAL/);
        assert.match(screen.text(), /rehearsal · rehearsal-rg · 1\.33\.2/);
        assert.ok(isWhole(screen.text()), screen.text());
      });
    }
    for (const { press, sends } of given.answers) {
      it(`takes ${JSON.stringify(press)}`, async (t) => {
        const [screen, controller] = await ask(t, given, 80, 24);
        for (const chunk of press) await screen.press(chunk);
        assert.deepEqual(controller.intents, [sends]);
      });
    }
  });
}

it('says what holds up an answer that is being acted on', async (t) => {
  const warning = cases.find(({ name }) => name === 'a warning')!;
  const [screen, controller] = await ask(t, warning, 80, 24);
  controller.onIntent = () =>
    controller.show(warning.moment(), {
      step: 'policy',
      doing: 'The disk takes its time.',
      since: at(0),
      command: false,
      overdue: false,
    });
  await screen.press(keys.enter);
  await screen.until(/The disk takes its time\./);
});

describe('a step that is asked about once more', () => {
  it('says how the attempt before went', async (t) => {
    const failed = moments.failed();
    const again = withSteps(failed, { 'enable-pmk': { ...failed.steps['enable-pmk'], status: 'ready' } });
    const screen = show(t, appOf(new FakeController(again)), 120, 40, { now: unhurried() });
    await screen.until(/This is attempt 2; the one before failed: az ended[^]*with exit status 1\./);
  });
});
