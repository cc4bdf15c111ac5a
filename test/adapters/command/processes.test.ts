import assert from 'node:assert/strict';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';
import { runForText } from '../../../source/adapters/command/capture.ts';
import { follow } from '../../../source/adapters/command/follow.ts';
import { identify, isAlive, lifeOf, startMark } from '../../../source/adapters/command/processes.ts';
import type { ProcessIdentity } from '../../../source/engine/ports.ts';
import { ToolError } from '../../../source/runbook/errors.ts';
import { all, commands, endAfter, program, shows, temporaryDirectory, until } from './programs.ts';

const linux = { skip: process.platform !== 'linux' && 'marks elsewhere hold no boot id' };

async function myself(): Promise<ProcessIdentity> {
  const mine = await identify(process.pid);
  assert.ok(mine);
  return mine;
}

/** The identity with other parts in its start mark. */
function marked(identity: ProcessIdentity, parts: { boot?: string; namespace?: string }): ProcessIdentity {
  const [boot, namespace, start] = identity.startMark.split('/');
  return { ...identity, startMark: [parts.boot ?? boot, parts.namespace ?? namespace, start].join('/') };
}

/** Makes reading fail, for paths that `which` chooses, until the test is over or the returned function is called. */
function failReading(t: TestContext, which: (path: string) => boolean, code: string): () => void {
  const { readFile } = fs;
  const mock = t.mock.method(fs, 'readFile', async (...given: Parameters<typeof readFile>) => {
    if (which(String(given[0]))) throw Object.assign(new Error(`${code}: made up`), { code });
    return readFile(...given);
  });
  syncBuiltinESMExports();
  const restore = (): void => {
    mock.mock.restore();
    syncBuiltinESMExports();
  };
  t.after(restore);
  return restore;
}

test('a process is known by its pid and when it started', async () => {
  const mine = await myself();
  assert.equal(await lifeOf(mine), 'alive');
  assert.equal(await lifeOf({ ...mine, startMark: `${mine.startMark}1` }), 'gone');
  const short = await runForText([process.execPath, '-p', 'process.pid'], { environment: process.env });
  const pid = Number(short.stdout);
  await until(async () => (await startMark(pid)) === undefined);
  assert.equal(await lifeOf({ ...mine, pid }), 'gone');
});

test('a machine is the same under another name, and gone is only what is known to be', linux, async () => {
  const mine = await myself();
  const renamed = { ...mine, host: 'renamed' };
  assert.equal(await lifeOf(renamed), 'alive');
  assert.equal(await lifeOf({ ...renamed, startMark: `${mine.startMark}1` }), 'gone');
  // The same machine after a restart; another machine; a container of this machine.
  const machine = await fs.readFile('/etc/machine-id', 'utf8').catch(() => '');
  const restarted = marked(mine, { boot: 'another' });
  assert.equal(await lifeOf(restarted), machine.trim() === '' ? 'unknown' : 'gone');
  assert.equal(await lifeOf({ ...restarted, machine: 'another of this name' }), 'unknown');
  assert.equal(await lifeOf({ ...restarted, machine: undefined }), 'unknown');
  assert.equal(await lifeOf(marked(renamed, { boot: 'another' })), 'unknown');
  assert.equal(await lifeOf(marked(mine, { namespace: '1' })), 'unknown');
  assert.deepEqual(
    [await isAlive(renamed), await isAlive(marked(renamed, { boot: 'another' }))],
    [true, true],
  );
  assert.equal(await isAlive(restarted), machine.trim() === '');
});

for (const [what, failing] of [
  ['the process', `/proc/${process.pid}/stat`],
  ['the machine', '/proc/sys/kernel/random/boot_id'],
] as const) {
  test(`failing to look at ${what} does not make it gone`, linux, async (t) => {
    const mine = await myself();
    const restore = failReading(t, (path) => path === failing, 'EMFILE');
    assert.equal(await lifeOf(mine), 'unknown');
    assert.equal(await isAlive(mine), true);
    assert.equal(await identify(process.pid), undefined);
    restore();
    assert.equal(await lifeOf(mine), 'alive');
  });
}

test('without a /proc nothing is known to be gone', linux, async (t) => {
  const mine = await myself();
  failReading(t, (path) => path.startsWith('/proc/'), 'ENOENT');
  assert.equal(await lifeOf(mine), 'unknown');
});

/** Says it has begun, and ends when it is told to. */
const patient = `process.on('SIGTERM', () => process.exit(6)); console.log('begun'); setInterval(() => {}, 1000);`;

test('a living command is not lost because the machine has another name by now', linux, async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'renamed.log');
  const command = endAfter(t, await commands.start([await program(directory, 'renamed', patient)], file));
  await shows(command.output, 'begun');
  // As if the host had been called something else when it was started.
  const record = JSON.parse(await fs.readFile(`${file}.keeper.json`, 'utf8')) as { identity: object };
  const renamed = { ...record, identity: { ...record.identity, host: 'before' } };
  await writeFile(`${file}.keeper.json`, JSON.stringify(renamed));
  const found = await commands.find(file, undefined);
  assert.equal(found.kind, 'running');
  if (found.kind !== 'running') return;
  found.command.signal('SIGTERM');
  assert.equal((await found.command.exit).code, 6);
});

test('a command of another machine, or one that cannot be looked for, is not said to be lost', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'away.log');
  const mine = await myself();
  const away = { ...marked(mine, { boot: 'another' }), host: 'elsewhere' };
  const found = await commands.find(file, away);
  assert.equal(found.kind, 'unknowable');
  if (found.kind === 'unknowable') assert.match(found.why, /elsewhere/);

  await mkdir(`${file}.exit.json`);
  const unread = await commands.find(file, undefined);
  assert.equal(unread.kind, 'unknowable');
  if (unread.kind === 'unknowable') assert.match(unread.why, /EISDIR/);
});

test('an end that cannot be read for a moment is waited for', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'moment.log');
  await writeFile(file, 'text\n');
  await mkdir(`${file}.exit.json`);
  let looks = 0;
  failReading(
    t,
    (path) => {
      if (path === `${file}.exit.json`) looks += 1;
      return false;
    },
    'EIO',
  );
  const command = follow(file, await myself());
  await until(() => looks > 1);
  await rmdir(`${file}.exit.json`);
  await writeFile(`${file}.exit.json.new`, JSON.stringify({ code: 3 }));
  await fs.rename(`${file}.exit.json.new`, `${file}.exit.json`);
  assert.equal(await all(command.output), 'text\n');
  assert.equal((await command.exit).code, 3);
});

test('an end that cannot be read at all is an error for whoever asks, and for nobody else', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'never.log');
  await writeFile(file, 'text\n');
  await mkdir(`${file}.exit.json`);
  const command = follow(file, await myself(), { limit: 0 });
  // An unhandled rejection would end the test here.
  assert.equal(await all(command.output), 'text\n');
  await assert.rejects(command.exit, (error) => {
    assert.ok(error instanceof ToolError);
    assert.match(error.message, /EISDIR/);
    return true;
  });
});

test('output that cannot be read is an error that says so', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'folder.log');
  await mkdir(file);
  const command = follow(file, await myself(), { limit: 0 });
  await assert.rejects(all(command.output), (error) => {
    assert.ok(error instanceof ToolError);
    assert.match(error.message, /EISDIR/);
    return true;
  });
  command.detach();
});

test('while nobody can tell whether a command lives, it is followed on', linux, async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'unsure.log');
  await writeFile(file, 'text\n');
  const mine = await myself();
  let looks = 0;
  failReading(
    t,
    (path) => {
      if (path === '/proc/sys/kernel/random/boot_id') looks += 1;
      return path.startsWith('/proc/');
    },
    'EMFILE',
  );
  // Gone for certain, could one look.
  const command = follow(file, { ...mine, startMark: `${mine.startMark}1` });
  await until(() => looks > 1);
  await writeFile(`${file}.exit.json`, JSON.stringify({ code: 5 }));
  assert.equal((await command.exit).code, 5);
});
