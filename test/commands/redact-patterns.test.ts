import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patternRedactor, within } from '../../source/commands/redact-patterns.ts';
import { ToolError, UsageError } from '../../source/runbook/errors.ts';

test('what a pattern finds is taken out, and the mark for it stays as it is', () => {
  const redact = patternRedactor(['CHG-\\d+', 'redacted', '\\bana\\b'])?.redact;
  assert.equal(redact?.('CHG-12 by ana, banana'), '[redacted] by [redacted], banana');
  assert.equal(redact?.('[redacted] CHG-1'), '[redacted] [redacted]');
  assert.equal(patternRedactor([]), undefined);
  assert.equal(patternRedactor(['(?=x)'])?.redact('xx'), 'xx');
});

test('a pattern that is none, or fits everywhere, is refused with what to do', () => {
  for (const [pattern, what] of [
    ['(', /--redact \( is not a regular expression: .*group/],
    ['[z-a]', /out of order/],
    ['a*', /--redact a\* fits an empty text/],
    ['', /with an empty pattern fits an empty text/],
  ] as const) {
    assert.throws(
      () => patternRedactor([pattern]),
      (error) => error instanceof UsageError && what.test(error.message) && error.next !== '',
    );
  }
});

test('a pattern that would never end is broken off', () => {
  const redact = patternRedactor(['(a+)+$'])?.redact;
  assert.throws(
    () => within(redact, () => redact?.(`${'a'.repeat(60)}b`), 100),
    (error) => error instanceof ToolError && /took longer than 0\.1 seconds/.test(error.message),
  );
  assert.equal(
    within(redact, () => redact?.('aab'), 10_000),
    'aab',
  );
});

test('an error in the work itself is not taken for a pattern that takes too long', () => {
  assert.throws(
    () =>
      within(
        (text) => text,
        () => {
          throw new TypeError('a defect');
        },
      ),
    TypeError,
  );
});
