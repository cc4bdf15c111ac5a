/** The tool on a disk that fails under it: what it says, what it does not do, and that the run goes on afterwards. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { TerminalSession } from '../support/terminal.ts';
import { badEnvironment, carryOut, openOffice, runIn } from '../support/tool.ts';
import type { BadMachine, Office } from '../support/tool.ts';

/** How an office's disk is made to fail, and to work again. */
interface Disk {
  bad?: BadMachine | undefined;
  /** No room for anything more in the state directory. */
  fill(): void;
  /** Nothing in the state directory can be changed. */
  lock(): void;
  mend(): void;
}

/** A disk whose errors are injected into every process. Works for every user on every system. */
function injected({ state, home }: Office): Disk {
  const control = join(home, 'disk.json');
  const writes = ['write', 'writeFile', 'sync', 'truncate', 'link', 'rename', 'mkdir'];
  const refuse = (code: string, operations: readonly string[]): void =>
    writeFileSync(control, JSON.stringify({ path: state, operations, code }));
  return {
    bad: { BAD_DISK: control },
    fill: () => refuse('ENOSPC', writes),
    lock: () => refuse('EROFS', [...writes, 'open']),
    mend: () => rmSync(control, { force: true }),
  };
}

/** A real file system of a few megabytes, mounted where the state is. Undefined where that is not allowed. */
function mounted({ state, atEnd }: Office): Disk | undefined {
  mkdirSync(state, { recursive: true });
  const mount = (...words: string[]): void =>
    void execFileSync('mount', [...words, state], { stdio: 'pipe' });
  try {
    mount('-t', 'tmpfs', '-o', 'size=2m', 'tmpfs');
  } catch {
    return undefined;
  }
  atEnd(() => void execFileSync('umount', ['--lazy', state]));
  const filler = join(state, 'filler');
  return {
    fill() {
      const { bavail, bsize } = statfsSync(state);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    },
    lock: () => mount('-o', 'remount,ro'),
    mend() {
      mount('-o', 'remount,rw');
      rmSync(filler, { force: true });
    },
  };
}

const disks: readonly [string, (office: Office) => Disk | undefined][] = [
  ['injected errors', injected],
  ['a small file system', mounted],
];

/** Waits until something outside has come about. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}

function updates({ rehearsal }: Office): number {
  return rehearsal.record().mutations.length;
}

for (const [name, make] of disks) {
  test(`full when the command ends: nothing is lost, and the run goes on when there is room (${name})`, async (t) => {
    const office = await openOffice(t, { speed: 200 });
    const disk = make(office);
    if (disk === undefined) return t.skip('mounting a file system is not allowed here');
    const tool = office.start(['run', ...carryOut], { bad: disk.bad });
    await until(() => updates(office) === 1);
    disk.fill();
    const { runId, directory } = runIn(office.state);
    const output = join(directory, 'output', 'enable-pmk-1.log');
    // The keeper has tried to record the end.
    await until(() => existsSync(`${output}.exit.json.new`));
    disk.mend();
    const { status, stdout, stderr } = await tool.ended;
    assert.equal(status, 0, stdout + stderr);
    assert.equal(updates(office), 1);
    const verified = await office.start(['verify', runId]).ended;
    assert.equal(verified.status, 0, verified.stdout);
    assert.match(readFileSync(output, 'utf8'), /"provisioningState": "Succeeded"/);
    assert.doesNotMatch(readFileSync(output, 'utf8'), /bytes of output were lost/);
  });

  test(`read-only: nothing is begun, and what is there can be looked at (${name})`, async (t) => {
    const office = await openOffice(t);
    const disk = make(office);
    if (disk === undefined) return t.skip('mounting a file system is not allowed here');
    const stopped = await office.start(['run', '--plain']).ended;
    assert.equal(stopped.status, 3, stopped.stderr);
    const { runId, directory } = runIn(office.state);
    const before = readFileSync(join(directory, 'journal.jsonl'), 'utf8');

    disk.lock();
    const told = async (words: readonly string[], status: number, pattern: RegExp): Promise<void> => {
      const ended = await office.start(words, { bad: disk.bad }).ended;
      assert.equal(ended.status, status, words.join(' ') + ended.stdout + ended.stderr);
      assert.match(ended.stdout + ended.stderr, pattern, words.join(' '));
      assert.doesNotMatch(ended.stderr, /defect/);
    };
    await told(['run', ...carryOut], 1, /The directory .* cannot be made: read-only file system\./);
    await told(['resume', runId, ...carryOut], 1, /The lock .* cannot be written: read-only file system\./);
    await told(['runs'], 0, new RegExp(runId));
    await told(['verify', runId], 0, /none altered/);
    await told(['export', runId], 0, /small migration/);
    await told(
      ['export', runId, '--output', join(directory, 'x.md')],
      1,
      /cannot be written: read-only file system/,
    );
    disk.mend();
    assert.equal(readFileSync(join(directory, 'journal.jsonl'), 'utf8'), before);
    assert.equal(readdirSync(join(office.state, 'runs')).length, 1);
    assert.equal(updates(office), 0);
  });
}

test('no room for a record while the command runs: said at once, and taken up without sending it again', async (t) => {
  const office = await openOffice(t, { speed: 200 });
  const control = join(office.home, 'disk.json');
  const tool = office.start(['run', ...carryOut], { bad: { BAD_DISK: control } });
  await until(() => updates(office) === 1);
  writeFileSync(control, JSON.stringify({ path: 'journal.jsonl', operations: ['sync'], code: 'ENOSPC' }));
  const failed = await tool.ended;
  assert.equal(failed.status, 1, failed.stdout);
  assert.match(failed.stderr, /journal\.jsonl cannot be written: no space left on device\./);
  assert.match(failed.stderr, /process \d+\) is left to itself; resuming finds it\..* Make room/);
  rmSync(control);
  const { runId } = runIn(office.state);
  const resumed = await office.start(['resume', runId, ...carryOut]).ended;
  assert.equal(resumed.status, 0, resumed.stdout + resumed.stderr);
  assert.equal(updates(office), 1);
  assert.equal((await office.start(['verify', runId]).ended).status, 0);
});

test('no room for the command to be watched over: it is not started, and is once there is', async (t) => {
  const office = await openOffice(t);
  const control = join(office.home, 'disk.json');
  const refused = { path: 'keeper.json', operations: ['writeFile'], code: 'ENOSPC' };
  writeFileSync(control, JSON.stringify(refused));
  const failed = await office.start(['run', ...carryOut], { bad: { BAD_DISK: control } }).ended;
  assert.equal(failed.status, 1, failed.stderr);
  assert.match(failed.stdout, /watches over the command could not begin: ENOSPC: no space left on device/);
  assert.match(failed.stdout, /Nothing was run\. Make room/);
  assert.equal(updates(office), 0);
  rmSync(control);
  const { runId } = runIn(office.state);
  const resumed = await office.start(['resume', ...carryOut]).ended;
  // What failed is the operator's to try again.
  assert.equal(resumed.status, 1, resumed.stdout);
  assert.match(resumed.stdout, /retry/i);
  assert.equal((await office.start(['verify', runId]).ended).status, 0);
});

test('no room for the first record: there is no run, and nothing is left of it', async (t) => {
  const office = await openOffice(t);
  const control = join(office.home, 'disk.json');
  for (const operation of ['open', 'sync']) {
    writeFileSync(
      control,
      JSON.stringify({ path: 'journal.jsonl', operations: [operation], code: 'ENOSPC' }),
    );
    const failed = await office.start(['run', ...carryOut], { bad: { BAD_DISK: control } }).ended;
    assert.equal(failed.status, 1, failed.stderr);
    assert.match(failed.stderr, /journal\.jsonl cannot be written: no space left on device/);
    assert.deepEqual(readdirSync(join(office.state, 'runs')), []);
    assert.deepEqual(readdirSync(join(office.state, 'clusters')), []);
  }
  assert.equal(updates(office), 0);
});

test('a journal at the limit for the size of a file stops the run, which goes on without the limit', async (t) => {
  const office = await openOffice(t);
  // In units of 512 bytes: room for the beginning of the run and not for all of it.
  const limited = ['sh', '-c', 'ulimit -f 12 && exec "$@"', 'sh'];
  const failed = await office.start(['run', ...carryOut], { through: limited }).ended;
  assert.equal(failed.status, 1, failed.stdout + failed.stderr);
  assert.match(failed.stderr, /journal\.jsonl cannot be written: file too large\./);
  const { runId } = runIn(office.state);
  assert.equal((await office.start(['verify', runId]).ended).status, 0);
  const resumed = await office.start(['resume', ...carryOut]).ended;
  assert.equal(resumed.status, 0, resumed.stdout + resumed.stderr);
  assert.equal(updates(office), 1);
  assert.equal((await office.start(['verify', runId]).ended).status, 0);
});

test('a state directory deleted under a run is said, put back, and the run goes on without sending anything again', async (t) => {
  const office = await openOffice(t, { speed: 200 });
  const tool = office.start(['run', ...carryOut]);
  await until(() => updates(office) === 1);
  const { runId, directory } = runIn(office.state);
  rmSync(office.state, { recursive: true });
  const failed = await tool.ended;
  assert.equal(failed.status, 1, failed.stdout);
  assert.match(failed.stderr, /journal\.jsonl was deleted while the run was going on\. It was put back/);
  assert.match(failed.stderr, /resume/);
  assert.ok(existsSync(join(directory, 'journal.jsonl')));
  const resumed = await office.start(['resume', runId, ...carryOut]).ended;
  assert.equal(resumed.status, 0, resumed.stdout + resumed.stderr);
  assert.match(resumed.stdout, /how it ended is being found out, nothing is sent again/);
  assert.equal(updates(office), 1);
  // The tool was not cut off, so it gave its locks back: there was nothing to take over.
  assert.doesNotMatch(readFileSync(join(directory, 'journal.jsonl'), 'utf8'), /lock-taken-over/);
});

test('on the screen as well: an answer that cannot be recorded is not acted on, and the reason stays in sight', async (t) => {
  const office = await openOffice(t);
  const control = join(office.home, 'disk.json');
  const screen = TerminalSession.open(t, office.words(['run']), {
    stateDirectory: office.state,
    environment: { ...office.environment, ...badEnvironment({ BAD_DISK: control }) },
  });
  // Every value is given, so there is nothing to ask before it begins.
  await screen.see('Type the cluster name');
  await screen.see('enter run');
  writeFileSync(control, JSON.stringify({ path: 'journal.jsonl', operations: ['write'], code: 'ENOSPC' }));
  await screen.press('blue', '> blue');
  screen.send('\r');
  assert.equal(await screen.exited, 1);
  const told = screen.text().replaceAll('\n', '');
  assert.match(told, /journal\.jsonl cannot be written: no space left on device\./);
  assert.match(told, /Make room or restore access/);
  assert.equal(updates(office), 0);
});
