import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';
import { follow } from '../../../source/adapters/command/follow.ts';
import { readRecord } from '../../../source/adapters/command/keeping.ts';
import { identify, isAlive } from '../../../source/adapters/command/processes.ts';
import { all, commands, endAfter, program, shows, temporaryDirectory, until } from './programs.ts';

const commandsModule = new URL('../../../source/adapters/command/commands.ts', import.meta.url).href;

/** Another process that plays the tool: it starts the command, follows it and says so. */
async function startElsewhere(t: TestContext, directory: string, argv: readonly string[], file: string) {
  const script = join(directory, 'tool.mjs');
  await writeFile(
    script,
    `import { createCommands } from ${JSON.stringify(commandsModule)};
     const command = await createCommands({ environment: process.env }).start([${JSON.stringify(argv)}], ${JSON.stringify(file)});
     console.log(JSON.stringify(command.identity));
     for await (const text of command.output) process.stdout.write(text);`,
  );
  const tool = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  t.after(() => tool.kill('SIGKILL'));
  await shows(tool.stdout.setEncoding('utf8') as AsyncIterable<string>, 'begun');
  return tool;
}

/** Says it has begun, and ends when it is told to. */
const patient = `process.on('SIGUSR1', () => { console.log('finished'); process.exit(6); });
  console.log('begun'); setInterval(() => {}, 1000);`;

for (const signal of ['SIGKILL', 'SIGHUP'] as const) {
  test(`a command outlives a tool ended by ${signal} and its terminal, and is found with all its output`, async (t) => {
    const directory = await temporaryDirectory(t);
    const file = join(directory, 'long.log');
    const tool = await startElsewhere(t, directory, await program(directory, 'long', patient), file);
    // As the kernel does to everything of a session whose terminal is closed.
    process.kill(-(tool.pid ?? 0), signal);
    await once(tool, 'exit');

    const found = await commands.find(file, undefined);
    assert.equal(found.kind, 'running');
    if (found.kind !== 'running') return;
    endAfter(t, found.command);
    const record = await readRecord(file);
    assert.equal(record?.identity.pid, found.command.identity.pid);
    process.kill(record?.children[0]?.pid ?? 0, 'SIGUSR1');
    assert.equal(await all(found.command.output), 'begun\nfinished\n');
    assert.equal((await found.command.exit).code, 6);

    const again = await commands.find(file, found.command.identity);
    assert.equal(again.kind, 'ended');
    if (again.kind === 'ended') assert.equal(again.exit.code, 6);
  });
}

test('SIGHUP to the keeper itself changes nothing', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'hup.log');
  const command = endAfter(t, await commands.start([await program(directory, 'hup', patient)], file));
  await shows(command.output, 'begun');
  process.kill(command.identity.pid, 'SIGHUP');
  process.kill((await readRecord(file))?.children[0]?.pid ?? 0, 'SIGUSR1');
  assert.equal((await command.exit).code, 6);
});

test('a command whose keeper was killed is still watched, can be ended, and then has no known status', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'orphan.log');
  const command = endAfter(t, await commands.start([await program(directory, 'orphan', patient)], file));
  await shows(command.output, 'begun');
  const child = (await readRecord(file))?.children[0];
  assert.ok(child);
  process.kill(command.identity.pid, 'SIGKILL');
  await until(async () => !(await isAlive(command.identity)));

  const found = await commands.find(file, command.identity);
  assert.equal(found.kind, 'running');
  if (found.kind !== 'running') return;
  found.command.signal('SIGTERM');
  const exit = await found.command.exit;
  assert.deepEqual([exit.code, exit.signal, exit.outputBytes], [null, null, 6]);
  assert.equal(await isAlive(child), false);
  // The one that followed it from the start comes to the same end.
  assert.equal((await command.exit).code, null);
  assert.deepEqual(await commands.find(file, command.identity), { kind: 'lost' });
});

test('a command that left nothing is lost, also when its pid now belongs to another process', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'never.log');
  assert.deepEqual(await commands.find(file, undefined), { kind: 'lost' });
  const mine = await identify(process.pid);
  assert.ok(mine);
  assert.deepEqual(await commands.find(file, { ...mine, startMark: `${mine.startMark}1` }), { kind: 'lost' });
  // Cut off in the middle of the first write, before anything could be started.
  await writeFile(`${file}.keeper.json`, '{"identity":{"pi');
  assert.deepEqual(await commands.find(file, undefined), { kind: 'lost' });
});

test('a keeper that is never told to go starts nothing and says so', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'no-go.log');
  const marker = join(directory, 'acted');
  const argv = await program(
    directory,
    'acts',
    `import fs from 'node:fs'; fs.writeFileSync('${marker}', '');`,
  );
  const entry = new URL('../../../source/adapters/command/keeper.ts', import.meta.url).pathname;
  const keeper = spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'inherit'] });
  keeper.stdin.write(`${JSON.stringify({ pipeline: [argv], outputFile: file })}\n`);
  await shows(keeper.stdout.setEncoding('utf8') as AsyncIterable<string>, 'ready');
  keeper.stdin.end();
  await once(keeper, 'exit');
  const found = await commands.find(file, undefined);
  assert.equal(found.kind, 'ended');
  if (found.kind === 'ended') assert.match(found.exit.failure ?? '', /before the command was started/);
  await assert.rejects(readFile(marker));
});

test('an end that finds no room is told of while it lasts, and recorded when there is room', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'full.log');
  const argv = await program(directory, 'short', `console.log('done')`);
  // As a disk with no room: what the keeper writes its word to before it puts it in place cannot be written.
  await mkdir(`${file}.exit.json.new`);
  const { identity } = endAfter(t, await commands.start([argv], file));
  const told = Promise.withResolvers<string>();
  const command = follow(file, identity, { quiet: 0, tell: told.resolve });
  assert.match(await told.promise, /has ended, and how cannot be written to .*full\.log\.exit\.json/);
  await rmdir(`${file}.exit.json.new`);
  assert.equal((await command.exit).code, 0);
  assert.equal(await all(command.output), 'done\n');
});

test('a damaged record of an end is not taken for one', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'damaged.log');
  const command = await commands.start([await program(directory, 'short', `console.log('done')`)], file);
  await command.exit;
  const whole = await readFile(`${file}.exit.json`, 'utf8');
  for (const damage of ['', whole.slice(0, 20), '\0'.repeat(whole.length), 'null', '7', '{}']) {
    await writeFile(`${file}.exit.json`, damage);
    const found = await commands.find(file, command.identity);
    assert.equal(found.kind, 'unknowable', damage);
  }
});

test('a keeper killed as it started its command leaves the question open, and says so', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'unseen.log');
  const keeper = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const identity = await identify(keeper.pid ?? 0);
  assert.ok(identity);
  // As it is between the claim and the first word of what was started.
  await writeFile(`${file}.keeper.json`, JSON.stringify({ identity, children: [] }));
  const followed = follow(file, identity);
  keeper.kill('SIGKILL');
  await once(keeper, 'exit');
  await assert.rejects(followed.exit, /whether the command runs cannot be seen/);
  const found = await commands.find(file, identity);
  assert.equal(found.kind, 'unknowable');
  // Nothing runs on from before the machine was started anew.
  const earlier = { ...identity, startMark: identity.startMark.replace(/^[^/]+/, 'another-boot') };
  await writeFile(`${file}.keeper.json`, JSON.stringify({ identity: earlier, children: [] }));
  assert.deepEqual(await commands.find(file, earlier), { kind: 'lost' });
});
