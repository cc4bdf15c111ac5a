/** Damaged runs: what each command says of them, that nothing of them is changed, and that they hide no other. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JournalRecord } from '../../source/engine/events.ts';
import { chainStart, encodeLine } from '../../source/journal/chain.ts';
import { TerminalSession } from '../support/terminal.ts';
import type { PlainResult } from '../support/terminal.ts';
import { carryOut, openOffice, runIn } from '../support/tool.ts';

interface Damage {
  /** The run it is done to, a copy of the sound one. */
  id: string;
  /** Does it to the run in a directory, whose journal has these lines, newlines included. */
  damage(directory: string, lines: readonly string[]): void;
  /** What it is called; in the words of `verify`, where that tells it otherwise. */
  told: RegExp;
  verify?: { status: number; told: RegExp };
}

/** The lines with a chain that fits what they say. */
function chained(lines: readonly string[]): string {
  let previous = chainStart;
  return lines
    .map((text, index) => {
      const { time, event } = JSON.parse(text) as JournalRecord;
      const { line, hash } = encodeLine({ sequence: index + 1, time, event }, previous);
      previous = hash;
      return `${line}\n`;
    })
    .join('');
}

const write = (directory: string, text: string | Buffer): void =>
  writeFileSync(join(directory, 'journal.jsonl'), text);

/** The text with one bit of one character changed, in the middle. */
function flipped(line: string): string {
  const bytes = Buffer.from(line);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString();
}

function withLast(lines: readonly string[], change: (line: string) => string): string[] {
  const last = lines.length - 1;
  return lines.with(last, change(lines[last]!));
}

const beyondRepair: readonly Damage[] = [
  {
    id: 'bit-flipped',
    damage: (directory, lines) => write(directory, lines.with(3, flipped(lines[3]!)).join('')),
    told: /journal\.jsonl, line 4: the record was altered: its hash does not fit its text\./,
  },
  {
    id: 'bit-flipped-at-the-end',
    damage: (directory, lines) => write(directory, withLast(lines, flipped).join('')),
    told: /journal\.jsonl, line \d\d: the record was altered/,
  },
  {
    id: 'line-missing',
    damage: (directory, lines) => write(directory, lines.toSpliced(2, 1).join('')),
    told: /journal\.jsonl, line 3: the record does not follow the one before it/,
  },
  {
    id: 'lines-reordered',
    damage: (directory, lines) => write(directory, lines.with(2, lines[3]!).with(3, lines[2]!).join('')),
    told: /journal\.jsonl, line 3: the record does not follow the one before it/,
  },
  {
    id: 'nuls-in-the-middle',
    damage: (directory, lines) => write(directory, lines.with(3, `${'\0'.repeat(600)}\n`).join('')),
    told: /journal\.jsonl, line 4: the line is not a journal record\./,
  },
  {
    id: 'cut-short',
    damage: (directory, lines) =>
      write(
        directory,
        lines
          .slice(
            0,
            lines.findIndex((line) => line.includes('"command"')),
          )
          .join(''),
      ),
    told: /journal\.jsonl does not tell of the command that wrote .*enable-pmk-1\.log.*: lines are missing at its end\./,
    verify: {
      status: 1,
      told: /enable-pmk-1\.log is of an attempt the journal does not tell of: lines are missing/,
    },
  },
  {
    id: 'empty',
    damage: (directory) => write(directory, ''),
    told: /journal\.jsonl is empty: the run ended before/,
  },
  {
    id: 'header-cut-off',
    damage: (directory, lines) => write(directory, lines.join('').slice(0, 100)),
    told: /journal\.jsonl is empty: the run ended before/,
  },
  {
    id: 'all-nuls',
    damage: (directory) => write(directory, Buffer.alloc(8192)),
    told: /journal\.jsonl is empty: the run ended before/,
  },
  {
    id: 'newer-format',
    damage: (directory, lines) =>
      write(directory, chained(lines.with(0, lines[0]!.replace('"format":1', '"format":2')))),
    told: /journal\.jsonl is in journal format 2; this version reads format 1\.\s+Use a newer version/,
  },
  ...['"type":"run.levitated"', '"type":"step.levitated","step":"enable-pmk"'].map(
    (event, index): Damage => ({
      id: `unknown-event-${index}`,
      damage: (directory, lines) =>
        write(directory, chained([...lines, lines.at(-1)!.replace(/"type":"[^"]+"/, event)])),
      told: /line \d+: this version does not know such a record \((run|step)\.levitated\)\./,
    }),
  ),
  {
    id: 'journal-deleted',
    damage: (directory) => rmSync(join(directory, 'journal.jsonl')),
    told: /journal\.jsonl is missing: the run ended before it began, or the file was deleted\./,
  },
  {
    id: 'journal-a-directory',
    damage(directory) {
      rmSync(join(directory, 'journal.jsonl'));
      mkdirSync(join(directory, 'journal.jsonl'));
    },
    told: /journal\.jsonl cannot be read: illegal operation on a directory\./,
  },
];

const repairable: readonly Damage[] = [
  {
    id: 'torn',
    damage: (directory, lines) => truncateSync(join(directory, 'journal.jsonl'), lines.join('').length - 10),
    told: /cut off/,
  },
  {
    id: 'nuls-at-the-end',
    damage: (directory, lines) => write(directory, `${lines.join('')}${'\0'.repeat(4096)}`),
    told: /A last record was cut off while it was written \(4096 bytes\); resuming removes it\./,
  },
  {
    id: 'hole-in-the-last-line',
    damage: (directory, lines) =>
      write(directory, withLast(lines, (line) => `${'\0'.repeat(64)}${line.slice(64)}`).join('')),
    told: /cut off/,
  },
];

test('a damaged run: each command says what is wrong, changes nothing, and the others are not hidden', async (t) => {
  const office = await openOffice(t, { faults: ['update-fails-once'] });
  const failed = await office.start(['run', ...carryOut]).ended;
  assert.equal(failed.status, 1, failed.stderr);
  const { runId, directory } = runIn(office.state);
  const lines = readFileSync(join(directory, 'journal.jsonl'), 'utf8').split(/(?<=\n)/);
  const place = (id: string): string => join(directory, '..', id);
  const copy = ({ id, damage }: Pick<Damage, 'id' | 'damage'>): string => {
    cpSync(directory, place(id), { recursive: true });
    damage(place(id), lines);
    return place(id);
  };
  const tell = (...words: string[]): Promise<PlainResult> => office.start(words).ended;
  const content = (id: string): string =>
    readdirSync(place(id), { recursive: true, withFileTypes: true })
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return `${path} ${entry.isFile() ? readFileSync(path, 'base64') : ''}`;
      })
      .sort()
      .join('\n');

  for (const damage of beyondRepair) {
    const { id, told, verify } = damage;
    copy(damage);
    const before = content(id);
    const [verified, resumed, exported] = await Promise.all([
      tell('verify', id),
      tell('resume', id, ...carryOut),
      tell('export', id),
    ]);
    for (const [what, { status, stdout, stderr }] of Object.entries({ verified, resumed, exported })) {
      const expected = what === 'verified' ? (verify ?? { status: 1, told }) : { status: 1, told };
      assert.equal(status, expected.status, `${id} ${what}: ${stdout}${stderr}`);
      assert.match(stdout + stderr, expected.told, `${id} ${what}`);
      assert.doesNotMatch(stderr, /defect/, `${id} ${what}`);
      // What to do about it.
      if (what !== 'verified')
        assert.match(stderr, /backup|new run|newer version|permissions|version of the tool/, id);
    }
    assert.equal(content(id), before, id);
  }

  const recorded = (id: string): string => readFileSync(join(place(id), 'journal.jsonl'), 'utf8');
  for (const damage of repairable) {
    const { id, told } = damage;
    copy(damage);
    const verified = await tell('verify', id);
    assert.deepEqual([verified.status, verified.stderr], [0, ''], id + verified.stdout);
    assert.match(verified.stdout, told, id);
    const resumed = await tell('resume', id, '--plain');
    // It stops where the sound one stopped.
    assert.equal(resumed.status, 1, id + resumed.stdout + resumed.stderr);
    assert.match(resumed.stdout, /InternalOperationError/, id);
    assert.match(recorded(id), /"type":"run\.journal-repaired","droppedBytes":\d+/, id);
    assert.doesNotMatch(recorded(id), /\0/, id);
  }

  const gone = copy({ id: 'output-missing', damage: () => undefined });
  rmSync(join(gone, 'output', 'enable-pmk-1.log'));
  const verified = await tell('verify', 'output-missing');
  assert.equal(verified.status, 1);
  assert.match(
    verified.stdout,
    /enable-pmk-1\.log is not what step enable-pmk, attempt 1 printed: it is missing\./,
  );
  assert.match(verified.stdout, /none altered, missing or out of order/);
  assert.match(
    (await tell('export', 'output-missing')).stdout,
    /output that was kept is missing or was altered/,
  );

  const locked = copy({ id: 'lock-garbage', damage: () => undefined });
  writeFileSync(join(locked, 'lock'), '\0\0\0\0');
  const refused = await tell('resume', 'lock-garbage', '--plain');
  assert.equal(refused.status, 4, refused.stderr);
  assert.match(refused.stderr, /is locked, and .*lock does not tell by whom: it is damaged\.\n.*--take-over/);
  for (const command of ['verify', 'export']) assert.equal((await tell(command, 'lock-garbage')).status, 0);
  const taken = await tell('resume', 'lock-garbage', '--plain', '--take-over', 'The machine lost power.');
  assert.equal(taken.status, 1, taken.stdout + taken.stderr);
  assert.match(
    (await tell('export', 'lock-garbage')).stdout,
    /Lock taken over from a holder it no longer named.*lost power/,
  );

  // Beside what is no run at all.
  mkdirSync(place('not a run id'));
  writeFileSync(join(place('not a run id'), 'journal.jsonl'), 'x');
  writeFileSync(place('a-file'), 'x');
  mkdirSync(place('just-begun'));
  const listed = await tell('runs');
  assert.equal(listed.status, 0, listed.stderr);
  const rows = listed.stdout.split('\n');
  for (const { id, told } of beyondRepair.filter((damage) => damage.id !== 'cut-short')) {
    const row = rows.find((line) => line.startsWith(`${id} `)) ?? '';
    assert.match(row, /^\S+ +unreadable /, id);
    assert.match(row.replace(/$/, '\nUse a newer version'), told, id);
  }
  assert.match(rows.find((line) => line.startsWith('not a run id')) ?? '', /unreadable .* is not a run id/);
  for (const id of [runId, 'torn', 'output-missing', 'lock-garbage'])
    assert.match(rows.find((line) => line.startsWith(`${id} `)) ?? '', / failed /, id);
  const json = JSON.parse((await tell('runs', '--json')).stdout) as { run: string; problem?: string }[];
  assert.equal(json.filter(({ problem }) => problem !== undefined).length, beyondRepair.length);
  assert.equal(json.length, rows.length - 2);

  // Which was worked on last cannot be told, so none is taken for it.
  const latest = await tell('resume');
  assert.equal(latest.status, 2, latest.stdout);
  assert.match(latest.stderr, /worked on last cannot be told: .*\nGive the id of the run/);

  const screen = TerminalSession.open(t, ['--state-dir', office.state], { stateDirectory: office.home });
  const home = await screen.see(/Resume .* blue/);
  assert.match(home, new RegExp(`\\d runs are unfinished\\. Unreadable: ${beyondRepair.length} `));
});
