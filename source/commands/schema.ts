import type { ExitStatus } from '../runbook/errors.ts';
import { runbookJsonSchema } from '../runbook/json-schema.ts';
import { printJson } from './terminal.ts';

/** `schema`: the JSON Schema of runbook files. */
export function schema(): ExitStatus {
  printJson(runbookJsonSchema());
  return 0;
}
