/** What has to be on disk before something else is done, which no kill of a process shows: only a machine that stops does. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { place } from './place.ts';
import { beginSitting } from './sitting.ts';

test('what is done rests on what has been synced', async (t) => {
  const directory = await mkdtemp(join(place, 'crash-order-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const { diary } = await beginSitting(directory, 'kms-v2-private-to-cmk', null);
  const of = (wanted: string): string[] =>
    diary.flatMap((line) => ('name' in line && line.role === wanted ? line.name : []));
  const [tool, keeper] = [of('tool'), of('keeper')];

  const written = tool.filter((name) => name.startsWith('write journal.jsonl '));
  assert.ok(written.length > 90);
  for (const name of written)
    assert.equal(tool[tool.indexOf(name) + 1], name.replace('write', 'sync'), `after ${name}`);
  assert.equal(tool[tool.indexOf('start keeper') - 1], 'sync journal.jsonl step.started enable-cmk');
  assert.ok(tool.includes('sync journal.jsonl step.confirmed enable-cmk'));

  const before = (name: string, ...others: string[]): void => {
    const at = keeper.indexOf(name);
    assert.notEqual(at, -1, `${name} is not in ${keeper.join('; ')}`);
    for (const other of others)
      assert.ok(keeper.slice(0, at).includes(other), `${other} does not come before ${name}`);
  };
  const log = 'enable-cmk-1.log';
  // The directory is synced for the name, the file for what it says.
  before('tell tool ready', `sync ${log}.keeper.json`, 'sync output');
  before(`rename to ${log}.keeper.json`, `sync ${log}.keeper.json.new`);
  before('tell tool started', 'sync output #2');
  before(`rename to ${log}.exit.json`, `sync ${log}`, `sync ${log}.exit.json.new`);
  assert.equal(keeper.at(-1), 'sync output #3');
});
