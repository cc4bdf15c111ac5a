/** Where the tool cannot say or keep what it wants to: output nobody takes, a transcript with no place, a taken run id. */
import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { carryOut, openOffice, runIn } from '../support/tool.ts';
import type { Office } from '../support/tool.ts';

/** A file that takes nothing, as one on a full disk. */
function fullFile(t: TestContext): number {
  const file = openSync('/dev/full', 'w');
  t.after(() => closeSync(file));
  return file;
}

function journalOf({ state }: Office): string {
  return readFileSync(join(runIn(state).directory, 'journal.jsonl'), 'utf8');
}

/** Said once, and nothing else. */
const unprintable =
  /^error: what is to be printed cannot be written: ENOSPC: no space left on device, write\.\nMake room, or print it elsewhere\.\n$/;

const linux = { skip: process.platform !== 'linux' && 'there is no /dev/full' };

test(
  'a run nobody hears stops before it acts, and can be resumed; one that completes says what it could not write',
  linux,
  async (t) => {
    const office = await openOffice(t);
    const full = fullFile(t);
    const deaf = await office.start(['run', ...carryOut], { stdio: ['ignore', full, 'pipe'] }).ended;
    assert.equal(deaf.status, 130, deaf.stderr);
    assert.match(deaf.stderr, unprintable);
    assert.match(journalOf(office), /"type":"run\.stopped","reason":"closed"/);

    // A reader that goes away at the first word.
    const left = office.start(['resume', ...carryOut]);
    left.child.stdout?.destroy();
    const { status, stderr } = await left.ended;
    assert.deepEqual([status, stderr], [130, '']);
    assert.deepEqual(office.rehearsal.record().mutations, []);

    // Its record has no place: the run is what it is all the same.
    const { runId, directory } = runIn(office.state);
    rmSync(join(directory, 'transcript.md'));
    mkdirSync(join(directory, 'transcript.md', 'in-the-way'), { recursive: true });
    const completed = await office.start(['resume', ...carryOut]).ended;
    assert.equal(completed.status, 0, completed.stdout + completed.stderr);
    assert.match(
      completed.stderr,
      /^warning: .*transcript\.md cannot be written: illegal operation on a directory\./,
    );
    assert.match(
      completed.stderr,
      new RegExp(`\\nThe record is complete; .* \`aks-kms-runbook export ${runId}\`\\.\n$`),
    );
    assert.doesNotMatch(completed.stdout, /^Transcript: /m);
    assert.equal(office.rehearsal.record().mutations.length, 1);

    // Commands that only print: nothing is lost, and the status says whether it was told.
    const printing = async (words: readonly string[], stdout: number | 'pipe'): Promise<number> => {
      const tool = office.start(words, { stdio: ['ignore', stdout, 'pipe'] });
      tool.child.stdout?.destroy();
      const ended = await tool.ended;
      assert.match(ended.stderr, stdout === full ? unprintable : /^$/, words.join(' '));
      return ended.status;
    };
    assert.equal(await printing(['runs'], full), 1);
    assert.equal(await printing(['export', runId], full), 1);
    assert.equal(await printing(['export', runId], 'pipe'), 0);
    const toFull = await office.start(['export', runId, '--output', '/dev/full']).ended;
    assert.equal(toFull.status, 1);
    assert.match(toFull.stderr, /\/dev\/full cannot be written: no space left on device\.\n/);
    // An error that cannot be told is an error.
    const mute = await office.start(['export', 'none'], { stdio: ['ignore', 'pipe', full] }).ended;
    assert.equal(mute.status, 2);
    assert.equal((await office.start(['verify', runId]).ended).status, 0);
  },
);

test('a run whose error output nobody takes goes on all the same', linux, async (t) => {
  // What Azure makes it wait for is told there while the run is opened.
  const office = await openOffice(t, { faults: ['throttled'] });
  const ended = await office.start(['run', ...carryOut], { stdio: ['ignore', 'pipe', fullFile(t)] }).ended;
  assert.equal(ended.status, 0, ended.stdout);
  assert.equal(office.rehearsal.record().mutations.length, 1);
});

test('a run whose id is taken gets another, and the other run is left as it is', async (t) => {
  const office = await openOffice(t);
  const runs = join(office.state, 'runs');
  // Whatever second it begins in, the first id that chance gives is taken.
  const ids = Array.from({ length: 120 }, (_, second) => {
    const time = new Date(Date.now() + second * 1_000).toISOString();
    return `${time.replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-0000`;
  });
  for (const id of ids) {
    mkdirSync(join(runs, id), { recursive: true });
    writeFileSync(join(runs, id, 'journal.jsonl'), 'of another run');
  }
  const { status, stdout, stderr } = await office.start(['run', '--plain'], { bad: { BAD_RANDOM: 'yes' } })
    .ended;
  assert.equal(status, 3, stdout + stderr);
  const [made, ...more] = readdirSync(runs).filter((id) => !ids.includes(id));
  assert.deepEqual(more, []);
  assert.match(made ?? '', /^\d{8}-\d{6}-[0-9a-f]{4}$/);
  assert.ok(ids.some((id) => id.slice(0, 15) === made?.slice(0, 15)));
  for (const id of ids) {
    assert.deepEqual(readdirSync(join(runs, id)), ['journal.jsonl']);
    assert.equal(readFileSync(join(runs, id, 'journal.jsonl'), 'utf8'), 'of another run');
  }
});
