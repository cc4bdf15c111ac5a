import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { toMarkdown } from '../../source/transcript/markdown-page.ts';
import type { Journal } from './fixtures.ts';
import { completedRun, troubledRun } from './journals.ts';

/** Set UPDATE_GOLDEN=1 to write the files anew; read the difference before committing it. */
const update = process.env['UPDATE_GOLDEN'] === '1';

const runs: readonly [string, () => Journal][] = [
  ['completed', completedRun],
  ['troubled', troubledRun],
  ['rehearsal', () => completedRun({ rehearsal: true })],
];

for (const [name, journal] of runs) {
  test(`the change record of a ${name} run is the committed one`, async () => {
    const file = new URL(`golden/${name}.md`, import.meta.url);
    const markdown = toMarkdown(journal().record());
    if (update) await writeFile(file, markdown);
    assert.equal(markdown, await readFile(file, 'utf8'));
  });
}

test('the same journal gives the same bytes', () => {
  assert.equal(toMarkdown(troubledRun().record()), toMarkdown(troubledRun().record()));
});
