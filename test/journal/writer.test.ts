import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, chmod, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { alteredOutputs, outputFile } from '../../source/journal/output.ts';
import { readJournal } from '../../source/journal/read.ts';
import {
  makeNewDirectory,
  makePrivateDirectory,
  runFiles,
  stateDirectory,
} from '../../source/journal/state-directory.ts';
import type { RunFiles } from '../../source/journal/state-directory.ts';
import { FileJournal } from '../../source/journal/writer.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { manualStep, plan, started } from '../support/runs.ts';

const clock = { now: () => new Date('2026-11-21T20:15:00Z') };

async function newRun(t: TestContext): Promise<{ files: RunFiles; journal: FileJournal }> {
  const files = runFiles(stateDirectory(await temporaryDirectory(t), true), 'run-1');
  const journal = await FileJournal.create(files, clock);
  t.after(() => journal.close());
  await journal.append(started(plan(manualStep({ id: 'keep' }))));
  return { files, journal };
}

test('what is appended is read again, by the hash chain', async (t) => {
  const { files, journal } = await newRun(t);
  await journal.append({ type: 'run.noted', text: 'hello' });
  const read = await readJournal(files);
  assert.equal(read.records.length, 2);
  assert.equal(read.head, journal.head);
  assert.equal(read.state.notes[0]?.text, 'hello');
});

test('only this user can read a run', async (t) => {
  const { files } = await newRun(t);
  assert.equal((await stat(files.journal)).mode & 0o777, 0o600);
  assert.equal((await stat(files.directory)).mode & 0o077, 0);
  assert.equal((await stat(files.output)).mode & 0o777, 0o700);
});

test('a torn last line is cut off and the run goes on after it', async (t) => {
  const { files, journal } = await newRun(t);
  await journal.append({ type: 'run.noted', text: 'kept' });
  await appendFile(files.journal, '{"sequence":3,"time":"2026');
  const torn = await readJournal(files);
  assert.equal(torn.tornBytes, 26);
  const again = await FileJournal.reopen(files, clock, torn);
  t.after(() => again.close());
  await again.append({ type: 'run.noted', text: 'after' });
  const whole = await readJournal(files);
  assert.equal(whole.tornBytes, 0);
  assert.deepEqual(
    whole.state.notes.map(({ text }) => text),
    ['kept', 'after'],
  );
});

test('a broken chain stops with the line, and the file is left as it is', async (t) => {
  const { files, journal } = await newRun(t);
  await journal.append({ type: 'run.noted', text: 'hello' });
  const altered = (await readFile(files.journal, 'utf8')).replace('hello', 'hallo');
  await writeFile(files.journal, altered);
  await assert.rejects(readJournal(files), /line 2: the record was altered/);
  assert.equal(await readFile(files.journal, 'utf8'), altered);
});

test('a journal written to behind our back is not written to any more', async (t) => {
  const { files, journal } = await newRun(t);
  await appendFile(files.journal, 'x');
  await assert.rejects(journal.append({ type: 'run.noted', text: 'no' }), /changed by something else/);
  await truncate(files.journal, 0);
  await assert.rejects(journal.append({ type: 'run.noted', text: 'still no' }), /changed by something else/);
});

test('a journal deleted under a run is noticed at the next record', async (t) => {
  const { files, journal } = await newRun(t);
  await rm(files.directory, { recursive: true });
  await assert.rejects(
    journal.append({ type: 'run.noted', text: 'no' }),
    /was deleted while the run was going on/,
  );
});

test('a directory that is there already is left as it is', async (t) => {
  const directory = await temporaryDirectory(t);
  await chmod(directory, 0o755);
  await makePrivateDirectory(directory);
  assert.equal((await stat(directory)).mode & 0o777, 0o755);
  assert.equal(await makeNewDirectory(join(directory, 'run')), true);
  assert.equal(await makeNewDirectory(join(directory, 'run')), false);
});

test('an empty variable names no state directory', () => {
  const environment = { AKS_KMS_RUNBOOK_STATE_DIR: '', XDG_STATE_HOME: '/state' };
  assert.equal(stateDirectory(undefined, false, environment, 'linux').root, '/state/aks-kms-runbook');
  assert.equal(
    stateDirectory(undefined, false, { XDG_STATE_HOME: 'relative' }, 'linux').root.includes('relative'),
    false,
  );
});

test('an output that was changed after its command had ended is named', async (t) => {
  const { files, journal } = await newRun(t);
  const text = 'all good\n';
  await writeFile(outputFile(files, 'keep', 1), text);
  const exit = {
    code: 0,
    signal: null,
    outputBytes: text.length,
    outputSha256: createHash('sha256').update(text).digest('hex'),
    endedAt: '2026-11-21T20:16:00.000Z',
  };
  await journal.append({ type: 'step.started', step: 'keep', attempt: 1, command: [['tool']] });
  await journal.append({ type: 'command.exited', step: 'keep', attempt: 1, exit });
  const { state } = await readJournal(files);
  assert.deepEqual(await alteredOutputs(files, state), []);
  await writeFile(outputFile(files, 'keep', 1), 'all bad\n');
  assert.deepEqual(
    (await alteredOutputs(files, state)).map(({ step, attempt }) => [step, attempt]),
    [['keep', 1]],
  );
  await rm(outputFile(files, 'keep', 1));
  assert.equal((await alteredOutputs(files, state)).length, 1);
});

test('a run is not begun twice', async (t) => {
  const { files } = await newRun(t);
  await assert.rejects(FileJournal.create(files, clock), /cannot be written: file already exists/);
});

test('a journal of another format is refused with what to do', async (t) => {
  const { files, journal } = await newRun(t);
  await journal.close();
  await rm(files.journal);
  const other = await FileJournal.create(files, clock);
  t.after(() => other.close());
  const event = started(plan());
  if (event.type !== 'run.started') throw new Error('unreachable');
  await other.append({ ...event, header: { ...event.header, format: 2 as 1 } });
  await assert.rejects(readJournal(files), /journal format 2; this version reads format 1/);
});
