import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { toMarkdown } from '../../source/transcript/markdown-page.ts';
import type { Journal } from './fixtures.ts';
import { hostile, rewritten } from './nasty.ts';
import { completedRun, troubledRun } from './journals.ts';

/** What every line is, without what it says: headings, bullets, rows with their cells, fences with nothing inside. */
function skeleton(markdown: string): string[] {
  const shapes: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split('\n')) {
    if (fence !== undefined) {
      if (/^`+$/.test(line) && line.length >= fence.length) fence = undefined;
      continue;
    }
    fence = /^`{3,}/.exec(line)?.[0];
    if (fence !== undefined) shapes.push('fence');
    else shapes.push(shapeOf(line));
  }
  assert.equal(fence, undefined, 'a fence is left open');
  return shapes;
}

function shapeOf(line: string): string {
  const prose = withoutCode(line);
  assert.doesNotMatch(prose, /[<>]/, 'raw HTML or a quote');
  assert.doesNotMatch(
    line,
    /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069\u200B]/u,
    'an invisible character',
  );
  const heading = /^(#+) /.exec(prose)?.[1];
  if (heading !== undefined) return heading;
  const bullet = /^ *- /.exec(prose)?.[0];
  assert.doesNotMatch(prose.slice(bullet?.length ?? 0), /^(\d+[.)]|[-+=:])/, `live markup begins: ${line}`);
  if (bullet !== undefined) return bullet;
  if (line.startsWith('|')) return `row of ${line.split('|').length}`;
  if (line === '') return '';
  assert.match(prose, /^[A-Z*`]/, 'a paragraph begins with our own words');
  return 'text';
}

/** The line without its code spans, and without what a backslash makes harmless. */
function withoutCode(line: string): string {
  const escaped = line.replace(/\\[\\`*_{}[\]#~$+=:.)-]/g, (pair, offset: number) =>
    insideCode(line, offset) ? pair : 'E',
  );
  const spans = escaped.replace(/(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)/g, 'CODE');
  assert.doesNotMatch(spans, /`/, `an unbalanced backtick in: ${line}`);
  assert.doesNotMatch(
    spans.replace(/^\*\*[A-Za-z:.]+\*\*/, ''),
    /[*_[\]~$]|:\/\//,
    `live markup in: ${line}`,
  );
  return spans;
}

function insideCode(line: string, offset: number): boolean {
  for (const span of line.matchAll(/(?<![`\\])(`+)(?!`).+?(?<!`)\1(?!`)/g)) {
    if (offset > span.index && offset < span.index + span[0].length) return true;
  }
  return false;
}

const runs: readonly [string, () => Journal][] = [
  ['completed', completedRun],
  ['troubled', troubledRun],
];

for (const [name, journal] of runs) {
  test(`no text in a ${name} run changes the structure of its record`, () => {
    const plain = skeleton(toMarkdown(rewritten(journal(), (text) => `x${text.length}`).record()));
    fc.assert(
      fc.property(hostile, hostile, (head, tail) => {
        const markdown = toMarkdown(rewritten(journal(), (text) => `${head}x${text.length}${tail}`).record());
        assert.deepEqual(skeleton(markdown), plain);
      }),
      { numRuns: 150 },
    );
  });
}
