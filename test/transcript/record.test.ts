import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '../../source/engine/reduce.ts';
import { summaryLines } from '../../source/renderers/summary.ts';
import { diffSettings } from '../../source/transcript/diff.ts';
import { atStart, codeSpan, fence, text } from '../../source/transcript/escape.ts';
import { excerpt } from '../../source/transcript/excerpt.ts';
import { toMarkdown } from '../../source/transcript/markdown-page.ts';
import { between, showDuration, showTime } from '../../source/transcript/time.ts';
import { before, check, enable, header, Journal, noor, plan, rewrite, session } from './fixtures.ts';
import { completedRun, troubledRun } from './journals.ts';

const step = 'enable-pmk';

const started = (): Journal =>
  new Journal()
    .add(0, { type: 'run.started', header, session: session() })
    .add(5, { type: 'step.started', step, attempt: 1, command: [enable] });

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');

test('a secret that is still in the journal or an output is taken out, and counted', () => {
  const journal = new Journal().add(0, { type: 'run.started', header, session: session() });
  journal.add(1, {
    type: 'step.started',
    step,
    attempt: 1,
    command: [['az', 'login', '--password', 'S3cr3tWord']],
  });
  const long = `${'line\n'.repeat(25)}-----BEGIN RSA PRIVATE KEY-----\n${'bm90IGEga2V5\n'.repeat(90)}-----END RSA PRIVATE KEY-----\n`;
  const exit = journal.exit(step, 1, 0, long, 1);
  journal
    .add(1, { type: 'command.exited', step, attempt: 1, exit })
    .add(1, { type: 'run.noted', text: 'The clientSecret=S3cr3tWord works' })
    .add(1, { type: 'value.captured', step, name: 'STORAGE_PASSWORD', value: 'S3cr3tWord' });
  const markdown = toMarkdown(journal.record());
  assert.doesNotMatch(markdown, /S3cr3tWord/);
  assert.doesNotMatch(markdown, /bm90IGEga2V5/, 'a key block that was cut in the middle');
  assert.match(markdown, /took something out of \d+ further texts/);
  assert.match(toMarkdown(completedRun().record()), /found nothing further/);
});

test('a rehearsal is told with what it began from, unless its journal is older than that', () => {
  const rehearsal = completedRun({
    rehearsal: true,
    simulation: { scenario: 'pmk', faults: [], clients: 'real' },
  });
  const told = '| Simulated | Scenario `pmk`, no faults; the az and kubectl that were installed |';
  assert.ok(toMarkdown(rehearsal.record()).includes(told));
  const older = toMarkdown(completedRun({ rehearsal: true }).record());
  assert.match(older, /REHEARSAL/);
  assert.doesNotMatch(older, /Simulated/);
  assert.doesNotMatch(toMarkdown(completedRun().record()), /Simulated|times the speed/);
});

const cancelled = (): Journal => {
  const journal = started().add(0, { type: 'command.cancelled', step, attempt: 1 });
  const exit = { ...journal.exit(step, 1, 1, '', 1), code: null, signal: 'SIGINT' };
  return journal
    .add(1, { type: 'command.exited', step, attempt: 1, exit })
    .add(1, {
      type: 'step.failed',
      step,
      attempt: 1,
      failure: { reason: 'cancelled', what: 'The command was ended by SIGINT.' },
    })
    .add(60, { type: 'step.retried', step })
    .add(1, { type: 'step.assessed', step, applies: true, alreadyDone: true });
};

test('a step this run had started, and that is in effect later, is told as run by it', () => {
  const here = 'run by this run in attempt 1 (failed, ended by the operator), then found in effect';
  assert.ok(toMarkdown(cancelled().record()).includes(`${here}, not yet accepted`));
  const record = cancelled().add(1, { type: 'step.accepted', step, why: 'already', by: 'key' }).record();
  const markdown = toMarkdown(record);
  assert.ok(markdown.includes(`| ${here} |`), 'in the table of steps');
  assert.ok(markdown.includes(`Not run again: ${here}. Accepted by`));
  assert.deepEqual(
    record.irreversible.map(({ result }) => result),
    [[here]],
  );
  assert.doesNotMatch(markdown, /already, not run|was in effect before/);
});

test('a command that could not be started has not run the step', () => {
  const journal = started()
    .add(1, {
      type: 'step.failed',
      step,
      attempt: 1,
      failure: { reason: 'not-started', what: 'az: not found' },
    })
    .add(1, { type: 'step.retried', step })
    .add(1, { type: 'step.assessed', step, applies: true, alreadyDone: true })
    .add(1, { type: 'step.accepted', step, why: 'already', by: 'key' });
  assert.match(toMarkdown(journal.record()), /\| in effect already, not run \|/);
});

const found = (): Journal =>
  started()
    .add(60, { type: 'run.resumed', session: session(noor, 977) })
    .add(1, { type: 'step.investigated', step, attempt: 1, effect: true });

test('another look at the cluster, and a choice to run again, are told as what they are', () => {
  const looked = toMarkdown(found().add(1, { type: 'step.retried', step }).record());
  assert.match(looked, /`noor@contoso\.com` asked to look at the cluster again\./);
  assert.doesNotMatch(looked, /try again/);
  const again = found()
    .add(1, { type: 'step.rerun-chosen', step })
    .add(1, { type: 'run.stopped', reason: 'operator' })
    .add(1, { type: 'run.resumed', session: session(noor, 978) })
    .add(1, { type: 'step.assessed', step, applies: true, alreadyDone: true })
    .add(1, { type: 'step.accepted', step, why: 'already', by: 'key' });
  const markdown = toMarkdown(again.record());
  assert.match(markdown, /`noor@contoso\.com` chose to run it again, which was still to be confirmed\./);
  assert.match(
    markdown,
    /\| run by this run in attempt 1 \(found to have taken effect\), then found in effect \|/,
  );
});

test('digests and ids are not mistaken for secrets', () => {
  assert.equal(completedRun().record().redactions, 0);
  assert.equal(troubledRun().record().redactions, 0);
});

test('an interrupted session is told from one that was stopped', () => {
  const cut = started()
    .add(60, { type: 'run.resumed', session: session(noor) })
    .record();
  const detached = started()
    .add(5, { type: 'run.stopped', reason: 'detached' })
    .add(60, { type: 'run.resumed', session: session(noor) })
    .record();
  assert.match(toMarkdown(cut), /was interrupted without a word; its last record is of 2026-11-21 01:02:08/);
  assert.doesNotMatch(toMarkdown(detached), /without a word/);
  const attempt = detached.sections[1]?.steps[0]?.attempts[0];
  assert.deepEqual(
    attempt?.entries.map(({ phrase }) => phrase[0]),
    ['Command about to be started.', 'Run stopped by ', 'Run resumed by '],
  );
});

test('a session ends with its own last record, not with what the next one found', () => {
  const [first, second] = troubledRun().record().sessions;
  assert.equal(first?.endedAt, '2026-11-21T01:03:44.000Z');
  assert.equal(second?.startedAt, '2026-11-21T01:08:44.000Z');
  assert.deepEqual(second?.changedVersions, [{ name: 'az', before: '2.91.0', now: '2.92.0' }]);
});

test('what was confirmed in a sitting that ended stays in the record although it is asked again', () => {
  const record = new Journal()
    .add(0, { type: 'run.started', header, session: session() })
    .add(1, { type: 'step.confirmed', step: 'rewrite', attempt: 1, by: 'key' })
    .add(9, { type: 'run.resumed', session: session(noor) })
    .add(1, { type: 'step.confirmed', step: 'rewrite', attempt: 1, by: 'key' })
    .add(0, { type: 'step.started', step: 'rewrite', attempt: 1, command: [rewrite] })
    .record();
  const entries = record.sections[1]?.steps[1]?.attempts[0]?.entries ?? [];
  assert.equal(entries.filter(({ phrase }) => phrase[0] === 'Confirmed by ').length, 2);
});

test('every operator is named for what they did themselves', () => {
  const markdown = toMarkdown(
    new Journal()
      .add(0, { type: 'run.started', header, session: session() })
      .add(1, { type: 'step.skipped', step: 'rewrite', reason: 'One.' })
      .add(1, { type: 'run.resumed', session: session(noor) })
      .add(1, { type: 'step.attested', step: 'keep-key', by: 'key' })
      .record(),
  );
  assert.match(markdown, /Skipped by `mia@contoso.com`\. Reason: One\./);
  assert.match(markdown, /Attested by `noor@contoso.com`, 2026-11-21 01:02:06 UTC/);
});

test('settings are compared from the first reading before to the last one after', () => {
  const { settings } = new Journal()
    .add(0, { type: 'run.started', header, session: session() })
    .add(1, { type: 'run.settings-observed', moment: 'before', settings: { kms: 'v2' } })
    .add(1, { type: 'run.settings-observed', moment: 'after', settings: { kms: 'half' } })
    .add(1, { type: 'run.settings-observed', moment: 'before', settings: { kms: 'half' } })
    .add(1, { type: 'run.settings-observed', moment: 'after', settings: { kms: 'pmk' } })
    .record();
  assert.deepEqual(settings.lines, [
    { mark: '-', text: 'kms: "v2"' },
    { mark: '+', text: 'kms: "pmk"' },
  ]);
});

test('a run that stopped in a step taken out of turn stands there', () => {
  const record = started()
    .add(1, { type: 'step.failed', step, attempt: 1, failure: { reason: 'exit', what: 'Exit status 1.' } })
    .add(1, { type: 'step.detoured', step: 'keep-key', after: step })
    .add(1, { type: 'run.stopped', reason: 'operator' })
    .record();
  assert.match(toMarkdown(record), /STOPPED at step 5, “Keep the old key”, by `mia@contoso.com`\./);
});

test('a run that stopped because a step failed says which and why', () => {
  const failure = { reason: 'check' as const, what: 'Azure CLI is 2.45.0' };
  const record = new Journal()
    .add(0, { type: 'run.started', header, session: session() })
    .add(1, { type: 'step.started', step: 'az-version', attempt: 1 })
    .add(1, { type: 'step.failed', step: 'az-version', attempt: 1, failure })
    .add(1, { type: 'run.stopped', reason: 'failed' })
    .record();
  assert.match(
    toMarkdown(record),
    /STOPPED at step 1, “Azure CLI .*”, because it failed\. Its last attempt failed: Azure CLI is 2\.45\.0\. The run can/,
  );
});

test('text is shown for what it is', () => {
  assert.equal(fence('a\r\nb\rc\n\n'), '```text\na\nb\nc\n```');
  assert.equal(fence('\u001B[31m```'), '````text\n⟨U+001B⟩[31m```\n````');
  assert.equal(text(' one\n\n  two\t<b> '), 'one ↵ two &lt;b&gt;');
  assert.equal(
    text('pay\u00ADments\u3164 \u202Egnp.\u{E0041}'),
    'pay⟨U+00AD⟩ments⟨U+3164⟩ ⟨U+202E⟩gnp.⟨U+E0041⟩',
  );
  assert.equal(text('👩\u200D💻 ❤\uFE0F'), '👩\u200D💻 ❤\uFE0F');
  assert.equal(text(''), '(empty)');
  assert.equal(codeSpan('a`b'), '``a`b``');
  assert.equal(codeSpan('`'), '`` ` ``');
  assert.equal(codeSpan('a|b'), 'a&#124;b');
  assert.equal(atStart('1. one'), String.raw`1\. one`);
  assert.equal(atStart('- one'), String.raw`\- one`);
  assert.equal(atStart('2026-11-21'), '2026-11-21');
});

test('a step that was not run shows what it would run', () => {
  const markdown = toMarkdown(
    new Journal().add(0, { type: 'run.started', header, session: session() }).record(),
  );
  assert.match(markdown, /Command, not run:\n\n```sh\naz aks update/);
});

test('settings are compared by path, whatever the order of their keys', () => {
  const lines = diffSettings({ b: [1, { c: 2 }], a: null, 'x y': {} }, { a: 'z\n', b: [1, { c: 2 }, 3] });
  assert.deepEqual(
    lines.map(({ mark, text }) => mark + text),
    ['-"x y": {}', '-a: null', '+a: "z\\n"', ' b[0]: 1', ' b[1].c: 2', '+b[2]: 3'],
  );
});

test('an output of sixty lines is shown whole, a longer one without its middle', () => {
  const { text, lines, leftOut } = excerpt(numbered(60), 60);
  assert.deepEqual({ text, lines, leftOut }, { text: numbered(60).trimEnd(), lines: 60, leftOut: 0 });
  const cut = excerpt(numbered(61), 61);
  assert.equal(cut.leftOut, 1);
  assert.match(cut.text, /line 20\n\[… 1 line left out here …\]\nline 22\n/);
  assert.match(cut.text, /line 61$/);
});

test('of an output only whose end is held, what precedes it counts as left out', () => {
  const cut = excerpt('last but one\nlast\n', 5000);
  assert.equal(cut.lines, 5000);
  assert.equal(cut.text, '[… 4998 lines left out here …]\nlast but one\nlast');
});

test('of a few lines whose beginning is not held, it is said that something is missing', () => {
  const cut = excerpt('last but one\nlast\n', 3);
  assert.deepEqual([cut.lines, cut.leftOut], [3, 1]);
  assert.equal(cut.text, '[… 1 line left out here …]\nlast but one\nlast');
});

test('a very long line is cut, and says so', () => {
  assert.match(excerpt(`${'x'.repeat(5000)}\n`, 1).text, /^x{1000} \[… 4000 more characters\]$/);
});

test('a clock that goes back is an incident, and what cannot be measured is not', () => {
  const journal = started().add(-600, { type: 'run.stopped', reason: 'operator' });
  const markdown = toMarkdown(journal.record());
  assert.match(markdown, /- 2026-11-21 00:52:08 – The clock went back by 10m 00s: times before this/);
  assert.match(markdown, /\| When \| 2026-11-21 01:02:03 to 2026-11-21 00:52:08 UTC · Local/);
  assert.match(markdown, /\| Decisions and incidents \| 2, see below \|/);
  const steady = started().add(-0.5, { type: 'run.stopped', reason: 'operator' });
  assert.doesNotMatch(toMarkdown(steady.record()), /clock went back/);
});

test('output that could not be kept is said to be missing', () => {
  const journal = started();
  const exit = { ...journal.exit(step, 1, 0, 'one\n', 1), outputLost: 4096 };
  journal.add(1, { type: 'command.exited', step, attempt: 1, exit });
  assert.match(
    toMarkdown(journal.record()),
    /What there is of the output is kept .*\. Another 4096 bytes it wrote could not be kept\./,
  );
});

test('a run that stopped with encryption off says so at its head', () => {
  const settings = { kubernetesVersion: '1.26.3', azureKeyVaultKms: { enabled: true } };
  const journal = started()
    .add(0, { type: 'run.settings-observed', moment: 'before', settings })
    .add(9, {
      type: 'run.settings-observed',
      moment: 'after',
      settings: { ...settings, azureKeyVaultKms: { enabled: false } },
    })
    .add(1, { type: 'run.stopped', reason: 'operator' });
  assert.match(toMarkdown(journal.record()), /\*\*ATTENTION\.\*\* KMS is OFF on this cluster/);
  // What was not shown may be on.
  const [, , , observed] = journal.records;
  assert.ok(observed?.event.type === 'run.settings-observed');
  const unseen = new Journal();
  unseen.records.push(
    ...journal.records.with(3, {
      ...observed,
      event: {
        ...observed.event,
        settings: {
          kubernetesVersion: '1.33.2',
          azureKeyVaultKms: { enabled: false },
          encryptionShown: false,
        },
      },
    }),
  );
  assert.doesNotMatch(toMarkdown(unseen.record()), /ATTENTION/);
});

test('a run that has done nothing yet does not say that all went as planned', () => {
  const steps = Array.from({ length: 9 }, (_, index) => check(`check-${index}`, `Check ${index}`));
  const long = { ...plan, steps, sections: [{ title: 'All', steps: steps.map(({ id }) => id) }] };
  const markdown = toMarkdown(
    new Journal()
      .add(0, { type: 'run.started', header: { ...header, plan: long }, session: session() })
      .record(),
  );
  assert.match(markdown, /\n\nNone so far\.\n/);
  assert.doesNotMatch(markdown, /as planned/);
  // The head of the record stays short; below it, each is named.
  assert.match(markdown, /\| Left to do \| .*“Check 4”: not done · 4 more, see “What remains to be done” \|/);
  assert.match(markdown, /^- Step 9, “Check 8”: not done$/m);
});

test('what was attested in advance is said to be unread where the summary names it', () => {
  const journal = started().add(1, { type: 'step.attested', step: 'keep-key', by: '--yes' });
  assert.match(
    toMarkdown(journal.record()),
    /\| Attested \| “The old key is kept and does not expire\.” \(with `--yes`, unread\) \|/,
  );
});

test('the record, the screen and plain mode count in the same words', () => {
  const state = replay(troubledRun().records);
  assert.ok(state);
  const counts = troubledRun().record().outcome.counts.join(', ');
  assert.ok(summaryLines(state).includes(`Steps: ${counts}`));
  assert.equal(
    counts,
    '1 done (at the 2nd attempt), 1 warning acknowledged, 1 marked as done without proof, 1 skipped, 1 not done',
  );
});

test('times and durations', () => {
  assert.equal(showTime('2026-11-21T01:02:03.456Z'), '2026-11-21 01:02:03');
  assert.equal(showTime('yesterday'), 'unreadable time yesterday');
  assert.equal(between('2026-11-21T01:02:03.500Z', '2026-11-21T01:02:03Z'), 0);
  assert.equal(between('2026-11-21T01:02:03Z', '2026-11-21T01:02:01Z'), undefined);
  assert.equal(between('2026-11-21T01:02:03Z', 'later'), undefined);
  assert.deepEqual([999, 1000, 62_000, 3_720_000, 97_200_000].map(showDuration), [
    'under 1s',
    '1s',
    '1m 02s',
    '1h 02m',
    '1d 03h',
  ]);
});

test('when KMS was off is told with its times', () => {
  const off = { ...before, azureKeyVaultKms: { enabled: false } };
  const journal = new Journal()
    .add(0, { type: 'run.started', header, session: session() })
    .add(0, { type: 'run.settings-observed', moment: 'before', settings: before })
    .add(60, { type: 'run.settings-observed', moment: 'after', settings: off })
    .add(60, { type: 'run.settings-observed', moment: 'after', settings: off })
    .add(60, { type: 'run.settings-observed', moment: 'after', settings: before });
  assert.deepEqual(journal.record().settings.kmsOff, [
    { from: '2026-11-21T01:03:03.000Z', to: '2026-11-21T01:05:03.000Z' },
  ]);
  assert.match(
    toMarkdown(journal.record()),
    /\| KMS off \| From 2026-11-21 01:03:03 UTC to 2026-11-21 01:05:03 UTC \(2m 00s\), by the readings/,
  );
});
