/** The JSON Schemas editors use, generated from the definition the loader uses. */
import { z } from 'zod';
import { fragmentSchema, runbookSchema } from './schema.ts';

/** Draft 7 is what YAML editors understand best. */
const options = { target: 'draft-07', io: 'input' } as const;

/** The JSON Schema of a runbook file, as plain JSON. */
export function runbookJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(runbookSchema, options) };
}

/** The JSON Schema of a fragment file, as plain JSON. */
export function fragmentJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(fragmentSchema, options) };
}
