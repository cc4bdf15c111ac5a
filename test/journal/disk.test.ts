/** The journal on a disk that refuses: each single operation in turn, once and from then on. */
import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../source/engine/events.ts';
import { takeLock } from '../../source/journal/lock.ts';
import type { LockHolder } from '../../source/journal/lock.ts';
import { readJournal, readJournalChain } from '../../source/journal/read.ts';
import { runFiles, stateDirectory } from '../../source/journal/state-directory.ts';
import type { RunFiles } from '../../source/journal/state-directory.ts';
import { FileJournal } from '../../source/journal/writer.ts';
import { ToolError } from '../../source/runbook/errors.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { faultyDisk, refusals } from '../support/faulty-disk.ts';
import { manualStep, plan, started } from '../support/runs.ts';

const clock = { now: () => new Date('2026-11-21T20:15:00Z') };

const events: readonly RunEvent[] = [
  started(plan(manualStep({ id: 'keep' }))),
  { type: 'run.noted', text: 'one' },
  { type: 'run.noted', text: 'two' },
];

async function filesIn(directory: string): Promise<RunFiles> {
  const files = runFiles(stateDirectory(directory, true), 'run-1');
  await mkdir(join(files.directory, '..'), { recursive: true });
  return files;
}

/** Appends events until one is refused. Returns how many were taken. */
async function write(journal: FileJournal, some: readonly RunEvent[]): Promise<number> {
  let taken = 0;
  try {
    for (const event of some) {
      await journal.append(event);
      taken += 1;
    }
  } catch (error) {
    assert.ok(error instanceof ToolError, String(error));
    // Once refused, nothing is taken any more, also when the disk would take it again.
    await assert.rejects(journal.append({ type: 'run.noted', text: 'after' }), ToolError);
    await assert.rejects(journal.check(), ToolError);
  } finally {
    await journal.close();
  }
  return taken;
}

/** Begins a run and records the events. Returns how many of them are on record as far as the writer knows. */
async function beginAndWrite(files: RunFiles): Promise<number> {
  try {
    return await write(await FileJournal.create(files, clock), events);
  } catch (error) {
    assert.ok(error instanceof ToolError, String(error));
    return 0;
  }
}

test('whatever the disk refuses, what was recorded stays and nothing half-written is believed', async (t) => {
  const disk = await faultyDisk(t);
  const directory = await temporaryDirectory(t);
  const healthy = await filesIn(join(directory, 'healthy'));
  disk.mend();
  assert.equal(await beginAndWrite(healthy), events.length);
  const all = [...disk.operations];
  assert.deepEqual(all.slice(-6), ['write', 'sync', 'write', 'sync', 'write', 'sync']);
  for (const { operation, code, lasting } of refusals(all.length)) {
    disk.mend();
    const files = await filesIn(join(directory, `${operation}-${code}-${lasting}`));
    const what = `${code} at ${all[operation]} ${operation}${lasting ? ' and on' : ''}`;
    disk.refuse(operation, code, lasting);
    const taken = await beginAndWrite(files);
    assert.ok(taken < events.length, what);
    disk.mend();
    // What no record is in has not begun: beginning again is up to a new run.
    const { records } = await readJournalChain(files).catch(() => ({ records: [] }));
    if (records.length === 0) {
      assert.equal(taken, 0, what);
      continue;
    }
    const read = await readJournal(files);
    assert.deepEqual(
      read.records.map(({ event }) => event),
      JSON.parse(JSON.stringify(events.slice(0, records.length))),
      what,
    );
    // A whole line may be left where the disk refused to sync it and then to cut it off: nothing was done on its
    // strength, and it says so of itself on resuming.
    assert.ok(records.length === taken || (lasting && records.length === taken + 1), what);
    const journal = await FileJournal.reopen(files, clock, read);
    assert.equal(await write(journal, [{ type: 'run.noted', text: 'again' }]), 1, what);
    const whole = await readJournal(files);
    assert.equal(whole.tornBytes, 0, what);
    assert.equal(whole.records.length, records.length + 1, what);
  }
});

test('whatever the disk refuses while a torn line is cut off, the run can be taken up afterwards', async (t) => {
  const disk = await faultyDisk(t);
  const files = await filesIn(await temporaryDirectory(t));
  await write(await FileJournal.create(files, clock), events);
  await appendFile(files.journal, '{"sequence":4,');
  const torn = await readFile(files.journal, 'utf8');
  disk.mend();
  const repair = async (): Promise<number> => {
    const read = await readJournal(files);
    return write(await FileJournal.reopen(files, clock, read), [{ type: 'run.noted', text: 'on' }]);
  };
  assert.equal(await repair(), 1);
  for (const { operation, code, lasting } of refusals(disk.operations.length)) {
    disk.mend();
    await rm(files.journal);
    await appendFile(files.journal, torn);
    disk.refuse(operation, code, lasting);
    await repair().catch((error: unknown) => assert.ok(error instanceof ToolError, String(error)));
    disk.mend();
    assert.ok((await readJournal(files)).records.length >= events.length);
    assert.equal(await repair(), 1, `${code} at ${operation}`);
  }
});

const gone = async () => 'gone' as const;
const alive = async () => 'alive' as const;

function holder(pid: number): LockHolder {
  const since = '2026-11-21T20:15:00Z';
  return { pid, startMark: 's', host: 'bastion', operator: `op${pid}@contoso.com`, runId: 'r', since };
}

/** Takes it, has it taken over, and gives it back. Returns who was told that they have it. */
async function passOn(path: string): Promise<number[]> {
  const told: number[] = [];
  for (const pid of [1, 2]) {
    try {
      const lock = await takeLock(path, 'Run r', holder(pid), gone);
      told.push(pid);
      if (pid === 2) await lock.release();
    } catch (error) {
      assert.ok(error instanceof ToolError, String(error));
    }
  }
  return told;
}

test('whatever the disk refuses, a lock has one holder, and can be had when the disk is back', async (t) => {
  const disk = await faultyDisk(t);
  const directory = await temporaryDirectory(t);
  assert.deepEqual(await passOn(join(directory, 'lock')), [1, 2]);
  for (const { operation, code, lasting } of refusals(disk.operations.length)) {
    disk.mend();
    const path = join(directory, `lock-${operation}-${code}-${lasting}`);
    disk.refuse(operation, code, lasting);
    const told = await passOn(path);
    disk.mend();
    const what = `${code} at ${operation}, told ${told.join()}`;
    const present = await readFile(path, 'utf8').catch(() => '');
    // Whoever was told to have it last has it, unless they gave it back; nobody else does.
    const [last] = told.slice(-1);
    if (present !== '') assert.ok(last !== undefined && JSON.parse(present).pid <= 2, what);
    if (last === 1) assert.equal(JSON.parse(present).pid, 1, what);
    // One more try clears a takeover away that was cut off.
    await takeLock(path, 'Run r', holder(3), gone).catch((error: unknown) =>
      assert.ok(error instanceof ToolError),
    );
    const lock = await takeLock(path, 'Run r', holder(3), gone).catch(() => undefined);
    await assert.rejects(takeLock(path, 'Run r', holder(4), alive), /op3@contoso.com/, what);
    await lock?.release();
  }
});

test('a journal deleted under a run is put back whole, and the run can be resumed', async (t) => {
  const directory = await temporaryDirectory(t);
  const files = await filesIn(directory);
  const journal = await FileJournal.create(files, clock);
  t.after(() => journal.close());
  for (const event of events) await journal.append(event);
  const before = await readFile(files.journal, 'utf8');
  await rm(join(directory, 'rehearsals'), { recursive: true });
  await assert.rejects(journal.check(), (error: ToolError) => {
    assert.match(error.message, /was deleted while the run was going on\. It was put back/);
    assert.match(error.next, /resume/);
    return true;
  });
  await assert.rejects(journal.append({ type: 'run.noted', text: 'no' }), /was deleted/);
  assert.equal(await readFile(files.journal, 'utf8'), before);
  assert.deepEqual((await readdir(files.directory)).sort(), ['journal.jsonl', 'output']);
});

test('whatever the disk refuses, a deleted journal is put back whole or not at all', async (t) => {
  const disk = await faultyDisk(t);
  const directory = await temporaryDirectory(t);
  const run = async (name: string, refusal?: Parameters<typeof disk.refuse>): Promise<number> => {
    const files = await filesIn(join(directory, name));
    const journal = await FileJournal.create(files, clock);
    for (const event of events) await journal.append(event);
    const before = await readFile(files.journal, 'utf8');
    await rm(files.directory, { recursive: true });
    disk.mend();
    if (refusal !== undefined) disk.refuse(...refusal);
    await assert.rejects(journal.check(), (error: ToolError) => {
      assert.match(error.message, /was deleted/);
      assert.equal(error.message.includes('could not be put back'), refusal !== undefined);
      return true;
    });
    const { length } = disk.operations;
    disk.mend();
    await journal.close();
    const after = await readFile(files.journal, 'utf8').catch(() => undefined);
    assert.ok(after === undefined || after === before);
    return length;
  };
  // What is removed last is only the draft.
  const length = (await run('whole')) - 1;
  assert.ok(length >= 5);
  for (const { operation, code, lasting } of refusals(length))
    await run(`${operation}-${code}-${lasting}`, [operation, code, lasting]);
});

test('a journal that was moved away is not written to where it is now', async (t) => {
  const directory = await temporaryDirectory(t);
  const files = await filesIn(directory);
  const journal = await FileJournal.create(files, clock);
  t.after(() => journal.close());
  for (const event of events) await journal.append(event);
  await rename(files.directory, join(directory, 'elsewhere'));
  await assert.rejects(journal.append({ type: 'run.noted', text: 'no' }), /is no longer there: it was moved/);
  await rename(join(directory, 'elsewhere'), files.directory);
  assert.equal((await readJournal(files)).records.length, events.length);
});

test('a journal another file was put in place of is not put back over it', async (t) => {
  const directory = await temporaryDirectory(t);
  const files = await filesIn(directory);
  const journal = await FileJournal.create(files, clock);
  t.after(() => journal.close());
  for (const event of events) await journal.append(event);
  await appendFile(`${files.journal}.other`, 'other');
  await rename(`${files.journal}.other`, files.journal);
  await assert.rejects(journal.check(), /could not be put back: file already exists/);
  assert.equal(await readFile(files.journal, 'utf8'), 'other');
});

test('a disk that takes its time is told of while it does', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const disk = await faultyDisk(t);
  const told: string[] = [];
  const journal = await FileJournal.create(await filesIn(await temporaryDirectory(t)), clock, (text) =>
    told.push(text),
  );
  t.after(() => journal.close());
  const release = disk.hold();
  const appended = journal.append(events[0]!);
  t.mock.timers.tick(2_999);
  assert.deepEqual(told, []);
  t.mock.timers.tick(1);
  assert.match(told.join(), /has not taken a record of the journal for 3s/);
  release();
  await appended;
  await journal.append(events[1]!);
  t.mock.timers.tick(10_000);
  assert.equal(told.length, 1);
});
