/** Nothing is ever drawn higher or wider than the window, whatever the run and its texts are like. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { RunState, StepStatus } from '../../source/engine/state.ts';
import { detailRows } from '../../source/renderers/tui/detail/detail.ts';
import { textOf } from '../../source/renderers/tui/lines.ts';
import { leaveDialog } from '../../source/renderers/tui/dialog/dialog.ts';
import { openRun } from '../../source/renderers/tui/run/run-ui.ts';
import { width } from '../../source/renderers/text.ts';
import { attempt, FakeController, newState, running, steps, withSteps } from './fake-run.ts';
import { appOf, armed, isWhole, keys, show } from './terminal.ts';

const statuses: readonly StepStatus[] = [
  'ready',
  'already-done',
  'running',
  'warned',
  'failed',
  'investigated',
  'succeeded',
  'skipped',
];

/** Text as it may come from a cluster: long words, wide and combining characters, escapes, line breaks. */
const hostile = fc
  .array(
    fc.constantFrom(
      'a',
      ' ',
      'word ',
      '日本',
      '👩‍👩‍👧',
      'e\u0301',
      'שלום-rg ',
      'مجموعة ',
      '\n',
      '\t',
      '\u001b[31m',
      '\u202e',
      '─',
      'x'.repeat(90),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

const state: fc.Arbitrary<RunState> = fc
  .record({ status: fc.constantFrom(...statuses), text: hostile, at: fc.nat(steps.length - 1) })
  .map(({ status, text, at }) => {
    const id = steps[at]!.id;
    const base = withSteps(
      newState(),
      Object.fromEntries(steps.slice(0, at).map((step) => [step.id, { status: 'succeeded' as const }])),
    );
    const run = withSteps(base, {
      [id]: {
        status,
        reason: text,
        attempts: [
          attempt(1, 2, {
            failure: { reason: 'exit', what: text, detail: text, explanation: { means: text, do: text } },
            effect: null,
          }),
        ],
      },
    });
    const plan = {
      ...run.plan,
      runbook: { ...run.plan.runbook, title: text },
      steps: run.plan.steps.map((step) => ({ ...step, title: text, text, irreversible: text })),
    };
    return { ...run, plan };
  });

const size = fc.record({
  columns: fc.integer({ min: 10, max: 300 }),
  rows: fc.integer({ min: 3, max: 100 }),
});

/** Where the screen says that it is too small, and nothing else. */
function isSmall({ columns, rows }: { columns: number; rows: number }): boolean {
  return columns < 40 || rows < 12;
}

describe('the detail of a step', () => {
  it('never has more rows than there is room for, nor wider ones, and keeps the question in sight', () => {
    fc.assert(
      fc.property(state, size, fc.nat(30), fc.boolean(), (state, { columns, rows }, scroll, leaving) => {
        const controller = new FakeController(state);
        const ui = {
          ...openRun('live', controller.view()),
          scroll,
          ...(leaving ? { dialog: leaveDialog(running) } : {}),
        };
        const input = { ui, output: () => undefined, now: new Date(0), busy: '▸' };
        const drawn = detailRows(input, columns, rows);
        assert.ok(drawn.length <= rows);
        for (const row of drawn) assert.ok(!/[\n\u001b\u202e]/.test(textOf(row)));
        if (columns >= 20) for (const row of drawn) assert.ok(width(textOf(row)) <= columns + 20);
        if (
          rows >= 20 &&
          columns >= 60 &&
          ui.asked !== undefined &&
          ui.asked.question.kind !== 'confirm' &&
          !leaving
        ) {
          assert.match(drawn.map(textOf).join('\n'), / {2}(enter|r|l|y) {2,}/);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the whole screen', () => {
  it('fits into the window, with any run, after any resize', async (t) => {
    await fc.assert(
      fc.asyncProperty(state, size, size, async (state, before, after) => {
        const controller = new FakeController(state, state.status === 'active' ? undefined : running);
        const end = new AbortController();
        const screen = show(t, appOf(controller), before.columns, before.rows, { signal: end.signal });
        try {
          await armed(screen);
          await screen.press(keys.tab);
          await screen.press('?');
          await screen.press(keys.esc);
          await screen.until(isWhole);
          await screen.resize(after.columns, after.rows);
          await armed(screen);
          await screen.until((text) => isWhole(text) && text.startsWith('This') === isSmall(after));
        } finally {
          end.abort();
          await screen.result;
        }
      }),
      // Drawn for real, a failing case takes long to shrink; it is shown as it is.
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('is whole with a cluster and a group of right-to-left letters, at every size that is promised', async (t) => {
    const base = newState();
    const target = { clusterName: 'rehearsal', resourceGroup: 'מרכז-الموارد-漢字' };
    const named = { ...base, plan: { ...base.plan, target } };
    for (const [columns, rows] of [
      [60, 20],
      [80, 24],
      [120, 40],
      [300, 100],
    ] as const) {
      const screen = show(t, appOf(new FakeController(named, running)), columns, rows);
      const text = await screen.until(isWhole);
      assert.match(text, /rehearsal · מרכז-الموارد-漢字/);
      const edges = text.split('\n').slice(2, -1);
      assert.deepEqual(
        edges.filter((row) => !/[╮│╯╗║╝]$/.test(row)),
        [],
      );
    }
  });

  it('says so in a window that is too small, and draws again in the smallest it names', async (t) => {
    const screen = show(t, appOf(new FakeController(newState())), 80, 24);
    await screen.until(/Prerequisites/);
    await screen.resize(20, 5);
    await screen.until(/window is/);
    await screen.resize(39, 11);
    const told = await screen.until(/39×11[\s\S]*at least/);
    const [columns = 0, rows = 0] = [.../least (\d+)×(\d+)/.exec(told)!].slice(1).map(Number);
    await screen.resize(columns - 1, rows);
    await screen.until((text) => text.includes(`too small (${columns - 1}×${rows})`));
    await screen.resize(columns, rows);
    await screen.until((text) => isWhole(text) && !text.startsWith('This'));
    await screen.resize(100, 30);
    await screen.until(/Prerequisites/);
  });
});
