import type { ExitStatus } from '../runbook/errors.ts';
import { runbookJsonSchema } from '../runbook/json-schema.ts';
import { printJson } from './terminal.ts';

/** `schema`: the JSON Schema of runbook files, or of change records as `export` writes them. */
export async function schema(of: 'runbook' | 'record'): Promise<ExitStatus> {
  if (of === 'record') {
    const { recordJsonSchema } = await import('../transcript/schema.ts');
    printJson(recordJsonSchema());
  } else {
    printJson(runbookJsonSchema());
  }
  return 0;
}
