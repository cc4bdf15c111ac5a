/** What the bundle changes in libraries: they are loaded sooner, and do the same otherwise. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { assert as hold, property, string, stringMatching } from 'fast-check';
import { rolldown } from 'rolldown';
import type { Plugin } from 'rolldown';
import stringWidth from 'string-width';
import { oneColumnEach, quickStart } from '../../scripts/build/quick-start.ts';
import { root } from '../support/terminal.ts';

/** What a program that reads words, measures text and lays it out gets from a bundle. */
interface Bundled {
  stringWidth: typeof stringWidth;
  columnsOf(width: number): number;
  wordsOf(line: readonly string[]): string[];
}

const program = `
  import { Command } from 'commander';
  import stringWidth from 'string-width';
  import Yoga from 'yoga-layout';
  export { stringWidth };
  export function columnsOf(width) {
    const node = Yoga.Node.create();
    node.setWidth(width);
    node.calculateLayout();
    return node.getComputedWidth();
  }
  export function wordsOf(line) {
    const program = new Command();
    const words = [];
    program.command('say <words...>').action((given) => words.push(...given));
    program.parse(line, { from: 'user' });
    return words;
  }
`;

async function bundled(t: TestContext, text: string): Promise<Bundled> {
  const directory = mkdtempSync(join(tmpdir(), 'aks-kms-runbook-build-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const entry: Plugin = {
    name: 'entry',
    resolveId: (id) => (id === 'entry' ? join(root, 'entry.js') : null),
    load: (id) => (id === join(root, 'entry.js') ? text : null),
  };
  const bundle = await rolldown({ input: 'entry', platform: 'node', plugins: [entry, quickStart()] });
  t.after(() => bundle.close());
  await bundle.write({ dir: directory, format: 'esm', entryFileNames: 'entry.mjs' });
  return (await import(pathToFileURL(join(directory, 'entry.mjs')).href)) as Bundled;
}

describe('text that is measured at a glance', () => {
  it('is as wide as string-width says, character by character', () => {
    const characters = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code));
    const taken = characters.filter((character) => oneColumnEach.test(character));
    assert.ok(['─', '│', '╭', '·', '…', '›', '↑', '✔', '✘', '▸', 'é'].every((one) => taken.includes(one)));
    assert.deepEqual(
      taken.filter((character) => stringWidth(character) !== 1),
      [],
    );
  });

  it('is as wide as string-width says, whatever stands beside what', () => {
    hold(
      property(stringMatching(oneColumnEach), (text) => stringWidth(text) === text.length),
      { numRuns: 2000 },
    );
  });
});

describe('the libraries in the bundle', () => {
  it('read words, measure and lay out as they do elsewhere', async (t) => {
    const { stringWidth: measured, columnsOf, wordsOf } = await bundled(t, program);
    assert.deepEqual(wordsOf(['say', 'one', 'two']), ['one', 'two']);
    assert.equal(columnsOf(17), 17);
    for (const text of [
      'plain',
      '· ─ é',
      '漢字',
      '👍🏽',
      '👩‍👩‍👧',
      '1️⃣',
      '🇩🇪',
      '\u001b[31mred·\u001b[39m',
      'e\u0301',
      '한',
    ])
      assert.equal(measured(text), stringWidth(text), text);
    hold(property(string({ unit: 'grapheme' }), (text) => measured(text) === stringWidth(text)));
  });

  it('stop the build when one of them is no longer there to be changed', async (t) => {
    await assert.rejects(
      bundled(t, "export { default as stringWidth } from 'string-width';"),
      /is not part of the bundle any longer/,
    );
  });

  it('stop the build when one of them reads otherwise', () => {
    const { transform } = quickStart();
    assert.ok(typeof transform === 'function');
    assert.throws(
      () =>
        Reflect.apply(transform, undefined, ['export default 1;', '/x/node_modules/string-width/index.js']),
      /string-width\/index.js is not as scripts\/build\/quick-start.ts expects it/,
    );
  });
});
