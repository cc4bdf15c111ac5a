import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { createCommands } from '../../../source/adapters/command/commands.ts';
import { isAlive, startMark } from '../../../source/adapters/command/processes.ts';
import { ToolError } from '../../../source/runbook/errors.ts';
import { all, commands, endAfter, program, shows, temporaryDirectory, until } from './programs.ts';

test('a command shows both its streams and ends with its exit status', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'step-1.log');
  const argv = await program(
    directory,
    'both',
    `console.log('out'); console.error('err'); process.exitCode = 7;`,
  );
  const command = await commands.start([argv], file);
  const text = await all(command.output);
  assert.deepEqual(text.split('\n').toSorted(), ['', 'err', 'out']);
  const exit = await command.exit;
  const kept = await readFile(file);
  assert.equal(kept.toString(), text);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal((await stat(`${file}.exit.json`)).mode & 0o777, 0o600);
  assert.deepEqual(
    { ...exit, endedAt: undefined },
    {
      code: 7,
      codes: [7],
      signal: null,
      outputBytes: kept.length,
      outputSha256: createHash('sha256').update(kept).digest('hex'),
      endedAt: undefined,
    },
  );
  assert.ok(!Number.isNaN(Date.parse(exit.endedAt)));
});

test('arguments stay arguments, and are not seen in the list of processes', async (t) => {
  const directory = await temporaryDirectory(t);
  const argv = await program(directory, 'words', `console.log(JSON.stringify(process.argv.slice(2)))`);
  const words = ['$(id)', 'a b', '', '; rm -rf /', '*', "'", '"', 'line\nline', '--', '-e'];
  const command = await commands.start([[...argv, ...words]], join(directory, 'words.log'));
  const seen = await readFile(`/proc/${command.identity.pid}/cmdline`, 'utf8').catch(() => '');
  assert.ok(!seen.includes('rm -rf'));
  assert.deepEqual(JSON.parse(await all(command.output)), words);
});

test('the environment is the one given, and nothing else', async (t) => {
  const directory = await temporaryDirectory(t);
  const argv = await program(directory, 'env', `console.log(JSON.stringify(process.env))`);
  const environment = { PATH: process.env['PATH'], ONLY: 'this', GONE: undefined };
  const command = await createCommands({ environment }).start([argv], join(directory, 'env.log'));
  const seen = JSON.parse(await all(command.output)) as Record<string, string>;
  assert.equal(seen['ONLY'], 'this');
  assert.equal(seen['HOME'], undefined);
  assert.ok(!('GONE' in seen));
});

test(
  'a command writes into a pipe, as under a shell',
  { skip: process.platform === 'win32' && 'there are no such pipes' },
  async (t) => {
    const directory = await temporaryDirectory(t);
    const tell = await program(
      directory,
      'tell',
      `import { fstatSync } from 'node:fs';
       console.log(fstatSync(1).isFIFO());`,
    );
    const command = await commands.start([tell], join(directory, 'output'));
    endAfter(t, command);
    assert.equal(await all(command.output), 'true\n');
    assert.equal((await command.exit).code, 0);
  },
);

test('the first command has no input', async (t) => {
  const directory = await temporaryDirectory(t);
  const argv = await program(
    directory,
    'stdin',
    `process.stdin.on('end', () => console.log('end')).resume()`,
  );
  const command = await commands.start([argv], join(directory, 'stdin.log'));
  assert.equal(await all(command.output), 'end\n');
});

test('a pipeline keeps the last output and every error, and fails like under pipefail', async (t) => {
  const directory = await temporaryDirectory(t);
  const first = await program(
    directory,
    'first',
    `console.error('first err'); process.stdout.write('x\\n'.repeat(300000), () => process.exit(3));`,
  );
  const second = await program(
    directory,
    'second',
    `let n = 0; process.stdin.on('data', (d) => n += d.length).on('end', () => { console.log(n); console.error('second err'); });`,
  );
  const command = await commands.start([first, second], join(directory, 'pipe.log'));
  const text = await all(command.output);
  assert.deepEqual(text.trimEnd().split('\n').toSorted(), ['600000', 'first err', 'second err']);
  const exit = await command.exit;
  assert.deepEqual([exit.code, exit.codes], [3, [3, 0]]);

  const third = await program(directory, 'third', `process.stdin.resume().on('end', () => process.exit(5));`);
  assert.equal((await (await commands.start([first, third], join(directory, '2.log'))).exit).code, 5);
});

test('a pipeline whose reader ends early does not hang', async (t) => {
  const directory = await temporaryDirectory(t);
  const endless = await program(
    directory,
    'endless',
    `process.stdout.on('error', () => {}); const go = (error) => (error ? process.exit(0) : process.stdout.write('x'.repeat(65536), go)); go();`,
  );
  const reader = await program(directory, 'reader', `process.stdin.once('data', () => process.exit(0));`);
  const command = endAfter(t, await commands.start([endless, reader], join(directory, 'early.log')));
  assert.equal((await command.exit).code, 0);
});

test('a program that does not exist is an exit with its reason, and nothing of the pipeline acts', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'missing.log');
  const exit = await (await commands.start([['no-such-program-here', 'x']], file)).exit;
  assert.equal(exit.code, null);
  assert.match(exit.failure ?? '', /no-such-program-here was not found/);

  const marker = join(directory, 'acted');
  const acts = await program(
    directory,
    'acts',
    `import fs from 'node:fs'; fs.writeFileSync('${marker}', '');`,
  );
  const piped = await commands.start([acts, ['no-such-program-here']], join(directory, 'missing-2.log'));
  assert.match((await piped.exit).failure ?? '', /was not found/);
  await assert.rejects(stat(marker));
});

test('output is cleaned and redacted before it is written', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'hostile.log');
  const argv = await program(
    directory,
    'hostile',
    `const w = (s) => new Promise((r) => process.stdout.write(s, r));
     await w(Buffer.from([0xff, 0xfe, 0x41, 0x0a]));
     await w('\\x1b[31mred\\x1b[0m \\x1b]0;owned\\x07title\\r\\n');
     await w('{"accessToken": "canary-'); await w('one"}\\npass'); await w('word=canary-two\\n');
     await w(Buffer.from('né').subarray(0, 2)); await w(Buffer.from('né').subarray(2)); await w('\\n');`,
  );
  const command = await commands.start([argv], file);
  const text = await all(command.output);
  assert.equal(text, '\ufffd\ufffdA\nred title\n{"accessToken": "[redacted]"}\npassword=[redacted]\nné\n');
  assert.equal(await readFile(file, 'utf8'), text);
});

test('a line of ten megabytes and both streams full come through whole', async (t) => {
  const directory = await temporaryDirectory(t);
  const argv = await program(
    directory,
    'big',
    `process.stdout.write('a'.repeat(10_000_000)); for (let i = 0; i < 100000; i++) process.stderr.write('err ' + i + '\\n');`,
  );
  const command = await commands.start([argv], join(directory, 'big.log'));
  let as = 0;
  let errs = 0;
  for await (const piece of command.output) {
    as += piece.split('a').length - 1;
    errs += piece.split('\n').length - 1;
  }
  assert.deepEqual([as, errs], [10_000_000, 100_000]);
  assert.equal((await command.exit).code, 0);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} reaches what the command started, not only the command`, async (t) => {
    const directory = await temporaryDirectory(t);
    const grandchild = await program(
      directory,
      'grandchild',
      `process.on('${signal}', () => { console.log('told'); process.exit(0); });
       console.log('ready'); setInterval(() => {}, 1000);`,
    );
    // Ends only when the grandchild has ended of its own accord.
    const argv = await program(
      directory,
      'child',
      `import { spawn } from 'node:child_process';
       process.on('${signal}', () => {});
       spawn(${JSON.stringify(grandchild[0])}, [${JSON.stringify(grandchild[1])}], { stdio: 'inherit' })
         .on('exit', (code) => process.exit(code === 0 ? 9 : 1));`,
    );
    const command = endAfter(t, await commands.start([argv], join(directory, 'tree.log')));
    await shows(command.output, 'ready');
    command.signal(signal);
    assert.equal((await command.exit).code, 9);
    assert.equal(await all(command.output), 'ready\ntold\n');
  });
}

test('SIGKILL ends the whole tree', async (t) => {
  const directory = await temporaryDirectory(t);
  const grandchild = await program(
    directory,
    'grandchild',
    `process.on('SIGTERM', () => console.log('asked')); console.log('grandchild ' + process.pid); setInterval(() => {}, 1000);`,
  );
  const argv = await program(
    directory,
    'child',
    `import { spawn } from 'node:child_process';
     spawn(${JSON.stringify(grandchild[0])}, [${JSON.stringify(grandchild[1])}], { stdio: 'inherit' });
     setInterval(() => {}, 1000);`,
  );
  const command = endAfter(t, await commands.start([argv], join(directory, 'kill.log')));
  const pid = Number(/grandchild (\d+)/.exec(await shows(command.output, '\n'))?.[1]);
  command.signal('SIGKILL');
  const exit = await command.exit;
  assert.deepEqual([exit.code, exit.signal], [null, 'SIGKILL']);
  assert.doesNotMatch(await all(command.output), /asked/);
  await until(async () => (await startMark(pid)) === undefined);
});

test('a child that ignores SIGTERM is left to decide, and SIGKILL ends it', async (t) => {
  const directory = await temporaryDirectory(t);
  const argv = await program(
    directory,
    'stubborn',
    `process.on('SIGTERM', () => console.log('no')); console.log('ready'); setInterval(() => {}, 1000);`,
  );
  const command = endAfter(t, await commands.start([argv], join(directory, 'stubborn.log')));
  await shows(command.output, 'ready');
  command.signal('SIGTERM');
  await shows(command.output, 'no');
  command.signal('SIGKILL');
  assert.equal((await command.exit).signal, 'SIGKILL');
});

test('what a command leaves running in its group is ended with it', async (t) => {
  const directory = await temporaryDirectory(t);
  const straggler = await program(
    directory,
    'straggler',
    `process.on('SIGTERM', () => {}); console.log('straggler ' + process.pid); setInterval(() => {}, 1000);`,
  );
  const argv = await program(
    directory,
    'leaver',
    `import { spawn } from 'node:child_process';
     const child = spawn(${JSON.stringify(straggler[0])}, [${JSON.stringify(straggler[1])}], { stdio: ['ignore', 'pipe', 'inherit'] });
     child.stdout.once('data', (text) => { process.stdout.write(text); process.exit(0); });`,
  );
  const command = endAfter(t, await commands.start([argv], join(directory, 'leaver.log')));
  const pid = Number(/straggler (\d+)/.exec(await all(command.output))?.[1]);
  assert.equal((await command.exit).code, 0);
  await until(async () => (await startMark(pid)) === undefined);
});

test('the same attempt is never started twice', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'once.log');
  const argv = await program(directory, 'once', `console.log('once')`);
  const first = await commands.start([argv], file);
  await first.exit;
  await assert.rejects(commands.start([argv], file), (error: unknown) => {
    assert.ok(error instanceof ToolError);
    assert.match(error.message, /has been started before/);
    return true;
  });
  assert.equal(await readFile(file, 'utf8'), 'once\n');
});

test('a run directory that is not there is an error that says nothing was run', async () => {
  await assert.rejects(commands.start([['true']], '/nonexistent/x.log'), /could not begin/);
});

test('a detached command runs on', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'detached.log');
  const argv = await program(
    directory,
    'detached',
    `process.on('SIGTERM', () => { console.log('told'); process.exit(4); }); console.log('begun'); setInterval(() => {}, 1000);`,
  );
  const command = endAfter(t, await commands.start([argv], file));
  const reading = all(command.output);
  await shows(command.output, 'begun');
  command.detach();
  assert.equal(await reading, 'begun\n');
  assert.ok(await isAlive(command.identity));

  const found = await commands.find(file, command.identity);
  assert.equal(found.kind, 'running');
  if (found.kind !== 'running') return;
  found.command.signal('SIGTERM');
  assert.equal(await all(found.command.output), 'begun\ntold\n');
  assert.equal((await found.command.exit).code, 4);
});

test('a hundred megabytes on one line come through whole, in little memory', async (t) => {
  const directory = await temporaryDirectory(t);
  const argv = await program(
    directory,
    'line',
    `const piece = 'a'.repeat(1_000_000);
     for (let n = 0; n < 100; n += 1) if (!process.stdout.write(piece)) await new Promise((resolve) => process.stdout.once('drain', resolve));`,
  );
  const file = join(directory, 'line.log');
  const command = await commands.start([argv], file);
  const { pid } = command.identity;
  let characters = 0;
  let largest = 0;
  for await (const piece of command.output) {
    characters += piece.length;
    largest = Math.max(largest, await residentMegabytes(pid));
  }
  assert.equal(characters, 100_000_000);
  const exit = await command.exit;
  assert.deepEqual([exit.code, exit.outputBytes, exit.outputLost], [0, 100_000_000, undefined]);
  assert.ok(largest < 400, `the keeper grew to ${largest} MB`);
});

test('a command that closes its output is still waited for', async (t) => {
  const directory = await temporaryDirectory(t);
  const argv = await program(
    directory,
    'closer',
    `import fs from 'node:fs';
     console.log('last words');
     fs.closeSync(1); fs.closeSync(2);
     process.on('SIGTERM', () => process.exit(5));
     setInterval(() => {}, 1000);`,
  );
  const command = endAfter(t, await commands.start([argv], join(directory, 'closer.log')));
  await shows(command.output, 'last words');
  command.signal('SIGTERM');
  assert.equal((await command.exit).code, 5);
});

test('what a command leaves in a session of its own holds nothing up, even with its output still open', async (t) => {
  const directory = await temporaryDirectory(t);
  const daemon = await program(
    directory,
    'daemon',
    `console.log('daemon ' + process.pid); setInterval(() => {}, 1000);`,
  );
  const argv = await program(
    directory,
    'forker',
    `import { spawn } from 'node:child_process';
     import fs from 'node:fs';
     spawn(${JSON.stringify(daemon[0])}, [${JSON.stringify(daemon[1])}], { detached: true, stdio: 'inherit' }).unref();
     const file = ${JSON.stringify(join(directory, 'forker.log'))};
     while (!fs.readFileSync(file, 'utf8').includes('daemon')) await new Promise((resolve) => setTimeout(resolve, 5));
     process.exit(3);`,
  );
  const command = endAfter(t, await commands.start([argv], join(directory, 'forker.log')));
  const pid = Number(/daemon (\d+)/.exec(await all(command.output))?.[1]);
  t.after(() => process.kill(pid, 'SIGKILL'));
  assert.equal((await command.exit).code, 3);
  assert.ok((await startMark(pid)) !== undefined);
});

/** Memory a process holds; 0 when it is gone, or where that is not told. */
async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
