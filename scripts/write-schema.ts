/**
 * Writes the JSON Schemas of runbooks, fragments and exported change records. With `--check` it writes nothing and exits with 1 when a
 * committed one is not what would be written.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fragmentJsonSchema, runbookJsonSchema } from '../source/runbook/json-schema.ts';
import { recordJsonSchema } from '../source/transcript/schema.ts';

const runbook = 'source/runbook/schema.ts';
const schemas = [
  { file: 'runbooks/runbook.schema.json', schema: runbookJsonSchema(), from: runbook },
  { file: 'runbooks/fragments/fragment.schema.json', schema: fragmentJsonSchema(), from: runbook },
  { file: 'docs/record.schema.json', schema: recordJsonSchema(), from: 'source/transcript/schema.ts' },
];
const check = process.argv.includes('--check');

for (const { file, schema, from } of schemas) {
  const url = new URL(`../${file}`, import.meta.url);
  const wanted = `${JSON.stringify(schema, null, 2)}\n`;
  if (!check) {
    await writeFile(url, wanted);
    continue;
  }
  const found = await readFile(url, 'utf8').catch(() => '');
  if (found !== wanted) {
    console.error(`${file} does not match ${from}; run: node scripts/write-schema.ts`);
    process.exitCode = 1;
  }
}
