import type { ExitStatus } from '../runbook/errors.ts';
import { markdownRecord, writeWhole } from './change-record.ts';
import { locateRun } from './locate.ts';
import type { CommonOptions } from './options.ts';
import { print } from './terminal.ts';

/** `export`: the change record of a run, finished or not. */
export async function exportRun(
  runId: string,
  options: CommonOptions & { output?: string },
): Promise<ExitStatus> {
  const { files } = locateRun(runId, options);
  const record = await markdownRecord(files);
  if (options.output === undefined) {
    process.stdout.write(record);
  } else {
    await writeWhole(options.output, record);
    print(options.output);
  }
  return 0;
}
