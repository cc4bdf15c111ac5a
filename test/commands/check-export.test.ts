import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { checkExport } from '../../source/commands/check-export.ts';
import { patternRedactor } from '../../source/commands/redact-patterns.ts';
import { version } from '../../source/commands/version.ts';
import { readChain } from '../../source/journal/chain.ts';
import { toJson } from '../../source/transcript/json.ts';
import type { RecordExport } from '../../source/transcript/model.ts';
import { enable, header, Journal, session } from '../transcript/fixtures.ts';
import { completedRun, troubledRun } from '../transcript/journals.ts';

/** The same bytes are altered in every run of these tests. */
const seed = 20261121;

function exported(journal = troubledRun(), redact?: string[]): Buffer {
  const redactMore = patternRedactor(redact)?.redact;
  return Buffer.from(toJson(journal.record({ redactMore }), journal.lines(), { version, redactMore }));
}

/** The file with something in it changed, and a digest that fits the change. */
function forged(file: Buffer, change: (content: RecordExport) => void): Buffer {
  const content = JSON.parse(file.toString()) as RecordExport;
  change(content);
  const { sha256: _, ...rest } = content;
  const body = JSON.stringify(rest, undefined, 2).slice(0, -2);
  return Buffer.from(`${body},\n  "sha256": "${createHash('sha256').update(body).digest('hex')}"\n}\n`);
}

/** Where an export with such a change, and a digest that fits it, is found to be altered. */
function where(change: (content: RecordExport) => void): string | undefined {
  return checkExport(forged(exported(), change)).problems[0]?.where;
}

test('an export is as it was made, and says so', () => {
  const reading = checkExport(exported());
  assert.deepEqual(reading.problems, []);
  assert.equal(reading.records, troubledRun().records.length);
  assert.equal(reading.hashes.at(-1), troubledRun().record().journal.chainHead);
  assert.equal(reading.recomputed, true);
  assert.deepEqual(checkExport(forged(exported(), () => undefined)).problems, []);
});

test('any altered byte of an export is found, and its place is named', (t) => {
  t.diagnostic(`seed ${seed}`);
  const file = exported();
  const text = file.toString();
  const journalAt = Buffer.byteLength(text.slice(0, text.indexOf('\n  "journal": [')));
  const places = new Set<string>();
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const altered = Buffer.from(file);
      altered[at] = (altered[at] ?? 0) ^ change;
      const [problem] = checkExport(altered).problems;
      assert.ok(problem, `byte ${at} changed and nothing was found`);
      places.add(problem.where.replaceAll(/\d+/g, 'N'));
      const broken = /^line (\d+) of the file$/.exec(problem.where)?.[1];
      const lineOfByte = file.subarray(0, at).toString('latin1').split('\n').length;
      if (broken !== undefined)
        assert.ok(Math.abs(Number(broken) - lineOfByte) <= 1, `${broken}, ${lineOfByte}`);
      const record = /^journal, record (\d+)$/.exec(problem.where)?.[1];
      if (record === undefined) return;
      // The line it is on, or the next one, which no longer follows it.
      const lines = file.subarray(journalAt, at).toString('latin1').split('\n').length - 2;
      assert.ok(
        Number(record) === lines || Number(record) === lines + 1,
        `${problem.where} for line ${lines}`,
      );
    }),
    { seed, numRuns: 400 },
  );
  t.diagnostic([...places].join('; '));
  for (const place of ['journal, record N', 'line N of the file', 'record.'])
    assert.ok(
      [...places].some((found) => found.startsWith(place)),
      place,
    );
});

test('any altered byte of a journal is found, and its line is named', (t) => {
  t.diagnostic(`seed ${seed}`);
  const journal = Buffer.from(
    troubledRun()
      .lines()
      .map((line) => `${line}\n`)
      .join(''),
  );
  assert.equal(readChain(journal).problem, undefined);
  fc.assert(
    fc.property(fc.nat(journal.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const altered = Buffer.from(journal);
      altered[at] = (altered[at] ?? 0) ^ change;
      const { problem } = readChain(altered);
      const line = journal.subarray(0, at).toString('latin1').split('\n').length;
      assert.equal(problem?.line, line);
    }),
    { seed, numRuns: 2000 },
  );
});

test('a space that was put between lines is found, and its line is named', () => {
  const lines = exported().toString().split('\n');
  const altered = Buffer.from(lines.with(6, `${lines[6]} `).join('\n'));
  assert.equal(checkExport(altered).problems[0]?.where, 'line 7 of the file');
  const longer = Buffer.from(lines.toSpliced(6, 0, '').join('\n'));
  assert.equal(checkExport(longer).problems[0]?.where, 'line 7 of the file');
});

test('a record that its journal does not give is found although its digest fits', () => {
  const altered = forged(exported(), ({ record }) => {
    record.tenant = 'another';
  });
  assert.deepEqual(checkExport(altered).problems, [
    { where: 'record.tenant', what: 'it is not what the journal gives' },
  ]);
});

test('a line that was changed, taken out or put in is found although the digest of the file fits', () => {
  assert.equal(
    where(({ journal }) => journal.splice(3, 1, String(journal[3]).replace('az-version', 'az-versiom'))),
    'journal, record 4',
  );
  assert.equal(
    where(({ journal }) => journal.splice(3, 1)),
    'journal, record 4',
  );
  assert.equal(
    where(({ journal }) => journal.splice(3, 0, String(journal[2]))),
    'journal, record 4',
  );
  assert.equal(
    where(({ journal }) => journal.pop()),
    'record.journal.chainHead',
  );
});

test('an output that was changed is named although the digest of the file fits', () => {
  const altered = forged(exported(completedRun()), ({ record }) => {
    const output = record.sections[1]?.steps[0]?.attempts[0]?.output;
    assert.ok(output);
    output.text = output.text.replace('Succeeded', 'Failed');
  });
  const [problem] = checkExport(altered).problems;
  assert.equal(problem?.where, 'output of step enable-pmk, attempt 1');
});

/** What is found in an export one of whose outputs was changed, with digests that fit the change. */
function withOutput(change: (output: { text: string; leftOut: number; sha256: string }) => void) {
  return checkExport(
    forged(exported(completedRun()), ({ record }) => {
      const output = record.sections[1]?.steps[0]?.attempts[0]?.output;
      assert.ok(output);
      change(output);
      output.sha256 = createHash('sha256').update(output.text).digest('hex');
    }),
  );
}

test('an output that is not what the journal tells of is named although its own digest fits', () => {
  const whole = withOutput(() => undefined);
  assert.deepEqual([whole.problems, whole.wholeOutputs, whole.partOutputs], [[], 1, 1]);
  const other = withOutput((output) => (output.text = output.text.replace('Succeeded', 'Failed')));
  assert.deepEqual(other.problems, [
    {
      where: 'output of step enable-pmk, attempt 1',
      what: 'it is not what the journal says the command printed',
    },
  ]);
  // One that says it was shortened is not counted as what was printed.
  const shortened = withOutput((output) => {
    output.text = output.text.replace('Succeeded', 'Failed');
    output.leftOut = 1;
  });
  assert.deepEqual([shortened.wholeOutputs, shortened.partOutputs], [0, 2]);
});

test('a secret still in the journal is withheld with its line, and the rest can be checked', () => {
  const secret = 'S3cr3tWord';
  const journal = new Journal()
    .add(0, { type: 'run.started', header, session: session() })
    .add(1, {
      type: 'step.started',
      step: 'enable-pmk',
      attempt: 1,
      command: [[...enable, '--password', secret]],
    })
    .add(1, { type: 'value.captured', step: 'enable-pmk', name: 'STORAGE_PASSWORD', value: secret })
    .add(1, { type: 'run.noted', text: 'Nothing to hide.' });
  const file = exported(journal);
  assert.ok(!file.includes(secret));
  const reading = checkExport(file);
  assert.deepEqual(reading.problems, []);
  assert.equal(reading.withheld, 2);
  assert.match(String(reading.recomputed), /something was taken out/);
  const { journal: lines } = JSON.parse(file.toString()) as RecordExport;
  assert.deepEqual(
    lines.map((line) => typeof line),
    ['string', 'object', 'object', 'string'],
  );
  const moved = forged(file, (content) => {
    const line = content.journal[1];
    assert.ok(typeof line === 'object');
    line.hash = '0'.repeat(64);
  });
  assert.equal(checkExport(moved).problems[0]?.where, 'journal, record 3');
});

test('what the operator asks to have taken out is nowhere in the export, which can still be checked', () => {
  const file = exported(troubledRun(), ['noor|mia', 'CHG-\\d+']);
  assert.doesNotMatch(file.toString(), /noor|mia|CHG-4711/);
  const reading = checkExport(file);
  assert.deepEqual(reading.problems, []);
  assert.ok(reading.withheld > 0 && reading.withheld < reading.records);
  assert.equal(reading.hashes.at(-1), troubledRun().record().journal.chainHead);
});

test('an export of another version is checked, but not compared word for word', () => {
  const file = Buffer.from(toJson(troubledRun().record(), troubledRun().lines(), { version: '0.0.1' }));
  const reading = checkExport(file);
  assert.deepEqual(reading.problems, []);
  assert.match(String(reading.recomputed), /version 0\.0\.1/);
});

test('a file that is something else is told from a change record', () => {
  assert.match(
    checkExport(Buffer.from('{"format": 1}')).problems[0]?.what ?? '',
    /not what a change record has/,
  );
  assert.equal(checkExport(Buffer.from('{"a": tru}')).problems[0]?.where, 'line 1 of the file');
  assert.equal(checkExport(exported().subarray(0, 5000)).problems.length, 1);
});

test('whatever the bytes are, checking them does not throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((json) => Buffer.from(json)),
      ),
      (bytes) => {
        assert.ok(checkExport(bytes).problems.length > 0);
      },
    ),
  );
});
