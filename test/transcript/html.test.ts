import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { toHtml } from '../../source/transcript/html-page.ts';
import { enable, header, Journal, session } from './fixtures.ts';
import { completedRun, troubledRun } from './journals.ts';
import { hostile, rewritten } from './nasty.ts';

/**
 * The tags of a page, in order. Those a line is made of are left out: a line that had to be redacted is text only, and
 * settings are sorted by their names. So is whether an output is folded, which depends on its length.
 */
function skeleton(html: string): string[] {
  const body = html.slice(html.indexOf('</style>'));
  return [...body.matchAll(/<[^>]*>/g)]
    .map(([tag]) => tag.replace(' open', ''))
    .filter((tag) => !inline.test(tag));
}

const inline = /^<\/?(?:code|a|span)[ >]/;

const runs: readonly [string, () => Journal][] = [
  ['completed', completedRun],
  ['troubled', troubledRun],
];

for (const [name, journal] of runs) {
  test(`no text in a ${name} run changes the structure of its page`, () => {
    const plain = skeleton(toHtml(rewritten(journal(), (text) => `x${text.length}`).record()));
    assert.ok(plain.length > 300);
    fc.assert(
      fc.property(hostile, hostile, (head, tail) => {
        const html = toHtml(rewritten(journal(), (text) => `${head}x${text.length}${tail}`).record());
        assert.deepEqual(skeleton(html), plain);
        assert.doesNotMatch(
          html,
          /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u200B]/u,
        );
      }),
      { numRuns: 100 },
    );
  });
}

test('a page holds nothing that runs, and names nothing outside of itself', () => {
  for (const [, journal] of runs) {
    const html = toHtml(journal().record());
    assert.doesNotMatch(html, /<(?:script|iframe|object|embed|img|link|base|form|svg)\b/i);
    assert.doesNotMatch(html, /\s(?:on\w+|src|srcset|action|style)=/i);
    assert.doesNotMatch(html, /@import|url\(/i);
    for (const [, target = ''] of html.matchAll(/href="([^"]*)"/g)) {
      assert.match(target, /^#[\w-]+$/);
      assert.ok(html.includes(`id="${target.slice(1)}"`), `${target} leads nowhere`);
    }
    assert.match(
      html,
      /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';/,
    );
  }
});

test('a secret in a line is taken out of it, also when its name is in another piece', () => {
  const journal = new Journal()
    .add(0, { type: 'run.started', header, session: session() })
    .add(1, { type: 'value.captured', step: 'enable-pmk', name: 'STORAGE_PASSWORD', value: 'S3cr3tWord' })
    .add(1, {
      type: 'step.started',
      step: 'enable-pmk',
      attempt: 1,
      command: [[...enable, '--password', 'S3cr3tWord']],
    });
  const html = toHtml(journal.record());
  assert.doesNotMatch(html, /S3cr3tWord/);
  assert.match(html, /took something out of \d+ further texts/);
});

test('a difference is said with signs, not with colours alone', () => {
  const html = toHtml(completedRun().record());
  assert.match(html, /<span class="gone">- azureKeyVaultKms.enabled: true\n<\/span>/);
  assert.match(html, /<span class="new">\+ azureKeyVaultKms.enabled: false\n<\/span>/);
  assert.match(html, /Lines with - are gone, lines with \+ are new\./);
});

test('a long output is folded away and a short one is not', () => {
  const html = toHtml(completedRun().record());
  assert.match(html, /<details open><summary>Output, 4 lines:/);
  assert.match(html, /<details><summary>Output, 101 lines of which 41 in the middle are left out here:/);
});
