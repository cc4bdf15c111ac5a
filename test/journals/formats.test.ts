/**
 * Journals of released formats, each in a state directory of its own as `scripts/record-journal.ts` left it. Every
 * version reads every one of them, for good. What a run adds up to never changes: a later version may add to
 * `state.json`, and take nothing away. How its record is worded may change. `UPDATE_GOLDEN=1` writes both anew; read the
 * difference before committing it.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decide } from '../../source/engine/decide.ts';
import type { JournalRecord, RunEvent } from '../../source/engine/events.ts';
import { replay } from '../../source/engine/reduce.ts';
import type { RunState } from '../../source/engine/state.ts';
import { readJournal } from '../../source/journal/read.ts';
import { runFiles, stateDirectory } from '../../source/journal/state-directory.ts';
import { newStateDirectory, runPlainly } from '../support/terminal.ts';

const update = process.env['UPDATE_GOLDEN'] === '1';
const here = fileURLToPath(new URL('./', import.meta.url));
const formats = readdirSync(here).filter((name) => name.startsWith('format-'));

/** What a run adds up to, apart from its plan and header, which are in the first record as they were. */
function addedUp({ plan: _plan, header: _header, ...rest }: RunState): unknown {
  return JSON.parse(JSON.stringify(rest));
}

/** Compares with a file, or writes it. */
function golden(file: string, text: string): void {
  if (update) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
}

test('there is a journal of every format there has been', () => {
  assert.deepEqual(formats, ['format-1']);
});

for (const format of formats) {
  const directory = join(here, format);
  const [runId = ''] = readdirSync(join(directory, 'rehearsals'));
  const files = runFiles(stateDirectory(directory, true), runId);

  test(`${format}: the run adds up to what it did, after every record as well`, async () => {
    const { records, state } = await readJournal(files);
    golden(join(directory, 'state.json'), `${JSON.stringify(addedUp(state), undefined, 2)}\n`);
    // What it is kept for is in it.
    const types = new Set(records.map(({ event }) => event.type));
    const wanted: RunEvent['type'][] = [
      'run.lock-taken-over',
      'run.resumed',
      'run.noted',
      'step.retried',
      'step.skipped',
      'step.overridden',
      'step.acknowledged',
      'step.attested',
      'value.captured',
      'run.completed',
    ];
    for (const type of wanted) assert.ok(types.has(type), type);
    assert.ok(
      Object.values(state.steps).some(({ attempts }) => attempts.some(({ interrupted }) => interrupted)),
    );
    // A run may have been cut off after any of them.
    for (let length = 1; length < records.length; length += 1) {
      const cut = replay(records.slice(0, length));
      assert.ok(cut !== undefined && decide(cut).kind !== 'over', `after ${length}`);
      const resumed: JournalRecord = {
        sequence: length + 1,
        time: cut.updatedAt,
        event: { type: 'run.resumed', session: cut.sessions[0]! },
      };
      decide(replay([...records.slice(0, length), resumed])!);
    }
  });

  test(`${format}: it is listed, verified, exported and not resumed`, (t) => {
    const state = newStateDirectory(t);
    cpSync(join(directory, 'rehearsals'), join(state, 'rehearsals'), { recursive: true });
    const [listed] = JSON.parse(runPlainly(['runs', '--rehearse', '--json'], state).stdout) as Record<
      string,
      unknown
    >[];
    assert.deepEqual([listed?.['run'], listed?.['status']], [runId, 'completed-without-proof']);
    const verified = runPlainly(['verify', runId], state);
    assert.equal(verified.status, 0, verified.stdout + verified.stderr);
    assert.match(
      verified.stdout,
      /✔ Every kept output is what its command printed\.\n✔ \d+ records, none altered/,
    );
    const exported = runPlainly(['export', runId], state);
    assert.equal(exported.status, 0, exported.stderr);
    golden(join(directory, 'export.md'), exported.stdout);
    const resumed = runPlainly(['resume', runId], state);
    assert.equal(resumed.status, 2);
    assert.match(resumed.stderr, /has completed/);
    assert.ok(!existsSync(join(state, 'rehearsals', runId, 'lock')));
  });

  test(`${format}: nothing of the machine it was made on is in it`, () => {
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      assert.doesNotMatch(text, /\/(tmp|home|root|work|usr|Users|var|opt)\//, entry.name);
      for (const [, host] of text.matchAll(/"host":"([^"]*)"/g)) assert.equal(host, 'jump-01');
      for (const [, mark] of text.matchAll(/"startMark":"([^/"]*)/g)) assert.equal(mark, 'boot-of-jump-01');
    }
  });
}
