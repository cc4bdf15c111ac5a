import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { loadRunbook } from '../../source/runbook/load.ts';
import { formatProblem } from '../../source/runbook/problems.ts';
import { readRunbookFile, runbooksFolder } from './files.ts';

const main = join(runbooksFolder, 'kms-v2-public-to-pmk.yaml');

interface Mutation {
  kind: 'flip' | 'delete' | 'insert' | 'duplicate' | 'swap-line';
  /** Where, as a part of the file. */
  at: number;
  length: number;
  bytes: Uint8Array;
}

const telling = [...'\n \t:-#|>\'"{}[]&*!%@`$\\;,?~=<()'].map((character) => character.charCodeAt(0));
const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'delete', 'insert', 'duplicate', 'swap-line'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  length: fc.oneof(fc.nat(4), fc.nat(400)),
  bytes: fc.oneof(
    fc
      .array(fc.constantFrom(...telling), { minLength: 1, maxLength: 6 })
      .map((list) => Uint8Array.from(list)),
    fc.uint8Array({ minLength: 1, maxLength: 6 }),
  ),
});

function mutate(original: Buffer, { kind, at, length, bytes }: Mutation): Buffer {
  const start = Math.floor(at * original.length);
  const [before, piece, after] = [
    original.subarray(0, start),
    original.subarray(start, start + length),
    original.subarray(start + length),
  ];
  switch (kind) {
    case 'flip':
      return Buffer.concat([before, bytes, original.subarray(start + bytes.length)]);
    case 'delete':
      return Buffer.concat([before, after]);
    case 'insert':
      return Buffer.concat([before, bytes, piece, after]);
    case 'duplicate':
      return Buffer.concat([before, piece, piece, after]);
    case 'swap-line': {
      const lines = original.toString('latin1').split('\n');
      const index = Math.floor(at * lines.length);
      const [line = ''] = lines.splice(index, 1);
      lines.splice(length % (lines.length + 1), 0, line);
      return Buffer.from(lines.join('\n'), 'latin1');
    }
  }
}

test('no change to the bytes of a runbook or its fragments makes the loader throw', () => {
  let survived = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 3 }), (file, mutations) => {
      let opened = 0;
      const { runbook, problems } = loadRunbook(main, (path) => {
        const bytes = Buffer.from(readRunbookFile(path));
        return (opened++ === file % 6 ? mutations.reduce(mutate, bytes) : bytes).toString();
      });
      assert.equal(
        runbook === undefined,
        problems.some(({ severity }) => severity === 'error'),
      );
      if (runbook === undefined) refused++;
      else survived++;
      for (const problem of problems) {
        assert.ok(problem.line >= 1 && problem.column >= 1 && problem.length >= 1);
        assert.ok(problem.column <= [...problem.excerpt].length + 1, JSON.stringify(problem));
        formatProblem(problem);
      }
    }),
    { numRuns: 600 },
  );
  // Both happen often, or the changes would not be telling.
  assert.ok(survived > 20 && refused > 100, `${survived} survived, ${refused} refused`);
});
