/** What stands in a change record, in what order and in which words; the page it is written on has a format. */
import { hint } from '../engine/hint.ts';
import type { ChangeRecord, SettingsChange } from './model.ts';
import type { Page } from './page.ts';
import { capital, code, refer, say } from './phrase.ts';
import { leftAsStored } from './report-rewrite.ts';
import { details, stepTable } from './report-steps.ts';
import { identity, isEnded, summary } from './report-summary.ts';
import { sitting } from './tell.ts';
import { showTime } from './time.ts';

/** Writes a whole record. */
export function report(page: Page, record: ChangeRecord): void {
  overview(page, record);
  stepTable(page, record);
  details(page, record);
  course(page, record);
  sources(page, record);
  // Last, since it says how much all that is before it had redacted.
  checking(page, record);
}

/** Writes what a change manager reads: the outcome, what changed, what was decided, what is left to do. */
export function overview(page: Page, record: ChangeRecord): void {
  const what = say`${record.runbook.title} – cluster ${code(record.target.clusterName)}`;
  page.heading(1, record.rehearsal ? say`REHEARSAL – Change record: ${what}` : say`Change record: ${what}`);
  if (record.rehearsal) {
    page.banner(
      'REHEARSAL.',
      say`This run acted on a simulated cluster. Nothing was done to a real one, and nothing below is proof of a change.`,
    );
  }
  summary(page, record);
  // What Azure shows of it was not looked at where the cluster is known by a context only.
  if (record.context === undefined) changed(page, record.settings);
  decisions(page, record);
  remaining(page, record);
  identity(page, record);
}

function changed(page: Page, { before, after, lines }: SettingsChange): void {
  page.heading(3, say`What changed`, 'changed');
  if (before === undefined && after === undefined) {
    page.paragraph(say`The cluster's encryption settings were not read in this run.`);
    return;
  }
  const read = say`The cluster's encryption settings as read from Azure`;
  if (before === undefined || after === undefined) {
    const when =
      before === undefined
        ? `after the change (${showTime(after ?? '')} UTC)`
        : `before the change (${showTime(before)} UTC)`;
    const other = before === undefined ? 'before' : 'after';
    page.paragraph(
      say`${read} ${when}. They were not read ${other} it, so this record cannot show a difference.`,
    );
  } else {
    const same = lines.every(({ mark }) => mark === ' ');
    const result = same ? 'They are the same.' : 'Lines with - are gone, lines with + are new.';
    page.paragraph(
      say`${read} before (${showTime(before)} UTC) and after (${showTime(after)} UTC). ${result}`,
    );
  }
  page.diff(lines);
}

function decisions(page: Page, record: ChangeRecord): void {
  const { notable } = record;
  page.heading(3, say`Decisions and incidents`, 'decisions');
  if (notable.length === 0) {
    page.paragraph(
      isEnded(record) ? say`None: every step went as planned at its first attempt.` : say`None so far.`,
    );
    return;
  }
  page.paragraph(say`Everything the plan did not foresee, in order of time (UTC).`);
  for (const entry of notable) {
    page.entry(
      entry.step === undefined
        ? entry
        : { ...entry, phrase: say`${capital(refer(entry.step))}: ${entry.phrase}` },
    );
  }
}

function remaining(page: Page, record: ChangeRecord): void {
  const { remaining, attestations, runId, rehearsal } = record;
  const stored = leftAsStored(record);
  page.heading(3, say`What remains to be done`, 'remaining');
  if (remaining.length === 0)
    page.paragraph(
      stored.length === 0 ? say`No step is left over.` : say`Every step is settled, and yet this is left:`,
    );
  for (const { step, result, instruction } of remaining) {
    page.bullet(
      say`${capital(refer(step))}: ${result}`,
      instruction === undefined ? [] : [say`Instruction: ${instruction}`],
    );
  }
  for (const { phrase, more } of stored) page.bullet(phrase, more);
  if (!isEnded(record)) {
    page.bullet(say`To go on: ${code(hint(['resume', runId], { rehearsal }))}`);
  }
  if (attestations.length === 0) return;
  const { key: id } = record.settings;
  const key = id === undefined ? '' : say`; the key from before it is ${code(id)}`;
  page.paragraph(
    say`Attested by the operator. What these instructions ask for does not end with this change${key}:`,
  );
  for (const { step, statement, instruction, note, at, by, how } of attestations) {
    page.bullet(
      say`${capital(refer(step))}: “${statement}” Attested by ${code(by)}${how === '--yes' ? say` with ${code('--yes')}, unread` : ''}, ${showTime(at)} UTC.`,
      [say`Instruction: ${instruction}`, ...(note === undefined ? [] : [say`Note: ${note}`])],
    );
  }
}

function course(page: Page, { history, sessions }: ChangeRecord): void {
  page.heading(2, say`Course of the run`, 'course');
  page.paragraph(say`What concerns the run as a whole. All times are UTC.`);
  for (const entry of history) page.entry(entry);
  page.heading(3, say`Sessions`);
  for (const session of sessions) {
    page.bullet(
      say`${showTime(session.startedAt)} to ${showTime(session.endedAt)}: ${sitting(session)}${
        session.timeZone === undefined ? '' : `, local time ${session.timeZone}`
      }${session.maxInFlight === undefined ? '' : `, at most ${session.maxInFlight} requests at once`}`,
      session.changedVersions.map(
        ({ name, before, now }) =>
          say`${name}: ${code(now ?? 'not installed')} (at the start of the run: ${code(before ?? 'not installed')})`,
      ),
    );
  }
}

function sources(page: Page, record: ChangeRecord): void {
  const { runbook, versions } = record;
  page.heading(2, say`Versions and sources`, 'sources');
  page.facts([
    ...Object.keys(versions)
      .sort()
      .map((name) => [name, [code(versions[name] ?? '')]] as const),
    ['Runbook', say`${code(runbook.id)}, ${runbook.title}`],
    ['Runbook digest (SHA-256)', [code(runbook.digest)]],
    [
      'Document',
      say`${runbook.source.title}${runbook.source.date === '' ? '' : `, dated ${runbook.source.date}`}, ${code(runbook.source.url)}`,
    ],
    ...Object.keys(record.parameters)
      .sort()
      .map((name) => [say`Parameter ${code(name)}`, [code(record.parameters[name] ?? '')]] as const),
    ['Plan fingerprint (SHA-256)', [code(record.fingerprint)]],
  ]);
}

function checking(page: Page, record: ChangeRecord): void {
  const { runId, rehearsal, journal, redactions, redactionsAsked } = record;
  const hash = ['--hash', journal.chainHead];
  page.heading(2, say`How to check this record`, 'checking');
  page.paragraph(
    say`This record was computed from the run's journal alone: ${journal.records} records, each of which contains the SHA-256 of the one before it. SHA-256 of the last one: ${code(journal.chainHead)}`,
  );
  page.paragraph(say`Where the run is kept, this says whether anything in it was altered since:`);
  page.fence(hint(['verify', runId, ...hash], { rehearsal }), 'sh');
  page.paragraph(
    say`Where it is not, the same can be asked of its JSON export, which holds the journal: ${code(hint(['verify', 'FILE.json', ...hash], { rehearsal: false }))}. Neither looks at the text of this record itself: a new export of the run shows what that should be, and a signature beside it whether it was changed. The SHA-256 given with an output is that of its file in the run's directory.`,
  );
  const found = redactions + page.redactions;
  const asked = redactionsAsked + page.redactionsAsked;
  page.paragraph(
    say`Secrets (tokens, data of Secrets, connection strings) are taken out before anything is written. Making this record searched everything again and ${found === 0 ? 'found nothing further' : `took something out of ${found} further ${found === 1 ? 'text' : 'texts'}`}.${asked === 0 ? '' : ` What the operator wanted to have out besides was taken out of ${asked} ${asked === 1 ? 'text' : 'texts'}.`} What was taken out is shown as ${code('[redacted]')}.`,
  );
}
