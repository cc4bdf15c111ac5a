import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { clean, createCleaner } from '../../source/engine/clean.ts';

const cases: [name: string, from: string, to: string][] = [
  ['colours', 'a\u001b[1;31mred\u001b[0m b', 'ared b'],
  ['cursor movement and clearing', '\u001b[2J\u001b[H\u001b[?25lx\u001b[3A', 'x'],
  ['a title ended by BEL', '\u001b]0;owned\u0007x', 'x'],
  ['a link ended by ST', '\u001b]8;;https://evil\u001b\\text\u001b]8;;\u001b\\', 'text'],
  ['a string ended by 8-bit ST', '\u001bPq#0\u009cx', 'x'],
  ['DCS, APC, PM and SOS', '\u001bPa\u001b\\\u001b_b\u001b\\\u001b^c\u001b\\\u001bXd\u001b\\x', 'x'],
  ['8-bit CSI and OSC', '\u009b31mx\u009d0;t\u0007y\u0090z\u009c', 'xy'],
  ['character sets and lone ESC', '\u001b(Bx\u001b7y\u001bcz\u001b', 'xyz'],
  ['ESC before a newline', 'a\u001b\nb', 'a\nb'],
  ['ESC before a character of another script', 'a\u001bäb', 'aäb'],
  ['a sequence broken off by another', '\u001b[12\u001b[31mx', 'x'],
  ['a sequence cancelled', '\u001b[12\u0018x', 'x'],
  ['an unfinished sequence ends with its line', '\u001b]0;never\nshown\u001b[31', '\nshown'],
  ['control characters', 'a\0\u0007\b\u000b\u000c\u007fb\u0085c', 'abc'],
  ['tabs and newlines stay', 'a\tb\nc', 'a\tb\nc'],
  ['carriage returns', 'a\r\nb\rc\r\n\r\nd', 'a\nb\nc\n\nd'],
  ['line separators', 'a\u2028b', 'a\nb'],
  ['reordering characters', 'a\u202eb\u202cc\u2066d\u2069e\u200ff', 'abcdef'],
  ['invisible characters', 'pass\u200bwo\ufeffrd\u2060\u{e0041}', 'password'],
  ['emoji and joined scripts stay', '👩‍🚀 नमस्ते 漢字', '👩‍🚀 नमस्ते 漢字'],
];
for (const [name, from, to] of cases) test(name, () => assert.equal(clean(from), to));

/** Text with everything in it that terminals act on. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001b',
        '\u001b[',
        '\u001b]',
        '\u001bP',
        '\u009b',
        '\u009d',
        '\u001b\\',
        '\u0007',
        '\u009c',
      ),
      fc.constantFrom(
        '\r',
        '\n',
        '\r\n',
        '\t',
        '\u0018',
        '31m',
        '0;title',
        '\u202e',
        '\u{e0041}',
        '😀',
        'text',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

test('nothing a terminal acts on is left, and cleaning again changes nothing', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const cleaned = clean(text);
      assert.doesNotMatch(cleaned, /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]/u);
      assert.equal(clean(cleaned), cleaned);
    }),
  );
});

test('where the text is cut makes no difference', () => {
  fc.assert(
    fc.property(hostile, fc.array(fc.nat(200)), (text, cuts) => {
      const cleaner = createCleaner();
      let cleaned = '';
      let from = 0;
      for (const cut of [...cuts, text.length].sort((a, b) => a - b)) {
        cleaned += cleaner.push(text.slice(from, cut));
        from = Math.max(from, cut);
      }
      assert.equal(cleaned + cleaner.push(text.slice(from)) + cleaner.end(), clean(text));
    }),
  );
});

test('text passes through at once, and an endless sequence is given up', () => {
  const cleaner = createCleaner();
  assert.equal(cleaner.push('no newline yet'), 'no newline yet');
  cleaner.push('\u001b]0;');
  let shown = '';
  for (let pieces = 0; pieces < 100; pieces += 1) shown += cleaner.push('x'.repeat(1_000));
  assert.ok(shown.length > 30_000 && shown.length < 100_000);
});
