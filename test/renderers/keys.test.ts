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
  screen: fc.constantFrom(
    'home',
    'clusters',
    'runbooks',
    'form',
    'picker',
    'opening',
    'problem',
    'steps',
    'output',
    'record',
    'story',
    'summary',
  ),
  over: fc.constantFrom(undefined, 'help', 'write', 'search', 'filter', 'leave'),
  rewriting: fc.constantFrom('no', 'going', 'paused'),
  going: fc.constantFrom('nothing', 'work', 'command', 'rewrite'),
  typing: fc.boolean(),
  choices: fc.constantFrom([], ...asked),
  narrow: fc.boolean(),
  pane: fc.constantFrom('list', 'detail'),
  following: fc.boolean(),
  hasOutput: fc.boolean(),
  searched: fc.boolean(),
  hasCommand: fc.boolean(),
  canPage: fc.boolean(),
  narrowed: fc.boolean(),
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
        assert.match(bindingFor(context, 'ctrl-c')?.action ?? '', /interrupt|stop-run|leave/);
      }),
    );
  });

  it('that work are all told in the help, each once, under a heading', () => {
    fc.assert(
      fc.property(context, (given) => {
        const beneath = { ...given, over: undefined, typing: false };
        const told = helpGroups(beneath).flatMap(({ keys }) => keys.flatMap(({ label }) => label.split(' ')));
        const work = activeBindings(beneath).filter(({ action }) => action !== 'idle-enter');
        assert.deepEqual(told.toSorted(), work.flatMap(({ keys }) => keys).toSorted());
      }),
    );
  });

  it('of the screen one is on come first in the help, those of the question before them', () => {
    const [choices = []] = asked;
    const screen = { screen: 'steps', going: 'nothing', following: true, live: true } as const;
    const groups = helpGroups({ ...screen, choices } as unknown as KeyContext);
    assert.deepEqual(
      groups.map(({ title }) => title),
      ['The question on screen', 'The steps', 'Everywhere'],
    );
  });
});
