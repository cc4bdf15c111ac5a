/**
 * Writes the JSON Schemas of runbooks and fragments. With `--check` it writes nothing and exits with 1 when a
 * committed one is not what would be written.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fragmentJsonSchema, runbookJsonSchema } from '../source/runbook/json-schema.ts';

const schemas = [
  { file: 'runbooks/runbook.schema.json', schema: runbookJsonSchema() },
  { file: 'runbooks/fragments/fragment.schema.json', schema: fragmentJsonSchema() },
];
const check = process.argv.includes('--check');

for (const { file, schema } of schemas) {
  const url = new URL(`../${file}`, import.meta.url);
  const wanted = `${JSON.stringify(schema, null, 2)}\n`;
  if (!check) {
    await writeFile(url, wanted);
    continue;
  }
  const found = await readFile(url, 'utf8').catch(() => '');
  if (found !== wanted) {
    console.error(`${file} does not match source/runbook/schema.ts; run: node scripts/write-schema.ts`);
    process.exitCode = 1;
  }
}
