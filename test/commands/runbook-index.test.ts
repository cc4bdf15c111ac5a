import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { shippedRunbookFiles } from '../../source/commands/runbook-files.ts';
import { readRunbookFile } from '../../source/commands/runbook-reading.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { root } from '../support/terminal.ts';

/** A copy of the built tool, to change its runbooks and its index. */
async function copy(t: TestContext): Promise<{ home: string; list: () => string }> {
  const home = await temporaryDirectory(t);
  await cp(join(root, 'dist'), join(home, 'dist'), { recursive: true });
  await cp(join(root, 'runbooks'), join(home, 'runbooks'), { recursive: true });
  await cp(join(root, 'package.json'), join(home, 'package.json'));
  await symlink(join(root, 'node_modules'), join(home, 'node_modules'));
  const list = (): string =>
    execFileSync(process.execPath, [join(home, 'dist', 'cli.js'), 'list'], { encoding: 'utf8' });
  return { home, list };
}

test('the index tells of every runbook exactly what its file says', async () => {
  const index = JSON.parse(await readFile(join(root, 'dist', 'runbooks.json'), 'utf8')) as {
    runbooks: unknown[];
  };
  const read = shippedRunbookFiles().map(({ file }) => readRunbookFile(file).runbook);
  assert.equal(read.length, 6);
  assert.deepEqual(index.runbooks, JSON.parse(JSON.stringify(read)));
});

/** Changes the titles the index tells of, and nothing it tells of the files. */
async function retitle(index: string): Promise<void> {
  const { files, runbooks } = JSON.parse(await readFile(index, 'utf8')) as {
    files: string;
    runbooks: { title: string }[];
  };
  const retitled = runbooks.map((runbook) => ({
    ...runbook,
    title: `Taken from the index: ${runbook.title}`,
  }));
  await writeFile(index, JSON.stringify({ files, runbooks: retitled }));
}

test('the index is taken while the files are as the build read them', async (t) => {
  const { home, list } = await copy(t);
  const index = join(home, 'dist', 'runbooks.json');
  await retitle(index);
  assert.match(list(), /Taken from the index: /);
});

test('a runbook or fragment that was changed is read again, and so is everything without an index', async (t) => {
  const { home, list } = await copy(t);
  const before = list();
  const index = join(home, 'dist', 'runbooks.json');
  await retitle(index);
  const fragment = join(home, 'runbooks', 'fragments', 'afterwards.yaml');
  await writeFile(fragment, `${await readFile(fragment, 'utf8')}# changed\n`);
  assert.equal(list(), before);
  await writeFile(index, '{"files": ');
  assert.equal(list(), before);
});
