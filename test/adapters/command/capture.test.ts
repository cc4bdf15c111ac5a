import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { runForText } from '../../../source/adapters/command/capture.ts';
import { program, temporaryDirectory } from './programs.ts';

const environment = process.env;

test('gives back what a program prints and its exit status', async (t) => {
  const directory = await temporaryDirectory(t);
  const [node, script] = await program(
    directory,
    'text',
    `process.stdout.write('out\\n'); process.stderr.write('\\x1b[31mpassword=canary\\x1b[0m'); process.exitCode = 2;`,
  );
  const result = await runForText([node ?? '', script ?? ''], { environment });
  assert.deepEqual(result, { code: 2, stdout: 'out\n', stderr: 'password=[redacted]' });
});

test('a missing program and one that takes too long are results', async (t) => {
  const directory = await temporaryDirectory(t);
  const missing = await runForText(['no-such-program-here'], { environment });
  assert.deepEqual([missing.code, missing.failure], [null, 'missing']);
  const [node, script] = await program(directory, 'slow', `setInterval(() => {}, 1000)`);
  const slow = await runForText([node ?? '', script ?? ''], { environment, timeout: 50 });
  assert.deepEqual([slow.code, slow.failure], [null, 'timeout']);
});

test('aborting rejects with the reason', async (t) => {
  const directory = await temporaryDirectory(t);
  const [node, script] = await program(directory, 'slow', `setInterval(() => {}, 1000)`);
  const stop = new AbortController();
  const reason = new Error('enough');
  const running = runForText([node ?? '', script ?? ''], { environment, signal: stop.signal });
  stop.abort(reason);
  await assert.rejects(running, reason);
  await assert.rejects(runForText(['true'], { environment, signal: stop.signal }), reason);
});
