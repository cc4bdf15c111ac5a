import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { toHtml } from '../../source/transcript/html-page.ts';
import { toJson } from '../../source/transcript/json.ts';
import { toMarkdown } from '../../source/transcript/markdown-page.ts';
import { recordExportSchema } from '../../source/transcript/schema.ts';
import { reportLines } from '../../source/transcript/text-page.ts';
import type { Journal } from './fixtures.ts';
import { completedRun, troubledRun } from './journals.ts';

/** Set UPDATE_GOLDEN=1 to write the files anew; read the difference before committing it. */
const update = process.env['UPDATE_GOLDEN'] === '1';

const runs: readonly [string, () => Journal][] = [
  ['completed', completedRun],
  ['troubled', troubledRun],
  ['rehearsal', () => completedRun({ rehearsal: true })],
];

const formats: readonly [string, (journal: Journal) => string][] = [
  ['md', (journal) => toMarkdown(journal.record())],
  ['html', (journal) => toHtml(journal.record())],
  ['json', (journal) => toJson(journal.record(), journal.lines(), { version: '0.1.0' })],
  ['txt', (journal) => `${reportLines(journal.record()).join('\n')}\n`],
];

for (const [name, journal] of runs) {
  for (const [extension, render] of formats) {
    test(`the change record of a ${name} run as ${extension} is the committed one`, async () => {
      const file = new URL(`golden/${name}.${extension}`, import.meta.url);
      const rendered = render(journal());
      if (update) await writeFile(file, rendered);
      assert.equal(rendered, await readFile(file, 'utf8'));
    });
  }
}

test('the same journal gives the same bytes', () => {
  for (const [, render] of formats) assert.equal(render(troubledRun()), render(troubledRun()));
});

test('everything in a JSON record is in its schema', () => {
  for (const [, journal] of runs) {
    const exported = JSON.parse(
      toJson(journal().record(), journal().lines(), { version: '0.1.0' }),
    ) as object;
    assert.deepEqual(recordExportSchema.parse(exported), exported);
  }
});
