import { buildPlan } from '../plan/plan.ts';
import { showPlan } from '../plan/show.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import type { RunOptions } from './options.ts';
import { knownValues } from './parameters.ts';
import { openRunbook } from './runbook-files.ts';
import { print, printJson, textWidth } from './terminal.ts';

/** `plan`: exactly what a run would do. Reads no cluster and does nothing. */
export async function plan(runbook: string, options: RunOptions): Promise<ExitStatus> {
  const loaded = await openRunbook(runbook);
  const built = buildPlan(loaded, knownValues(loaded, options), runbook);
  if (options.json) printJson(built);
  else for (const line of showPlan(built, textWidth())) print(line);
  return 0;
}
