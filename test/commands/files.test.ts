import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeWhole } from '../../source/commands/change-record.ts';
import { listRuns } from '../../source/commands/runs.ts';
import { chainStart, encodeLine } from '../../source/journal/chain.ts';
import { stateDirectory } from '../../source/journal/state-directory.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { plan, started } from '../support/runs.ts';

test('what a link points to is written, and the link stays', async (t) => {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'file'), 'old');
  await symlink('file', join(directory, 'link'));
  await writeWhole(join(directory, 'link'), 'new');
  assert.equal(await readFile(join(directory, 'file'), 'utf8'), 'new');
  assert.ok((await lstat(join(directory, 'link'))).isSymbolicLink());
});

test('a pipe is written to and not replaced', async (t) => {
  const directory = await temporaryDirectory(t);
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reading = readFile(pipe, 'utf8');
  await writeWhole(pipe, 'text');
  assert.equal(await reading, 'text');
  assert.ok((await lstat(pipe)).isFIFO());
});

test('a file that cannot be written is an error with its reason', async (t) => {
  const directory = await temporaryDirectory(t);
  await assert.rejects(
    writeWhole(join(directory, 'missing', 'file'), 'x'),
    /cannot be written: no such file or directory/,
  );
});

test('one run that cannot be read does not hide the others', async (t) => {
  const directory = stateDirectory(await temporaryDirectory(t), false);
  const write = async (id: string, event: unknown): Promise<void> => {
    await mkdir(join(directory.runs, id), { recursive: true });
    const record = { sequence: 1, time: '2026-11-21T20:15:00.000Z', event } as never;
    await writeFile(join(directory.runs, id, 'journal.jsonl'), `${encodeLine(record, chainStart).line}\n`);
  };
  await write('a-good', started(plan()));
  await write('b-headless', { type: 'run.started' });
  await write('c-planless', { type: 'run.started', header: { format: 1 } });
  const runs = await listRuns(directory);
  assert.deepEqual(
    runs.map(({ runId, state }) => [runId, state !== undefined]),
    [
      ['c-planless', false],
      ['b-headless', false],
      ['a-good', true],
    ],
  );
});
