import { runFiles, stateDirectory } from '../journal/state-directory.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { markdownRecord, writeWhole } from './change-record.ts';
import type { CommonOptions } from './options.ts';
import { print } from './terminal.ts';

/** `export`: the change record of a run, finished or not. */
export async function exportRun(
  runId: string,
  options: CommonOptions & { output?: string },
): Promise<ExitStatus> {
  const files = runFiles(stateDirectory(options.stateDir, options.rehearse === true), runId);
  const record = await markdownRecord(files);
  if (options.output === undefined) {
    process.stdout.write(record);
  } else {
    await writeWhole(options.output, record);
    print(options.output);
  }
  return 0;
}
