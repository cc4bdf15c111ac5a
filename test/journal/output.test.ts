import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readOutput } from '../../source/journal/output.ts';
import { runFiles } from '../../source/journal/state-directory.ts';
import { temporaryDirectory } from '../support/directory.ts';

test('an output is read whole or from its end, and its lines are counted all the same', async (t) => {
  const root = await temporaryDirectory(t);
  const files = runFiles({ root, runs: root, clusters: root, rehearsal: false }, 'run');
  await mkdir(files.output, { recursive: true });
  const write = (text: string): Promise<void> => writeFile(join(files.output, 'step-1.log'), text);
  const read = (maxBytes: number) => readOutput(files, 'step', 1, maxBytes);
  assert.equal(await read(100), undefined);
  await write('one\ntwo\nthree\n');
  assert.deepEqual(await read(100), { text: 'one\ntwo\nthree\n', lines: 3 });
  assert.deepEqual(await read(14), { text: 'one\ntwo\nthree\n', lines: 3 });
  assert.deepEqual(await read(13), { text: 'two\nthree\n', lines: 3 });
  await write('one\ntwo');
  assert.deepEqual(await read(100), { text: 'one\ntwo', lines: 2 });
  assert.deepEqual(await read(5), { text: 'two', lines: 2 });
});
