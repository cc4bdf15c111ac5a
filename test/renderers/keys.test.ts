/** The one table of keys: what the row at the bottom and the help promise is what the keys do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { width } from '../../source/renderers/text.ts';
import {
  activeBindings,
  bindingFor,
  helpGroups,
  keyRow,
  keyRowText,
} from '../../source/renderers/tui/keys/active.ts';
import type { KeyContext } from '../../source/renderers/tui/keys/context.ts';
import { table } from '../../source/renderers/tui/keys/table.ts';
import { questionText } from '../../source/renderers/questions.ts';
import { FakeController, moments } from './fake-run.ts';

const asked = [moments.failed(), moments.confirmEnter(), moments.confirmTyped(), moments.warning()].map(
  (state) => {
    const { decision } = new FakeController(state).view();
    assert.ok(decision.kind === 'ask');
    return questionText(state, decision.question).choices;
  },
);

const context: fc.Arbitrary<KeyContext> = fc.record({
  screen: fc.constantFrom('home', 'form', 'clusters', 'opening', 'problem', 'steps', 'output', 'summary'),
  over: fc.constantFrom(undefined, 'help', 'write', 'search', 'leave'),
  going: fc.constantFrom('nothing', 'work', 'command'),
  typing: fc.boolean(),
  choices: fc.constantFrom([], ...asked),
  narrow: fc.boolean(),
  pane: fc.constantFrom('list', 'detail'),
  following: fc.boolean(),
  hasOutput: fc.boolean(),
  searched: fc.boolean(),
  live: fc.boolean(),
  hasHome: fc.boolean(),
  offersClusters: fc.boolean(),
  lastField: fc.boolean(),
});

describe('the keys', () => {
  it('have one meaning at a time', () => {
    fc.assert(
      fc.property(context, (context) => {
        const keys = activeBindings(context).flatMap((binding) => binding.keys);
        assert.deepEqual([...new Set(keys)], keys);
      }),
    );
  });

  it('shown at the bottom all work, and fit', () => {
    fc.assert(
      fc.property(context, fc.integer({ min: 30, max: 200 }), (context, columns) => {
        const row = keyRow(context, columns);
        for (const { label } of row) {
          if (label === '↑↓' || label === '←→') continue;
          assert.ok(bindingFor(context, label === 'space' ? ' ' : label) !== undefined, label);
        }
        if (columns >= 100) assert.ok(width(keyRowText(context, columns)) <= columns);
      }),
    );
  });

  it('are no letters while a field has the keyboard', () => {
    fc.assert(
      fc.property(context, (context) => {
        for (const letter of 'abcdefghijklmnopqrstuvwxyzGN/? ') {
          assert.equal(bindingFor({ ...context, typing: true }, letter), undefined);
        }
      }),
    );
  });

  it('let every screen be left by Ctrl-C', () => {
    fc.assert(
      fc.property(context, (context) => {
        assert.match(bindingFor(context, 'ctrl-c')?.action ?? '', /interrupt|stop-run/);
      }),
    );
  });

  it('are all told in the help, under a heading', () => {
    const choices = asked[0] ?? [];
    const groups = helpGroups({ screen: 'steps', choices } as unknown as KeyContext);
    assert.equal(groups[0]?.title, 'The question on screen');
    const told = new Set(groups.flatMap(({ keys }) => keys.map(({ label }) => label)));
    for (const { title, bindings } of table) {
      if (title === undefined) continue;
      for (const { keys } of bindings) assert.ok(told.has(keys.join(' ')), keys.join(' '));
    }
  });
});
