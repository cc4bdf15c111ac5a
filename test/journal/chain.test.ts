import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, integer, nat, property, uint8Array } from 'fast-check';
import { chainStart, encodeLine, readChain } from '../../source/journal/chain.ts';
import type { RunEvent } from '../../source/engine/events.ts';

const events: RunEvent[] = [
  { type: 'run.noted', text: 'first' },
  { type: 'run.noted', text: 'zweite – ünïcode 日本' },
  { type: 'run.noted', text: 'third\nwith a newline and a "hash":"0000"}' },
];

function journal(): Buffer {
  let previous = chainStart;
  const lines = events.map((event, index) => {
    const time = `2026-11-21T20:15:0${index}.000Z`;
    const { line, hash } = encodeLine({ sequence: index + 1, time, event }, previous);
    previous = hash;
    return `${line}\n`;
  });
  return Buffer.from(lines.join(''));
}

function lines(): string[] {
  return journal().toString().split('\n').slice(0, -1);
}

function problemOf(text: string): string {
  const { problem } = readChain(Buffer.from(text));
  return problem === undefined ? 'none' : `${problem.line}: ${problem.what}`;
}

test('a journal reads back as it was written', () => {
  const reading = readChain(journal());
  assert.deepEqual(
    reading.records.map(({ event }) => event),
    events,
  );
  assert.equal(reading.problem, undefined);
  assert.equal(reading.tornBytes, 0);
  assert.equal(reading.goodBytes, journal().length);
});

test('an empty file is an empty journal', () => {
  const nothing = { records: [], hashes: [], head: chainStart, goodBytes: 0, tornBytes: 0 };
  assert.deepEqual(readChain(Buffer.alloc(0)), nothing);
});

test('a torn last line is told apart from an altered one, at every length', () => {
  const bytes = journal();
  const lastStart = bytes.subarray(0, -1).lastIndexOf(10) + 1;
  for (let end = lastStart + 1; end < bytes.length; end += 1) {
    const reading = readChain(bytes.subarray(0, end));
    assert.equal(reading.records.length, 2);
    assert.equal(reading.problem, undefined);
    assert.equal(reading.goodBytes, lastStart);
    assert.equal(reading.tornBytes, end - lastStart);
  }
});

test('any altered byte is found', () => {
  const bytes = journal();
  check(
    property(nat(bytes.length - 1), integer({ min: 1, max: 255 }), (at, change) => {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ change;
      const reading = readChain(altered);
      assert.ok(reading.problem, `byte ${at} changed and nothing was found`);
      const lineOfByte = bytes.subarray(0, at).toString('latin1').split('\n').length;
      assert.ok(reading.problem.line <= lineOfByte + 1);
    }),
    { numRuns: 2000 },
  );
});

test('bytes that only look the same once they are read as text are found', () => {
  const event: RunEvent = { type: 'run.noted', text: 'half a character: \uFFFD' };
  const { line } = encodeLine({ sequence: 1, time: '2026-11-21T20:15:00.000Z', event }, chainStart);
  const bytes = Buffer.from(`${line}\n`);
  assert.equal(readChain(bytes).problem, undefined);
  const at = bytes.indexOf('\uFFFD');
  const altered = Buffer.concat([bytes.subarray(0, at), Buffer.of(0xff), bytes.subarray(at + 3)]);
  assert.equal(altered.toString(), bytes.toString());
  assert.match(readChain(altered).problem?.what ?? 'none', /altered/);
});

test('missing, repeated and reordered lines are found where they are', () => {
  const [first = '', second = '', third = ''] = lines();
  const gap = 'the record does not follow the one before it: a line is missing, added or out of order';
  assert.equal(problemOf(`${first}\n${third}\n`), `2: ${gap}`);
  assert.equal(problemOf(`${second}\n${third}\n`), `1: ${gap}`);
  assert.equal(problemOf(`${first}\n${first}\n`), `2: ${gap}`);
  assert.equal(problemOf(`${first}\n${third}\n${second}\n`), `2: ${gap}`);
  assert.equal(problemOf(`${first}\n\n${second}\n`), '2: the line is not a journal record');
});

test('whatever the bytes are, reading them does not throw', () => {
  check(
    property(uint8Array({ maxLength: 400 }), (noise) => {
      readChain(noise);
      readChain(Buffer.concat([journal(), noise]));
    }),
  );
});
