/** The change record from the command line: exporting, checking, listing and deleting runs. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { identify } from '../../source/adapters/command/processes.ts';
import { changeRecord, writeRecords, writeTranscript } from '../../source/commands/change-record.ts';
import { runFiles, stateDirectory } from '../../source/journal/state-directory.ts';
import type { RecordExport } from '../../source/transcript/model.ts';
import { keepRun } from '../support/kept.ts';
import { needs } from '../support/needs.ts';
import { newStateDirectory, rehearsalIn, runPlainly } from '../support/terminal.ts';
import { completedRun, refusedRun, troubledRun } from '../transcript/journals.ts';

const hashOf = (journal = troubledRun()): string => journal.record().journal.chainHead;

/** A state directory with the troubled run, and a directory to export to. */
function stage(t: TestContext): { state: string; runId: string; directory: string; out: string } {
  const state = newStateDirectory(t);
  const out = join(state, 'out');
  mkdirSync(out);
  return { state, out, ...keepRun(state, troubledRun()) };
}

/** Changes one byte in the middle of what `text` is followed by. */
function flip(file: string, text: string): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(text) + text.length - 1;
  assert.ok(at >= text.length - 1, `${text} is not in ${file}`);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

test('a run is exported in three formats, to a file or a directory, for its owner alone', (t) => {
  const { state, runId, out } = stage(t);
  assert.match(runPlainly(['export', runId], state).stdout, /^# Change record: /);
  const file = join(out, 'record.html');
  const html = runPlainly(['export', runId, '--format', 'html', '--output', file], state);
  assert.equal(html.stdout.trim(), file);
  assert.match(readFileSync(file, 'utf8'), /^<!DOCTYPE html>/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  runPlainly(['export', runId, '--format', 'json', '--output', out], state);
  const json = join(out, `${runId}.json`);
  assert.equal((JSON.parse(readFileSync(json, 'utf8')) as RecordExport).record.runId, runId);
});

test('an exported file and the run itself are found as they were, or altered and where', (t) => {
  const { state, runId, directory, out } = stage(t);
  const file = join(out, 'record.json');
  runPlainly(['export', runId, '--format', 'json', '--output', file], state);
  const verify = (...words: string[]) => runPlainly(['verify', ...words], state);
  const good = verify(file);
  assert.equal(good.status, 0, good.stdout);
  assert.match(
    good.stdout,
    /own SHA-256 fits[\s\S]*41 records, none altered[\s\S]*computed anew[\s\S]*not signed/,
  );
  for (const what of [file, runId]) {
    assert.match(verify(what, '--hash', hashOf()).stdout, /The hash given is that of the last record, 41\./);
    const unknown = verify(what, '--hash', 'f'.repeat(64));
    assert.equal(unknown.status, 1);
    assert.match(unknown.stdout, /No record .* has the hash f{64}/);
  }
  const earlier = /"hash":"([0-9a-f]{64})"/.exec(troubledRun().lines()[9] ?? '')?.[1] ?? '';
  assert.match(verify(runId, '--hash', earlier).stdout, /that of record 10; 31 more were written since/);
  flip(file, 'Policy team (Ana) disables');
  const altered = verify(file);
  assert.equal(altered.status, 1);
  assert.match(altered.stdout, /✘ .*record\.json: (?:journal, record 13|record\.notable\[4\])/);
  flip(join(directory, 'journal.jsonl'), 'Policy team (Ana) disables');
  const journal = verify(runId);
  assert.equal(journal.status, 1);
  assert.match(journal.stdout, /journal\.jsonl, line 13: the record was altered/);
});

test('the transcript beside a journal is checked with it, and shows when the last lines are gone', async (t) => {
  const state = newStateDirectory(t);
  const { runId, directory } = keepRun(state, refusedRun());
  const files = runFiles(stateDirectory(state, false), runId);
  const verify = () => runPlainly(['verify', runId], state);
  assert.doesNotMatch(verify().stdout, /kept output|transcript beside/, 'there is neither');
  await writeTranscript(files);
  const good = verify();
  assert.equal(good.status, 0, good.stdout);
  assert.match(good.stdout, /✔ The transcript beside it is what this journal gives/);
  const text = readFileSync(files.transcript, 'utf8');
  writeFileSync(files.transcript, text.replace('ENDED WITH', 'COMPLETED'));
  const changed = verify();
  assert.equal(changed.status, 1);
  assert.match(changed.stdout, /✘ .*transcript\.md: it is not what the journal gives: its text was changed/);
  writeFileSync(files.transcript, text);
  const journal = join(directory, 'journal.jsonl');
  const lines = readFileSync(journal, 'utf8').split('\n');
  writeFileSync(journal, `${lines.slice(0, -2).join('\n')}\n`);
  const cut = verify();
  assert.equal(cut.status, 1);
  assert.match(cut.stdout, /✘ .*is not in the journal: records are missing at its end/);
  writeFileSync(journal, lines.join('\n'));
  assert.equal(verify().status, 0);
});

test('an output nothing says the digest of is not said to be what was printed', (t) => {
  const { state, runId, directory } = stage(t);
  writeFileSync(join(directory, 'output', 'enable-pmk-1.log'), 'Anything at all.\n');
  const { status, stdout } = runPlainly(['verify', runId], state);
  assert.equal(status, 0);
  assert.match(stdout, /But for enable-pmk-1\.log: how its command ended is not in the journal/);
});

test('a command that begins while a run is exported does not make its journal look cut short', async (t) => {
  const { state, runId, directory } = stage(t);
  const journal = join(directory, 'journal.jsonl');
  const lines = readFileSync(journal);
  rmSync(journal);
  execFileSync('mkfifo', [journal]);
  const exporting = changeRecord(runFiles(stateDirectory(state, false), runId), 'markdown');
  // It opens as soon as the journal is being read.
  const pipe = await open(journal, 'w');
  writeFileSync(join(directory, 'output', 'keep-key-1.log'), 'Begun meanwhile.\n');
  await pipe.writeFile(lines);
  await pipe.close();
  assert.match((await exporting).text, /^# Change record/);
});

test('what is to be checked and is not there is named', (t) => {
  const { state, out } = stage(t);
  const missing = runPlainly(['verify', join(out, 'record.json')], state);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /record\.json cannot be read: no such file or directory/);
  assert.match(runPlainly(['verify', '20260101-000000-0000'], state).stderr, /no run 20260101-000000-0000/);
});

test('a file of another format is only as good as its signature', needs('ssh-keygen'), (t) => {
  const { state, runId, out } = stage(t);
  const key = join(out, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'mia', '-f', key]);
  const signers = join(out, 'signers');
  writeFileSync(signers, `mia@contoso.com ${readFileSync(`${key}.pub`, 'utf8')}`);
  const file = join(out, 'record.html');
  runPlainly(['export', runId, '--format', 'html', '--output', file], state);
  const unsigned = runPlainly(['verify', file], state);
  assert.equal(unsigned.status, 2);
  assert.match(unsigned.stderr, /no JSON export and has no signature/);
  runPlainly(['export', runId, '--format', 'html', '--output', file, '--sign', key], state);
  const signed = runPlainly(['verify', file, '--allowed-signers', signers], state);
  assert.equal(signed.status, 0, signed.stderr);
  assert.match(signed.stdout, /✔ Signed by mia@contoso\.com with ED25519 key SHA256:/);
  const unlisted = runPlainly(['verify', file, '--allowed-signers', `${signers}-of-old`], state);
  assert.equal(unlisted.status, 2);
  assert.match(unlisted.stderr, /signers-of-old cannot be read/);
  writeFileSync(signers, `mia@contoso.com valid-before="20200101" ${readFileSync(`${key}.pub`, 'utf8')}`);
  const expired = runPlainly(['verify', file, '--allowed-signers', signers], state);
  assert.equal(expired.status, 1);
  assert.match(expired.stdout, /names nobody who has that key and may sign with it now/);
  flip(file, 'Policy team (Ana) disables');
  const altered = runPlainly(['verify', file], state);
  assert.equal(altered.status, 1);
  assert.match(altered.stdout, /✘ The signature does not hold/);
  const json = join(out, 'record.json');
  runPlainly(['export', runId, '--format', 'json', '--output', json], state);
  const missing = runPlainly(['verify', json, '--allowed-signers', signers], state);
  assert.equal(missing.status, 1);
  assert.match(missing.stdout, /there is no .*record\.json\.sig/);
});

test('a signature never stands beside a file it is not of', needs('ssh-keygen'), (t) => {
  const { state, runId, out } = stage(t);
  const key = join(out, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'mia', '-f', key]);
  const file = join(out, 'record.md');
  const words = ['export', runId, '--output', file];
  const bad = runPlainly([...words, '--sign', join(out, 'missing')], state);
  assert.equal(bad.status, 1);
  assert.match(bad.stderr, /Nothing was written, because it could not be signed/);
  assert.ok(!existsSync(file));
  const signed = runPlainly([...words, '--sign', key], state);
  assert.equal(signed.stdout, `${file}\n${file}.sig\n`);
  assert.equal(statSync(`${file}.sig`).mode & 0o777, 0o600);
  assert.equal(runPlainly(['verify', file], state).status, 0);
  runPlainly(words, state);
  assert.ok(existsSync(`${file}.sig`), 'the file is the same, so the signature holds');
  const signers = join(out, 'signers');
  writeFileSync(signers, `mia@contoso.com valid-before="20200101" ${readFileSync(`${key}.pub`, 'utf8')}`);
  const unknown = runPlainly(['verify', file, '--allowed-signers', signers], state);
  assert.equal(unknown.status, 1);
  assert.match(unknown.stdout, /file was not changed since, but the signer is not known:/);
  assert.doesNotMatch(unknown.stdout, /does not hold/);
  const again = runPlainly([...words, '--redact', 'CHG-\\d+'], state);
  assert.match(again.stderr, /record\.md\.sig was of the file before, and was removed/);
  assert.ok(!existsSync(`${file}.sig`));
});

test('more than secrets is taken out when asked for, and a bad pattern is refused', (t) => {
  const { state, runId } = stage(t);
  const words = ['export', runId, '--redact', 'CHG-\\d+', '--redact', 'noor@\\S+\\.com'];
  for (const format of ['markdown', 'html', 'json']) {
    const { stdout } = runPlainly([...words, '--format', format], state);
    assert.doesNotMatch(stdout, /CHG-4711|noor@contoso\.com/, format);
    assert.match(stdout, /\[redacted\]/);
  }
  const { stdout, stderr } = runPlainly([...words, '--redact', 'nowhere'], state);
  assert.equal(stderr, 'Nothing matched /nowhere/.\n');
  assert.match(
    stdout,
    /searched everything again and found nothing further\. What the operator wanted to have out/,
  );
  const refused = runPlainly(['export', runId, '--redact', '('], state);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /--redact \( is not a regular expression/);
});

test('long outputs are cut in the middle, and whole when asked for', (t) => {
  const state = newStateDirectory(t);
  const { runId } = keepRun(state, completedRun());
  assert.doesNotMatch(runPlainly(['export', runId], state).stdout, /namespace-42: 12 rewritten/);
  assert.match(runPlainly(['export', runId, '--full'], state).stdout, /namespace-42: 12 rewritten/);
  const file = join(state, 'whole.json');
  runPlainly(['export', runId, '--full', '--format', 'json', '--output', file], state);
  const { status, stdout } = runPlainly(['verify', file], state);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /Outputs given whole and as they were printed: 2\./);
});

test('every run is exported at once; one that cannot be read is named and keeps no other back', (t) => {
  const { state, runId, out } = stage(t);
  const broken = join(state, 'runs', '20260101-000000-0000');
  mkdirSync(broken);
  writeFileSync(join(broken, 'journal.jsonl'), 'nonsense\n');
  const { status, stderr } = runPlainly(['export', '--all', '--format', 'json', '--output', out], state);
  assert.equal(status, 1);
  assert.match(stderr, /\n1 written, 1 not\.\n$/);
  assert.match(stderr, /run 20260101-000000-0000: .*line 1: the line is not a journal record/);
  assert.deepEqual(readdirSync(out), [`${runId}.json`]);
});

test('an export that is not asked for in full is refused', (t) => {
  const { state, runId } = stage(t);
  const refused = (words: string[], what: RegExp): void => {
    const { status, stderr } = runPlainly(['export', ...words], state);
    assert.equal(status, 2, words.join(' '));
    assert.match(stderr, what);
  };
  refused([], /Which run to export was not given/);
  refused([runId, '--all', '--output', 'x'], /together with --all/);
  refused(['--all'], /--all needs a directory/);
  refused([runId, '--sign', 'key'], /--sign needs a file/);
  refused([runId, '--format', 'pdf'], /Choices are: markdown, html, json/);
});

test('runs are listed with outcome, length and operator, and shown in short', (t) => {
  const { state, runId } = stage(t);
  const [head = '', row = ''] = runPlainly(['runs'], state).stdout.split('\n');
  assert.match(head, /^RUN +OUTCOME +STARTED +LASTED +CLUSTER +OPERATOR +RUNBOOK +AT$/);
  assert.match(row, /stopped .* 11m59s +prod-weu +mia@contoso\.com +kms-v2-public-to-pmk +Keep the old key$/);
  const [listed] = JSON.parse(runPlainly(['runs', '--json'], state).stdout) as { duration: number }[];
  assert.equal(listed?.duration, 719_000);
  const shown = runPlainly(['runs', 'show', runId], state).stdout;
  assert.match(shown, /Outcome: STOPPED at step 5[\s\S]*── What remains to be done ──/);
  assert.doesNotMatch(shown, /Steps in detail/);
});

test('a run that ended with a step without proof is not said to have completed', (t) => {
  const state = newStateDirectory(t);
  const { runId, directory } = keepRun(state, refusedRun());
  assert.match(runPlainly(['runs'], state).stdout, / ended, 1 step without proof +/);
  const [listed] = JSON.parse(runPlainly(['runs', '--json'], state).stdout) as object[];
  assert.partialDeepStrictEqual(listed, { status: 'completed-without-proof', withoutProof: 1 });
  const exported = runPlainly(['export', runId, '--format', 'json'], state).stdout;
  assert.equal((JSON.parse(exported) as RecordExport).record.outcome.kind, 'completed-without-proof');
  const { stderr } = runPlainly(['runs', 'delete', runId], state);
  assert.match(
    stderr,
    /ended with step 1 marked as done without proof, 2026-11-21 01:03 UTC\) has to be confirmed/,
  );
  writeFileSync(join(directory, 'journal.jsonl'), 'nonsense\n');
  const unreadable = runPlainly(['runs', 'delete', runId, '--yes'], state);
  assert.equal(unreadable.status, 1);
  assert.match(unreadable.stderr, /not deleted here\. If you know that it is not needed, delete .* yourself/);
  assert.ok(existsSync(directory));
});

test('only a completed run that nobody uses is deleted, and only on somebody’s word', async (t) => {
  const { state, runId: stopped } = stage(t);
  const { runId, directory } = keepRun(state, completedRun({ runId: '20261122-000000-abcd' }));
  const unfinished = runPlainly(['runs', 'delete', stopped, '--yes'], state);
  assert.equal(unfinished.status, 2);
  assert.match(unfinished.stderr, /has not completed: it can be gone on with/);
  const unasked = runPlainly(['runs', 'delete', runId], state);
  assert.equal(unasked.status, 2);
  assert.match(unasked.stderr, /has to be confirmed/);
  const holder = { ...(await identify(process.pid)), operator: 'noor', runId, since: '2026-11-22T00:00:00Z' };
  writeFileSync(join(directory, 'lock'), JSON.stringify(holder));
  const used = runPlainly(['runs', 'delete', runId, '--yes'], state);
  assert.equal(used.status, 4);
  assert.match(used.stderr, /being worked on by noor/);
  assert.ok(existsSync(join(directory, 'journal.jsonl')));
  rmSync(join(directory, 'lock'));
  assert.equal(runPlainly(['runs', 'delete', runId, '--yes'], state).status, 0);
  assert.ok(!existsSync(directory));
  assert.deepEqual(readdirSync(state).sort(), ['out', 'runs']);
  assert.deepEqual(readdirSync(join(state, 'runs')), [stopped]);
});

test('the records a screen writes stand beside the run', async (t) => {
  const { state, runId, directory } = stage(t);
  const files = await writeRecords(runFiles(stateDirectory(state, false), runId));
  assert.deepEqual(files, [join(directory, 'transcript.md'), join(directory, 'transcript.html')]);
  assert.match(readFileSync(files[1] ?? '', 'utf8'), /^<!DOCTYPE html>/);
});

test('the transcript of a run is written where it is wanted', (t) => {
  const state = newStateDirectory(t);
  const wanted = join(state, 'tickets');
  const { status, stdout } = runPlainly(['--rehearse', '--transcript', wanted], state);
  assert.equal(status, 0);
  const { runId, directory } = rehearsalIn(state);
  assert.match(stdout, new RegExp(`^Transcript: ${join(wanted, `${runId}.md`)}$`, 'm'));
  assert.match(readFileSync(join(wanted, `${runId}.md`), 'utf8'), /^# REHEARSAL/);
  assert.ok(!existsSync(join(directory, 'transcript.md')));
});

test('the schema of records is the committed one', (t) => {
  const printed = JSON.parse(runPlainly(['schema', 'record'], newStateDirectory(t)).stdout) as object;
  const committed = new URL('../../docs/record.schema.json', import.meta.url);
  assert.deepEqual(printed, JSON.parse(readFileSync(committed, 'utf8')));
});
