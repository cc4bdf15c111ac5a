/** Plain mode: whole stories as exact lines, and what it answers by itself. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Intent } from '../../source/engine/controller.ts';
import type { CommandExit } from '../../source/engine/ports.ts';
import type { RunState } from '../../source/engine/state.ts';
import { decide } from '../../source/engine/decide.ts';
import { type PlainOptions, runPlain } from '../../source/renderers/plain/index.ts';
import { questionText } from '../../source/renderers/questions.ts';
import { at, attempt, FakeController, moments, newState, running, withSteps } from './fake-run.ts';

const heading = [
  'REHEARSAL: nothing real is touched.',
  'Migrate from KMS v2 with public Key Vault to PMK',
  'cluster rehearsal · rehearsal-rg · 1.33.2 · KMS v2, public vault',
  'subscription Rehearsal (11111111-1111-1111-1111-111111111111)',
  'operator you@contoso.com · run 20261121-0100-k3f9',
];
const command = [
  '  $ az aks update \\',
  '      --name rehearsal \\',
  '      --resource-group rehearsal-rg \\',
  '      --kms-infrastructure-encryption Enabled \\',
  '      --disable-azure-keyvault-kms',
];
const enable = [
  '',
  '== Migrate ==',
  '',
  '[3 of 6] Enable PMK on your existing KMS v2 cluster',
  '  Lets AKS manage the encryption keys. Afterwards KMS no longer uses your key vault and key.',
  ...command,
];
const warning =
  '  ⚠ CANNOT BE UNDONE: Once the new KMS encryption is enabled, you cannot disable it or downgrade to KMS v2.';
const ending = (...lines: string[]): string[] => [
  '',
  'REHEARSAL: nothing real was touched.',
  'Migrate from KMS v2 with public Key Vault to PMK · rehearsal · rehearsal-rg',
  ...lines,
];
const resume = 'Resume with: aks-kms-runbook resume 20261121-0100-k3f9 --rehearse';
const notConfirmed =
  'Stopped at step 3 of 6, “Enable PMK on your existing KMS v2 cluster”, which was not confirmed. The run can be resumed.';

interface Story {
  lines: string[];
  intents: readonly Intent[];
  outcome: string;
}

/** Tells a run that goes on as `script` says after each intent; stopping is always understood. */
async function tell(
  first: RunState,
  options: Partial<PlainOptions>,
  script: (intent: Intent, controller: FakeController) => void = () => undefined,
): Promise<Story> {
  const controller = new FakeController(first);
  const lines: string[] = [];
  controller.onIntent = (intent) => {
    if (intent.type !== 'stop') return script(intent, controller);
    const stoppedBecause = intent.reason;
    const failed = intent.reason === 'failed';
    controller.finish(failed ? 'failed' : 'stopped', {
      ...controller.view().state,
      status: 'stopped',
      stoppedBecause,
    });
  };
  const outcome = await runPlain(controller, {
    write: (line) => lines.push(line),
    yes: false,
    now: () => new Date('2026-11-21T01:01:22.000Z'),
    ...options,
  });
  assert.equal(controller.listeners, 0);
  return { lines, intents: controller.intents, outcome };
}

const exit: CommandExit = {
  code: 0,
  signal: null,
  outputBytes: 10,
  outputSha256: 'a'.repeat(64),
  endedAt: at(82),
};

describe('plain mode with every confirmation given', () => {
  it('tells the whole story', async () => {
    const { lines, intents, outcome } = await tell(
      moments.warning(),
      { yes: true, acceptIrreversible: 'rehearsal', transcriptPath: () => '/state/transcript.md' },
      (intent, controller) => {
        const { state } = controller.view();
        if (intent.type === 'acknowledge') {
          controller.show(
            withSteps(state, { policy: { status: 'acknowledged' }, 'enable-pmk': { status: 'ready' } }),
          );
        } else if (intent.type === 'confirm') {
          const confirmed = { by: intent.by, typed: intent.typed, at: at(10), operator: 'you@contoso.com' };
          const started = attempt(10, undefined, { confirmed, command: [['az', 'aks', 'update']] });
          controller.write('enable-pmk', 1, '{\n  "provisioningState": "Succ');
          controller.show(
            withSteps(state, { 'enable-pmk': { status: 'running', attempts: [started] } }),
            running,
          );
          controller.write('enable-pmk', 1, 'eeded"\n\u001b[31m}');
          const ended = { ...started, endedAt: at(82), exit, outcome: 'succeeded' as const };
          setImmediate(() =>
            controller.show(
              withSteps(state, {
                'enable-pmk': { status: 'succeeded', attempts: [ended] },
                'update-secrets': { status: 'already-done' },
              }),
            ),
          );
        } else if (intent.type === 'accept') {
          controller.show(
            withSteps(state, {
              'update-secrets': { status: 'accepted' },
              'wait-ready': { status: 'not-applicable' },
              'keep-key': { status: 'ready' },
            }),
          );
        } else {
          controller.finish(
            'completed',
            withSteps(
              state,
              { 'keep-key': { status: 'attested', by: '--yes' } },
              { status: 'completed', updatedAt: at(130) },
            ),
          );
        }
      },
    );
    assert.deepEqual(lines, [
      ...heading,
      '1 of 6 steps were settled before.',
      '',
      '== Prerequisites ==',
      '',
      '[2 of 6] No policy blocks updating secrets',
      '  ! A policy would refuse the update of secrets in namespace payments. (2s)',
      '  admission webhook "validation.gatekeeper.sh" denied the request',
      '  acknowledged with --yes',
      '  ! warning acknowledged',
      ...enable,
      warning,
      '  confirmed by you@contoso.com, given with --accept-irreversible rehearsal',
      '  | {',
      '  |   "provisioningState": "Succeeded"',
      '  | }',
      '  ✔ done (1m12s)',
      '',
      '[4 of 6] Update all secrets',
      '  Rewrites every secret, so that it is stored under the new key.',
      '  $ kubectl get secrets --all-namespaces -o json | kubectl replace -f -',
      '  = already in effect',
      '  counted as done with --yes',
      '  ✔ accepted as done',
      '',
      '[5 of 6] The cluster is ready again',
      '  – does not apply',
      '',
      '== Afterwards ==',
      '',
      '[6 of 6] Keep the old key',
      '  Make sure that nobody deletes the old key: backups may still be encrypted with it.',
      '  attested with --yes, unread: “The old key is kept and does not expire.”',
      '  ✔ attested',
      ...ending(
        'Completed in 2m10s.',
        'Transcript: /state/transcript.md',
        'Steps: 4 done, 1 warning acknowledged, 1 not applicable',
        'Decided by the operator:',
        '  No policy blocks updating secrets · warning acknowledged',
        '  Enable PMK on your existing KMS v2 cluster · given with --accept-irreversible rehearsal',
        '  Keep the old key · attested with --yes, unread',
      ),
    ]);
    assert.equal(outcome, 'completed');
    assert.deepEqual(intents, [
      { type: 'acknowledge', step: 'policy', by: '--yes' },
      { type: 'confirm', step: 'enable-pmk', by: '--accept-irreversible', typed: 'rehearsal' },
      { type: 'accept', step: 'update-secrets', by: '--yes' },
      { type: 'attest', step: 'keep-key', by: '--yes' },
    ]);
  });
});

describe('plain mode at a step that cannot be undone', () => {
  it('says what is missing and stops', async () => {
    const { lines, intents, outcome } = await tell(moments.confirmTyped(), { yes: true });
    assert.deepEqual(lines, [
      ...heading,
      '2 of 6 steps were settled before.',
      ...enable,
      warning,
      '! --yes does not cover a step that cannot be undone. Nothing was run.',
      '! To confirm it, add: --accept-irreversible rehearsal',
      ...ending(notConfirmed, resume, 'Steps: 2 done, 4 not done'),
    ]);
    assert.deepEqual(intents, [{ type: 'stop', reason: 'unconfirmed' }]);
    assert.equal(outcome, 'stopped');
  });

  it('does not take another name', async () => {
    const { lines, intents } = await tell(moments.confirmTyped(), {
      yes: true,
      acceptIrreversible: 'rehearsa',
    });
    assert.ok(
      lines.includes('! --accept-irreversible says “rehearsa”, which is not “rehearsal”. Nothing was run.'),
    );
    assert.deepEqual(intents, [{ type: 'stop', reason: 'unconfirmed' }]);
  });

  it('says why it stops where the prompt is broken off', async () => {
    const told: string[] = [];
    for (const interrupted of [true, false]) {
      const options = {
        prompt: () => Promise.reject(new Error('aborted')),
        interrupted: () => interrupted,
      };
      const { lines } = await tell(moments.confirmTyped(), options, (_intent, controller) =>
        controller.finish('stopped'),
      );
      told.push(lines.join('\n'));
    }
    assert.match(told[0] ?? '', /! Stopped by Ctrl-C\./);
    assert.match(told[1] ?? '', /! There is nobody to ask any more\./);
  });

  it('takes the name typed at the prompt, and nothing else', async () => {
    const given = ['Rehearsal', '', 'rehearsal'];
    const asked: string[] = [];
    const { lines, intents } = await tell(
      moments.confirmTyped(),
      {
        prompt: async (question) => {
          asked.push(question);
          return given.shift() ?? 'q';
        },
      },
      (_intent, controller) => controller.finish('stopped'),
    );
    assert.deepEqual(
      asked,
      Array(3).fill('Type the cluster name, rehearsal, to run it: (s skips, q stops) '),
    );
    assert.deepEqual(
      lines.filter((line) => line.includes('nothing was run')),
      ['“Rehearsal” is not “rehearsal”; nothing was run.', '“” is not “rehearsal”; nothing was run.'],
    );
    assert.deepEqual(intents, [{ type: 'confirm', step: 'enable-pmk', by: 'typed', typed: 'rehearsal' }]);
  });
});

describe('plain mode at a failed step', () => {
  it('tells an error that was just printed no second time in full', async () => {
    const command = [['az', 'aks', 'update']];
    const started = withSteps(moments.running(), {
      'enable-pmk': { attempts: [attempt(10, undefined, { command })] },
    });
    const controller = new FakeController(started, running);
    const lines: string[] = [];
    const outcome = runPlain(controller, { write: (line) => lines.push(line), yes: true });
    controller.write('enable-pmk', 1, 'ERROR: no quota\nCode: 42\n');
    const failure = {
      reason: 'exit',
      what: 'The command ended with exit status 1: ERROR: no quota',
      detail: 'ERROR: no quota\nCode: 42',
    } as const;
    const ended = attempt(10, 12, { command, exit: { ...exit, code: 1 }, failure, outcome: 'failed' });
    controller.onIntent = () => controller.finish('failed');
    controller.show(withSteps(started, { 'enable-pmk': { status: 'failed', attempts: [ended] } }));
    await outcome;
    assert.deepEqual(lines.filter((line) => /quota|42/.test(line)).slice(0, 3), [
      '  | ERROR: no quota',
      '  | Code: 42',
      '  ✘ The command ended with exit status 1: ERROR: no quota (2s)',
    ]);
    assert.equal(lines.filter((line) => line.includes('Code: 42')).length, 1);
  });

  it('does what is to be done even so, then stops with what went wrong and how to resume', async () => {
    const { lines, intents, outcome } = await tell(moments.failed(), { yes: true }, (intent, controller) => {
      const { state } = controller.view();
      if (intent.type === 'detour') {
        const detour = { step: 'update-secrets', after: 'enable-pmk' };
        controller.show(withSteps(state, { 'update-secrets': { status: 'ready' } }, { detour }));
      } else {
        const attempts = [attempt(90, 95, { outcome: 'succeeded' })];
        controller.show(
          withSteps(state, { 'update-secrets': { status: 'succeeded', attempts } }, { detour: undefined }),
        );
      }
    });
    assert.deepEqual(lines, [
      ...heading,
      '2 of 6 steps were settled before.',
      ...enable,
      '  ✘ az ended with exit status 1. (1m12s)',
      '  What it means: The cluster identity may not use the key.',
      '  What to do: Give it the role "Key Vault Crypto User", then retry.',
      '  See https://learn.microsoft.com/y',
      '  (AzureKeyVaultKmsValidateIdentityPermissionCustomerError) identity lacks encrypt permission',
      '  going on to “Update all secrets”, which has to be done even so',
      '',
      '[4 of 6] Update all secrets',
      '  Rewrites every secret, so that it is stored under the new key.',
      '  $ kubectl get secrets --all-namespaces -o json | kubectl replace -f -',
      '  ✔ done (5s)',
      '! “Enable PMK on your existing KMS v2 cluster” failed, and there is nobody to ask what now.',
      '! Resume in a terminal to retry, skip or mark it as done.',
      ...ending(
        'Stopped at step 3 of 6, “Enable PMK on your existing KMS v2 cluster”, which failed. The run can be resumed.',
        resume,
        'Steps: 3 done, 1 failed, 2 not done',
        'Failed: Enable PMK on your existing KMS v2 cluster: az ended with exit status 1.',
      ),
    ]);
    assert.deepEqual(
      intents.map(({ type }) => type),
      ['detour', 'confirm', 'stop'],
    );
    assert.equal(outcome, 'failed');
  });

  it('asks a person who is there, and takes no reason that is empty', async () => {
    const given = ['x', 'd', ' ', 'd', 'seen in the portal'];
    const { lines, intents } = await tell(
      moments.failed(),
      { yes: false, prompt: async () => given.shift() ?? 'q' },
      (_intent, controller) => controller.finish('stopped'),
    );
    const asked = lines.indexOf('This step failed. What now?');
    assert.deepEqual(lines.slice(asked, asked + 8), [
      'This step failed. What now?',
      '  g or go          Recommended: go on to “Update all secrets”, which has to be done even so.',
      '  r or retry       Try this step again.',
      '  s or skip        Leave this step out (asks for a reason).',
      '  d or done        Count this step as done all the same (asks for a reason).',
      '  q or stop        Stop here; the run can be resumed.',
      'That is not one of the choices.',
      'Nothing was written, so nothing was decided.',
    ]);
    assert.deepEqual(intents, [{ type: 'override', step: 'enable-pmk', reason: 'seen in the portal' }]);
  });
});

/** Ends the run after the first answer. */
function end(_: Intent, controller: FakeController): void {
  controller.finish('stopped');
}

describe('a person in plain mode', () => {
  const step = 'enable-pmk';
  const why = 'seen in the portal';
  const answers: readonly [typed: readonly string[], intent: Intent][] = [
    [['r'], { type: 'retry', step }],
    [['Retry '], { type: 'retry', step }],
    [['s', why], { type: 'skip', step, reason: why }],
    [['skip', why], { type: 'skip', step, reason: why }],
    [['d', why], { type: 'override', step, reason: why }],
    [['done', why], { type: 'override', step, reason: why }],
    [['g'], { type: 'detour', step: 'update-secrets' }],
    [['go'], { type: 'detour', step: 'update-secrets' }],
    [['q'], { type: 'stop', reason: 'operator' }],
    [['stop'], { type: 'stop', reason: 'operator' }],
  ];
  for (const [typed, intent] of answers) {
    it(`answers a failure with “${typed.join('”, “')}”`, async () => {
      const given = [...typed];
      const { intents } = await tell(moments.failed(), { prompt: async () => given.shift() ?? 'q' }, end);
      assert.deepEqual(intents, [intent]);
      assert.deepEqual(given, []);
    });
  }

  it('can answer every question in words that are told apart', () => {
    const questions = [
      ...Object.values(moments).map((moment) => decide(moment(null))),
      ...[true, false].map((effect) => decide(moments.unknown(effect))),
    ].flatMap((decision) => (decision.kind === 'ask' ? [decision.question] : []));
    assert.equal(new Set(questions.map(({ kind }) => kind)).size, 7);
    for (const question of questions) {
      const said = questionText(moments.failed(), question).choices.flatMap(({ key, word }) => [key, word]);
      assert.equal(new Set([...said, 'q', 'stop']).size, said.length + 2, said.join(' '));
    }
  });

  it('is asked what --yes does not cover', async () => {
    const failed = moments.failed();
    const done = { 'update-secrets': { status: 'succeeded' } } as const;
    const retried = await tell(withSteps(failed, done), { yes: true, prompt: async () => 'r' }, end);
    assert.deepEqual(retried.intents, [{ type: 'retry', step }]);
    const typed = await tell(moments.confirmTyped(), { yes: true, prompt: async () => 'rehearsal' }, end);
    assert.deepEqual(typed.intents, [{ type: 'confirm', step, by: 'typed', typed: 'rehearsal' }]);
  });

  it('sees what is not as it was before deciding, and so does who reads the lines', async () => {
    const difference = /operator: expected you@contoso\.com, found they@contoso\.com/;
    const given = ['a', 'a colleague took over'];
    const asked = await tell(moments.drift(), { prompt: async () => given.shift() ?? 'q' }, end);
    assert.deepEqual(asked.intents, [{ type: 'accept-drift', reason: 'a colleague took over' }]);
    assert.match(asked.lines.join('\n'), difference);
    assert.match((await tell(moments.drift(), { yes: true })).lines.join('\n'), difference);
  });

  it('is told how to resume where --state-dir was given', async () => {
    const { lines } = await tell(moments.confirmEnter(), { stateDir: '/srv/the runs' });
    assert.ok(lines.includes(`${resume} --state-dir '/srv/the runs'`), lines.join('\n'));
  });
});

describe('what plain mode decides with --yes', () => {
  const cases: readonly [string, RunState, Intent][] = [
    ['what took effect counts', moments.unknown(true), { type: 'accept', step: 'enable-pmk', by: '--yes' }],
    ['what did not stops', moments.unknown(false), { type: 'stop', reason: 'unconfirmed' }],
    ['what nobody can tell stops', moments.unknown(null), { type: 'stop', reason: 'unconfirmed' }],
    ['a difference stops', moments.drift(), { type: 'stop', reason: 'unconfirmed' }],
    [
      'what can be undone is confirmed',
      moments.confirmEnter(),
      { type: 'confirm', step: 'update-secrets', by: '--yes' },
    ],
  ];
  for (const [name, state, intent] of cases) {
    it(name, async () => {
      const { intents } = await tell(state, { yes: true }, (_intent, controller) =>
        controller.finish('stopped'),
      );
      assert.deepEqual(intents, [intent]);
    });
  }

  it('shows a difference it stops at', async () => {
    const { lines } = await tell(moments.drift(), { yes: true }, (_intent, controller) =>
      controller.finish('stopped'),
    );
    assert.ok(lines.includes('! operator: expected you@contoso.com, found they@contoso.com'));
  });

  it('and without it, nothing: it stops and says why', async () => {
    const { lines, intents } = await tell(moments.confirmEnter(), { yes: false });
    assert.ok(lines.includes('! This waits for an answer, and there is nobody to ask. Nothing was run.'));
    assert.deepEqual(intents, [{ type: 'stop', reason: 'unconfirmed' }]);
  });
});

describe('plain mode while something goes on', () => {
  it('says once that a command of an earlier sitting still runs, and wraps prose to the width', async () => {
    const state = withSteps(moments.running(), {
      'enable-pmk': { status: 'unknown', attempts: [attempt(10, undefined, { interrupted: true })] },
    });
    const controller = new FakeController(state, { ...running, command: false });
    const lines: string[] = [];
    const outcome = runPlain(controller, { write: (line) => lines.push(line), yes: true, width: 60 });
    controller.show(state, running);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    controller.show(state, { ...running, doing: 'running; Azure says the cluster is Updating' });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    controller.finish('stopped');
    await outcome;
    assert.equal(lines.join(' ').match(/still running since/g)?.length, 1);
    const rows = lines.filter((line) => !/^( {2}[$ ]|Resume with)/.test(line));
    assert.deepEqual(
      rows.filter((line) => line.length > 60),
      [],
    );
    assert.ok(lines.includes(resume));
  });

  it('says from time to time what it is and how long it has taken', async () => {
    const controller = new FakeController(moments.running(), { ...running, overdue: true });
    const told = Promise.withResolvers<string>();
    const outcome = runPlain(controller, {
      write: (line) => (line.includes('so far') ? told.resolve(line) : undefined),
      yes: true,
      progressEvery: 5,
      now: () => new Date('2026-11-21T01:01:22.000Z'),
    });
    assert.equal(
      await told.promise,
      '  … running; Azure says the cluster is Updating: 1m12s so far (1h12m of the rehearsal’s time), normally about 5m; longer than this step should take',
    );
    controller.finish('stopped');
    await outcome;
  });

  it('says nothing of speed where time passes as it does', async () => {
    const state = moments.running();
    const sessions = state.sessions.map((session) => ({ ...session, speed: 1 }));
    const controller = new FakeController({ ...state, sessions }, running);
    const told = Promise.withResolvers<string>();
    const outcome = runPlain(controller, {
      write: (line) => (line.includes('so far') ? told.resolve(line) : undefined),
      yes: true,
      progressEvery: 5,
      now: () => new Date('2026-11-21T01:01:22.000Z'),
    });
    const line = await told.promise;
    controller.finish('stopped');
    await outcome;
    assert.match(line, /1m12s so far, normally about 5m/);
  });

  it('waits with an answer until the engine asks, and gives it once', async () => {
    const controller = new FakeController(moments.running(), running);
    const outcome = runPlain(controller, { write: () => undefined, yes: true });
    controller.show(moments.confirmEnter());
    controller.show(moments.confirmEnter());
    controller.onIntent = () => controller.show(moments.confirmEnter());
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    controller.finish('stopped');
    await outcome;
    assert.equal(controller.intents.length, 1);
  });

  it('stops when a refusal shows that its answer does not fit', async () => {
    const controller = new FakeController(moments.confirmEnter());
    controller.refusals.push('The question is about another step.');
    controller.onIntent = () => controller.finish('stopped');
    const lines: string[] = [];
    await runPlain(controller, { write: (line) => lines.push(line), yes: true });
    assert.ok(lines.includes('! The question is about another step.'));
    assert.deepEqual(controller.intents.at(-1), { type: 'stop', reason: 'unconfirmed' });
  });

  it('says how many lines came too fast to be shown', async () => {
    const state = withSteps(moments.running(), {
      'enable-pmk': { attempts: [attempt(10, undefined, { command: [['az']] })] },
    });
    const controller = new FakeController(state, running);
    controller.write('enable-pmk', 1, Array.from({ length: 50_000 }, (_, line) => `${line}\n`).join(''));
    const lines: string[] = [];
    const outcome = runPlain(controller, { write: (line) => lines.push(line), yes: true });
    controller.finish('stopped');
    await outcome;
    const missed = Number(/… (\d+) lines came faster/.exec(lines.join('\n'))?.[1]);
    assert.equal(missed + lines.filter((line) => /^ {2}\| \d+$/.test(line)).length, 50_000 - 1);
  });

  it('rejects with what the run failed with', async () => {
    const controller = Object.assign(new FakeController(newState()), {
      finished: Promise.reject(new Error('the journal is gone')),
    });
    await assert.rejects(runPlain(controller, { write: () => undefined, yes: true }), /the journal is gone/);
    assert.equal(controller.listeners, 0);
  });
});
