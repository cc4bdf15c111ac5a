import { showRunbook } from '../plan/show.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { openRunbook } from './runbook-files.ts';
import { print, printJson, textWidth } from './terminal.ts';

/** `show`: a runbook as a document. */
export async function show(runbook: string, options: { json?: boolean }): Promise<ExitStatus> {
  const loaded = await openRunbook(runbook);
  if (options.json) printJson(loaded);
  else for (const line of showRunbook(loaded, textWidth())) print(line);
  return 0;
}
