/** Texts and rows: what is measured, cut, wrapped and scrolled. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import {
  around,
  line,
  type Line,
  scrolled,
  scrollRange,
  spread,
  textOf,
} from '../../source/renderers/tui/lines.ts';
import { clean, cut, cutStart, fit, width, wrap, wrapCommand } from '../../source/renderers/text.ts';
import { clockTime, duration, roughDuration } from '../../source/renderers/time.ts';

const anything = fc.string({ unit: 'grapheme', maxLength: 200 });
// Narrower, a single wide character can be more than half a row.
const columns = fc.integer({ min: 8, max: 120 });

describe('text', () => {
  it('is cleaned of everything that moves a cursor or turns the reading direction', () => {
    assert.equal(clean('a\u001b[2Jb\u0007c\u202ed\te\r\nf'), 'abcd  e\nf');
    assert.equal(clean('👩\u200d👧'), '👩👧');
  });

  it('never takes more columns than it was cut or wrapped to', () => {
    fc.assert(
      fc.property(anything, columns, (text, columns) => {
        assert.ok(width(cut(text, columns)) <= columns);
        assert.ok(width(cutStart(text, columns)) <= columns);
        assert.equal(width(fit(text, columns)), columns);
        for (const row of wrap(text, columns)) assert.ok(width(row) <= columns, JSON.stringify(row));
        for (const row of wrapCommand([text], columns)) assert.ok(width(row) <= columns, JSON.stringify(row));
      }),
    );
  });

  it('loses no character of a command however narrow the window', () => {
    const command = ['$ az aks update \\', '    --kms-infrastructure-encryption Enabled \\'];
    for (let columns = 8; columns < 60; columns += 1) {
      const rows = wrapCommand(command, columns);
      assert.equal(rows.join('').replaceAll(/\s/g, ''), command.join('').replaceAll(/\s/g, ''));
    }
  });

  it('keeps its indentation when it is wrapped', () => {
    assert.deepEqual(wrap('  one two three', 9), ['  one two', '  three']);
  });
});

function rows(count: number): Line[] {
  return Array.from({ length: count }, (_, index) => line(`row ${index}`));
}

describe('rows', () => {
  it('around a focus always hold it, and never more than there is room for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(79),
        (count, room, at) => {
          const focus = at % count;
          const shown = around(rows(count), room, focus).map(textOf);
          assert.ok(shown.length <= room);
          assert.ok(shown.includes(`row ${focus}`), shown.join('\n'));
        },
      ),
    );
  });

  it('can be scrolled through to the last one, from either end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 4, max: 30 }), (count, room) => {
        for (const anchor of ['top', 'bottom'] as const) {
          const seen = new Set<string>();
          for (let by = 0; by <= scrollRange(count, room); by += 1) {
            const shown = scrolled(rows(count), room, anchor, by).map(textOf);
            assert.ok(shown.length <= room);
            for (const text of shown) seen.add(text);
            for (const text of shown.filter((row) => /more/.test(row))) assert.doesNotMatch(text, / 0 more/);
          }
          for (let row = 0; row < count; row += 1) assert.ok(seen.has(`row ${row}`));
        }
      }),
    );
  });

  it('spread over a width let the left side give way', () => {
    assert.equal(textOf(spread([{ text: 'a long title' }], [{ text: '1m12s' }], 12)), 'a lon… 1m12s');
    assert.equal(textOf(spread([{ text: 'title' }], [], 8)), 'title   ');
  });
});

describe('lengths of time', () => {
  it('are short, and never negative', () => {
    assert.deepEqual([-5, 0, 999, 59_999, 60_000, 72_000, 3_599_000, 3_600_000, 3_725_000].map(duration), [
      '0s',
      '0s',
      '0s',
      '59s',
      '1m00s',
      '1m12s',
      '59m59s',
      '1h00m',
      '1h02m',
    ]);
    assert.deepEqual([30_000, 90_000, 300_000, 3_600_000, 5_400_000].map(roughDuration), [
      '30s',
      '2m',
      '5m',
      '1h',
      '1h30m',
    ]);
  });

  it('and moments are in UTC', () => {
    assert.equal(clockTime('2026-11-21T09:03:59.000Z'), '2026-11-21 09:03 UTC');
    assert.equal(clockTime('soon'), 'soon');
  });
});
