/** Journals of every kind: read as a run, or refused with what is wrong; and what is read can be shown. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import * as fc from 'fast-check';

import { decide } from '../../source/engine/decide.ts';
import type { JournalRecord, RunEvent } from '../../source/engine/events.ts';
import { chainStart, encodeLine } from '../../source/journal/chain.ts';
import { readJournal } from '../../source/journal/read.ts';
import type { Journal } from '../../source/journal/read.ts';
import { runFiles, stateDirectory } from '../../source/journal/state-directory.ts';
import { summaryLines } from '../../source/renderers/summary.ts';
import { ToolError } from '../../source/runbook/errors.ts';
import { buildRecord } from '../../source/transcript/build.ts';
import { toMarkdown } from '../../source/transcript/markdown-page.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { hostileText } from '../support/hostile.ts';
import { cases, time } from '../support/soak.ts';
import { completedRun, troubledRun } from '../transcript/journals.ts';

const originals = [completedRun(), troubledRun()].map(({ records }) => records);

/** Reads these bytes as the journal of a run: the run, or the error that is told. */
async function reader(t: TestContext): Promise<(bytes: Buffer) => Promise<Journal | ToolError>> {
  const files = runFiles(stateDirectory(await temporaryDirectory(t), false), 'run');
  mkdirSync(dirname(files.journal), { recursive: true });
  return async (bytes) => {
    writeFileSync(files.journal, bytes);
    try {
      return await readJournal(files);
    } catch (error) {
      if (error instanceof ToolError) return error;
      throw error;
    }
  };
}

/** Everything that is made of a run that was read. */
function show({ records, state, head }: Journal): void {
  decide(state);
  summaryLines(state);
  toMarkdown(buildRecord({ state, records, chainHead: head, output: () => undefined }));
}

/** A journal whose chain fits, whatever its records say. */
function chained(records: readonly { time: string; event: unknown }[]): Buffer {
  let previous = chainStart;
  const lines = records.map(({ time: at, event }, index) => {
    const { line, hash } = encodeLine({ sequence: index + 1, time: at, event: event as RunEvent }, previous);
    previous = hash;
    return `${line}\n`;
  });
  return Buffer.from(lines.join(''));
}

test('no bytes make the reader fall over', { timeout: time }, async (t) => {
  const read = await reader(t);
  const whole = originals.map((records) => chained(records));
  const change = fc.record({
    of: fc.nat(1),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    length: fc.nat(200),
    bytes: fc.uint8Array({ maxLength: 20 }),
  });
  let read_ = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(change, async ({ of, at, length, bytes }) => {
      const original = whole[of] ?? Buffer.of();
      const start = Math.floor(at * original.length);
      const end = start + length;
      const result = await read(Buffer.concat([original.subarray(0, start), bytes, original.subarray(end)]));
      if (result instanceof ToolError) refused += 1;
      else {
        show(result);
        read_ += 1;
      }
    }),
    { numRuns: cases(300) },
  );
  t.diagnostic(`${read_} read, ${refused} refused`);
  assert.ok(refused > 0 && read_ > 0);
});

/** A change of one record, of what comes before and after it, or of a value somewhere inside of it. */
const strange: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom('toString', '__proto__', 'constructor', 'hasOwnProperty'),
  fc.constantFrom(
    null,
    true,
    -1,
    0,
    1e308,
    [],
    {},
    [[]],
    { kind: 'enter' },
    '2026-11-21T01:02:03.000Z',
    'check',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const mutation = fc.record({
  kind: fc.constantFrom('value', 'value', 'value', 'remove', 'drop', 'repeat', 'move', 'time', 'type'),
  record: fc.nat(),
  place: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
  value: strange,
});

function mutate(
  records: readonly JournalRecord[],
  { kind, record, place, value }: { kind: string; record: number; place: number[]; value: unknown },
): JournalRecord[] {
  const changed = structuredClone(records) as JournalRecord[];
  const index = record % changed.length;
  const one = changed[index];
  if (one === undefined) return changed;
  switch (kind) {
    case 'drop':
      changed.splice(index, 1);
      break;
    case 'repeat':
      changed.splice(index, 0, structuredClone(one));
      break;
    case 'move':
      changed.splice(index, 1);
      changed.splice((place[0] ?? 0) % (changed.length + 1), 0, one);
      break;
    case 'time':
      one.time = value as string;
      break;
    case 'type':
      Object.assign(one.event, { type: changed[(place[0] ?? 0) % changed.length]?.event.type });
      break;
    default:
      inside(one.event as unknown as Record<string, unknown>, place, kind === 'remove', value);
  }
  return changed;
}

/** Changes or takes away a value as deep in an object as `place` leads. */
function inside(
  root: Record<string, unknown>,
  place: readonly number[],
  remove: boolean,
  value: unknown,
): void {
  let holder = root;
  for (const step of place) {
    const keys = Object.keys(holder);
    const key = keys[step % Math.max(keys.length, 1)];
    if (key === undefined) return;
    const within = holder[key];
    if (typeof within === 'object' && within !== null && step % 7 !== 0) {
      holder = within as Record<string, unknown>;
      continue;
    }
    if (remove) delete holder[key];
    else holder[key] = value;
    return;
  }
}

test('no records make the reader, or what shows them, fall over', { timeout: time }, async (t) => {
  const read = await reader(t);
  let shown = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(1), fc.array(mutation, { minLength: 1, maxLength: 3 }), async (of, mutations) => {
      const records = mutations.reduce(mutate, [...(originals[of] ?? [])]);
      const result = await read(chained(records));
      if (result instanceof ToolError) {
        assert.notEqual(result.next, '');
        refused += 1;
      } else {
        show(result);
        shown += 1;
      }
    }),
    { numRuns: cases(1_000) },
  );
  t.diagnostic(`${shown} read and shown, ${refused} refused`);
  assert.ok(refused > 0 && shown > 0);
});
