import type { ExitStatus } from '../runbook/errors.ts';
import { wrapProse } from '../renderers/text.ts';
import { overviewLines } from '../transcript/text-page.ts';
import { recordOf } from './change-record.ts';
import { locateRun } from './locate.ts';
import type { CommonOptions } from './options.ts';
import { print, textWidth } from './terminal.ts';

/** `runs show`: how a run ended, what changed, what was decided and what is left to do. */
export async function showRun(run: string, options: CommonOptions): Promise<ExitStatus> {
  const { files } = await locateRun(run, options);
  const record = await recordOf(files);
  for (const line of overviewLines(record)) for (const row of wrapProse(line, textWidth())) print(row);
  return 0;
}
