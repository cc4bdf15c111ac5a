import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { toHtml } from '../../source/transcript/html-page.ts';
import { toJson } from '../../source/transcript/json.ts';
import { toMarkdown } from '../../source/transcript/markdown-page.ts';
import { recordExportSchema } from '../../source/transcript/schema.ts';
import { reportLines } from '../../source/transcript/text-page.ts';
import type { Journal } from './fixtures.ts';
import { completedRun, refusedRun, troubledRun } from './journals.ts';

/** Set UPDATE_GOLDEN=1 to write the files anew; read the difference before committing it. */
const update = process.env['UPDATE_GOLDEN'] === '1';

const formats = {
  md: (journal: Journal) => toMarkdown(journal.record()),
  html: (journal: Journal) => toHtml(journal.record()),
  json: (journal: Journal) => toJson(journal.record(), journal.lines(), { version: '0.1.0' }),
  txt: (journal: Journal) => `${reportLines(journal.record()).join('\n')}\n`,
};

const runs: readonly [string, () => Journal, readonly (keyof typeof formats)[]][] = [
  ['completed', completedRun, ['md', 'html', 'json']],
  ['troubled', troubledRun, ['md', 'html', 'json', 'txt']],
  ['refused', refusedRun, ['md', 'html', 'json']],
  [
    'rehearsal',
    () =>
      completedRun({
        rehearsal: true,
        simulation: { scenario: 'kms-v2-public', faults: ['throttled', 'stale-read'], clients: 'stand-in' },
      }),
    ['md', 'html'],
  ],
];

for (const [name, journal, extensions] of runs) {
  for (const extension of extensions) {
    test(`the change record of a ${name} run as ${extension} is the committed one`, async () => {
      const file = new URL(`golden/${name}.${extension}`, import.meta.url);
      const rendered = formats[extension](journal());
      if (update) await writeFile(file, rendered);
      assert.equal(rendered, await readFile(file, 'utf8'));
    });
  }
}

test('no words of ours are taken for a secret', () => {
  for (const [, journal] of runs) {
    assert.equal(journal().record().redactions, 0);
    for (const format of ['md', 'html', 'txt'] as const)
      assert.match(formats[format](journal()), /searched everything again and found nothing further/);
  }
});

test('the same journal gives the same bytes', () => {
  for (const render of Object.values(formats)) assert.equal(render(troubledRun()), render(troubledRun()));
});

test('everything in a JSON record is in its schema', () => {
  for (const [, journal] of runs) {
    const exported = JSON.parse(formats.json(journal())) as object;
    assert.deepEqual(recordExportSchema.parse(exported), exported);
  }
});
