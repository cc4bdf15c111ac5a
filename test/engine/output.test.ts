/** What is kept of an output to look at: the newest lines, however its text was cut. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputBuffer } from '../../source/engine/output.ts';

/** The text cut into pieces of these lengths, over and over. */
function cut(text: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += pieces.at(-1)?.length ?? 0) {
    const length = lengths[pieces.length % lengths.length] ?? 1;
    pieces.push(text.slice(at, at + length));
  }
  return pieces;
}

function filled(pieces: readonly string[], capacity?: number): OutputBuffer {
  const buffer = new OutputBuffer(capacity);
  for (const piece of pieces) buffer.append(piece);
  return buffer;
}

const lines = Array.from({ length: 6000 }, (_, number) => `${number} ${'-'.repeat(number % 41)}`);
const text = lines.join('\n');

for (const lengths of [[1], [7, 3, 1], [40_000], [500, 33_000, 1], [1_000_000]]) {
  test(`lines are the same in pieces of ${lengths.join(', ')} characters`, () => {
    const buffer = filled(cut(text, lengths));
    assert.equal(buffer.length, lines.length);
    assert.equal(buffer.dropped, 0);
    assert.deepEqual(buffer.slice(0, lines.length), lines);
    for (const from of [0, 1, 1311, 5990]) {
      assert.deepEqual(buffer.slice(from, from + 1), lines.slice(from, from + 1));
      assert.deepEqual(buffer.slice(from, from + 2000), lines.slice(from, from + 2000));
    }
    assert.deepEqual(buffer.tail(3), lines.slice(-3));
  });

  test(`the newest lines stay in pieces of ${lengths.join(', ')} characters, and the others are counted`, () => {
    const buffer = filled(cut(text, lengths), 500);
    assert.equal(buffer.length, lines.length);
    assert.ok(buffer.dropped > 0);
    assert.ok(buffer.length - buffer.dropped >= 500);
    assert.ok(buffer.length - buffer.dropped <= 2500);
    assert.deepEqual(buffer.slice(0, lines.length), lines.slice(buffer.dropped));
  });
}

test('what is looked at between two pieces does not change what follows', () => {
  const buffer = new OutputBuffer();
  for (const piece of cut(text, [19])) {
    buffer.append(piece);
    buffer.tail(2);
  }
  assert.deepEqual(buffer.slice(0, lines.length), lines);
});

test('a line without end is one line', () => {
  const buffer = filled(['first\nand', ' this', ' goes on']);
  assert.equal(buffer.length, 2);
  assert.deepEqual(buffer.tail(1), ['and this goes on']);
  buffer.append('\n\n');
  assert.deepEqual(buffer.tail(2), ['and this goes on', '']);
  assert.equal(buffer.length, 3);
  buffer.clear();
  assert.equal(buffer.length, 0);
  assert.deepEqual(buffer.tail(2), []);
});
