import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../source/engine/events.ts';
import { toMarkdown } from '../../source/transcript/markdown-page.ts';
import { enable, header, Journal, noor, session } from './fixtures.ts';

type Of<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

const step = 'enable-pmk';
const exit = {
  code: 7,
  signal: null,
  outputBytes: 0,
  outputSha256: 'e3b0',
  endedAt: '2026-11-21T01:02:33.000Z',
};
const failure = {
  reason: 'exit' as const,
  what: 'It broke.',
  detail: 'first line\nsecond line',
  explanation: { means: 'The disk is full.', do: 'Empty it.', link: 'https://example.com/disk' },
};

/** An event of every type, and what a reader of the record must find of it. */
const samples: { [Type in RunEvent['type']]: [Of<Type>, ...string[]][] } = {
  'run.started': [
    [{ type: 'run.started', header, session: session() }, 'Run started by `mia@contoso.com`', '4711'],
  ],
  'run.resumed': [
    [
      { type: 'run.resumed', session: session(noor, 977) },
      'Run resumed by `noor@contoso.com`',
      '`noor@jump-02`',
    ],
    [
      { type: 'run.resumed', session: { ...session(noor, 977), speed: 60 } },
      'process 977), at 60 times the speed.',
    ],
  ],
  'run.lock-taken-over': [
    [
      {
        type: 'run.lock-taken-over',
        from: { pid: 12, host: 'old', operator: 'ana', since: '2026-11-20T00:00:00Z' },
      },
      'Lock taken over from process 12 of `ana` on `old`, which had held it since 2026-11-20 00:00:00',
    ],
  ],
  'run.journal-repaired': [
    [{ type: 'run.journal-repaired', droppedBytes: 17 }, 'Journal repaired', '17 bytes'],
  ],
  'run.drifted': [
    [
      { type: 'run.drifted', differences: [{ what: 'Runbook digest', expected: 'aa', found: 'bb' }] },
      'Runbook digest: expected `aa`, found `bb`',
    ],
  ],
  'run.drift-accepted': [
    [
      { type: 'run.drift-accepted', reason: 'Typo fixed.' },
      'in spite of these differences. Reason: Typo fixed.',
    ],
  ],
  'run.settings-observed': [
    [
      { type: 'run.settings-observed', moment: 'before', settings: { kms: 'on' } },
      'before the change',
      'kms: "on"',
    ],
    [
      { type: 'run.settings-observed', moment: 'after', settings: { kms: 'off' } },
      'after the change',
      'kms: "off"',
    ],
  ],
  'run.noted': [
    [{ type: 'run.noted', text: 'On my own.' }, 'Note by `mia@contoso.com`: On my own.'],
    [{ type: 'run.noted', step, text: 'Here.' }, 'Note by `mia@contoso.com`: Here.'],
  ],
  'run.warned': [[{ type: 'run.warned', step, text: 'Old API.' }, 'Warning: Old API.']],
  'run.stopped': [
    [{ type: 'run.stopped', reason: 'operator' }, 'Run stopped by `mia@contoso.com`.', 'STOPPED at step 1'],
    [{ type: 'run.stopped', reason: 'unconfirmed' }, 'nobody was there to give it'],
    [{ type: 'run.stopped', reason: 'failed' }, 'Run stopped after a failure.', 'because it failed'],
    [{ type: 'run.stopped', reason: 'detached' }, 'with the command left running'],
    [{ type: 'run.stopped', reason: 'closed' }, 'the terminal was closed'],
  ],
  'run.completed': [[{ type: 'run.completed' }, 'Run completed.', 'COMPLETED.']],
  'step.assessed': [
    [
      { type: 'step.assessed', step, applies: false, alreadyDone: null },
      'this step does not apply',
      '| does not apply |',
    ],
    [{ type: 'step.assessed', step, applies: true, alreadyDone: true }, 'is in effect already'],
    [{ type: 'step.assessed', step, applies: true, alreadyDone: false }, 'is not in effect yet'],
    [{ type: 'step.assessed', step, applies: true, alreadyDone: null }, 'Found to apply'],
  ],
  'step.confirmed': [
    [
      { type: 'step.confirmed', step, attempt: 1, by: 'key' },
      'Confirmed by `mia@contoso.com`, with a key press.',
    ],
    [{ type: 'step.confirmed', step, attempt: 1, by: 'typed', typed: 'prod' }, 'by typing `prod`.'],
    [{ type: 'step.confirmed', step, attempt: 1, by: '--yes' }, 'in advance, with the option `--yes`.'],
    [
      { type: 'step.confirmed', step, attempt: 1, by: '--accept-irreversible', typed: 'prod' },
      'in advance, with the option `--accept-irreversible` `prod`.',
    ],
  ],
  'step.started': [
    [
      { type: 'step.started', step, attempt: 1, command: [enable] },
      'Command about to be started.',
      'started, end not known',
    ],
    [{ type: 'step.started', step, attempt: 1 }, '– Started.'],
  ],
  'command.spawned': [
    [
      { type: 'command.spawned', step, attempt: 1, identity: { pid: 99, startMark: 's', host: 'jump' } },
      'process 99 on `jump`',
    ],
  ],
  'command.exited': [
    [{ type: 'command.exited', step, attempt: 1, exit }, 'Command ended with exit status 7.'],
    [
      { type: 'command.exited', step, attempt: 1, exit: { ...exit, code: null, signal: 'SIGKILL' } },
      'signal `SIGKILL`',
    ],
    [
      { type: 'command.exited', step, attempt: 1, exit: { ...exit, code: null, failure: 'az: not found' } },
      'could not be started: az: not found',
    ],
    [
      { type: 'command.exited', step, attempt: 1, exit, tolerated: 'Safe to ignore.' },
      'Tolerated as known to be harmless: Safe to ignore.',
    ],
  ],
  'command.cancelled': [
    [{ type: 'command.cancelled', step, attempt: 1 }, 'asked for the command to be ended'],
  ],
  'step.cluster-busy': [
    [
      { type: 'step.cluster-busy', step, attempt: 1, provisioningState: 'Updating' },
      '(`Updating`); waited for it',
    ],
  ],
  'step.cluster-settled': [
    [
      { type: 'step.cluster-settled', step, attempt: 1, provisioningState: 'Succeeded' },
      'finished with the cluster (`Succeeded`)',
    ],
  ],
  'step.verified': [
    [
      { type: 'step.verified', step, attempt: 1, expression: 'cluster.done', holds: true },
      'Asked of the cluster: `cluster.done`. It holds.',
    ],
    [
      { type: 'step.verified', step, attempt: 1, expression: 'cluster.done', holds: false },
      'It does not hold.',
    ],
  ],
  'step.investigated': [
    [
      { type: 'step.investigated', step, attempt: 1, effect: true, failure },
      'shows that it took effect',
      'It broke.',
      'second line',
    ],
    [{ type: 'step.investigated', step, attempt: 1, effect: false }, 'shows that it did not take effect'],
    [{ type: 'step.investigated', step, attempt: 1, effect: null }, 'cannot be told'],
  ],
  'step.succeeded': [
    [
      { type: 'step.succeeded', step, attempt: 1, value: '42 rewritten' },
      'Succeeded; found: `42 rewritten`',
      'done, found `42 rewritten`',
    ],
  ],
  'step.failed': [
    [
      { type: 'step.failed', step, attempt: 1, failure },
      'Failed: It broke.',
      'The disk is full.',
      'Empty it.',
      '`https://example.com/disk`',
      'first line\nsecond line',
      '| FAILED |',
    ],
  ],
  'step.acknowledged': [
    [{ type: 'step.acknowledged', step, by: 'key' }, 'Warning acknowledged by `mia@contoso.com`'],
  ],
  'step.attested': [
    [
      { type: 'step.attested', step: 'keep-key', by: 'key', note: 'Vault 7.' },
      'Attested by `mia@contoso.com`',
      'Note: Vault 7.',
      'The old key is kept and does not expire.',
    ],
  ],
  'step.accepted': [
    [
      { type: 'step.accepted', step, why: 'already', by: 'key' },
      'because it was in effect before. Accepted by',
      'in effect already, not run',
    ],
    [
      { type: 'step.accepted', step, why: 'took-effect', by: '--yes' },
      'because the cluster shows that it took effect',
    ],
  ],
  'step.skipped': [
    [
      { type: 'step.skipped', step, reason: 'Not today.' },
      'SKIPPED: Not today.',
      'Skipped by `mia@contoso.com`. Reason: Not today.',
    ],
  ],
  'step.overridden': [
    [{ type: 'step.overridden', step, reason: 'By hand.' }, 'MARKED AS DONE without proof: By hand.'],
  ],
  'step.retried': [[{ type: 'step.retried', step }, 'asked to try again']],
  'step.rerun-chosen': [
    [{ type: 'step.rerun-chosen', step }, 'chose to run it all the same, which was still to be confirmed.'],
  ],
  'step.detoured': [
    [
      { type: 'step.detoured', step: 'rewrite', after: step },
      'Taken out of turn',
      'step 3, “Enable PMK on your existing KMS v2 cluster” had failed',
    ],
  ],
  'rewrite.begun': [
    [{ type: 'rewrite.begun', step, attempt: 1, pass: 1, verifies: false }, 'they are written again.'],
    [
      { type: 'rewrite.begun', step, attempt: 2, pass: 1, verifies: false, goesOn: true },
      'from where an earlier attempt got to.',
    ],
    [
      { type: 'rewrite.begun', step, attempt: 1, pass: 2, verifies: true },
      'Pass 2',
      'verification was begun',
    ],
  ],
  // Told with the passes of the step.
  'rewrite.progressed': [],
  'rewrite.pass-ended': [
    [
      { type: 'rewrite.pass-ended', step, attempt: 1, pass: 2, unproven: [] },
      'Pass 2 over all Secrets has ended.',
    ],
    [
      { type: 'rewrite.pass-ended', step, attempt: 1, pass: 2, unproven: [{ namespace: 'a', name: 'b' }] },
      '1 were changed again at each look',
    ],
  ],
  'rewrite.paused': [[{ type: 'rewrite.paused', step, attempt: 1 }, 'paused the rewrite']],
  'rewrite.continued': [
    [{ type: 'rewrite.continued', step, attempt: 1 }, 'had the rewrite of the Secrets go on'],
  ],
  'value.captured': [
    [{ type: 'value.captured', step, name: 'KEY_ID', value: 'https://v/k' }, '`KEY_ID` = `https://v/k`'],
  ],
};

for (const [type, cases] of Object.entries(samples)) {
  test(`${type} has its place in the record`, () => {
    for (const [event, ...texts] of cases) {
      const journal = new Journal();
      if (event.type !== 'run.started') journal.add(0, { type: 'run.started', header, session: session() });
      const without = event.type === 'run.started' ? '' : toMarkdown(journal.record());
      const markdown = toMarkdown(journal.add(30, event).record());
      for (const text of texts) {
        assert.ok(markdown.includes(text), `${text} is missing`);
        assert.ok(!without.includes(text), `${text} is there without the event`);
      }
    }
  });
}
