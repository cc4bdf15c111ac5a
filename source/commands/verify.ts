import { replay } from '../engine/reduce.ts';
import { alteredOutputs } from '../journal/output.ts';
import { readJournalChain } from '../journal/read.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { locateRun } from './locate.ts';
import type { CommonOptions } from './options.ts';
import { print, printJson } from './terminal.ts';

/** `verify`: whether a run's journal and outputs are as they were written. Exit status 1 when they are not. */
export async function verify(runId: string, options: CommonOptions): Promise<ExitStatus> {
  const { files } = locateRun(runId, options);
  const { records, head, tornBytes, problem } = await readJournalChain(files);
  const state = problem === undefined ? replay(records) : undefined;
  const altered = state === undefined ? [] : await alteredOutputs(files, state);
  const intact = problem === undefined && altered.length === 0;
  if (options.json) {
    printJson({ run: runId, intact, records: records.length, head, tornBytes, problem, altered });
    return intact ? 0 : 1;
  }
  if (problem !== undefined) {
    print(`✘ ${files.journal}, line ${problem.line}: ${problem.what}.`);
    print(`  The ${records.length} records before it are as they were written.`);
    return 1;
  }
  for (const { file, step, attempt } of altered) {
    print(
      `✘ ${file} is not what step ${step}, attempt ${attempt} printed: its SHA-256 differs from the journal's.`,
    );
  }
  if (altered.length === 0) print('✔ Every kept output is what its command printed.');
  print(`✔ ${records.length} records, none altered, missing or out of order.`);
  if (tornBytes > 0)
    print(`  A last record was cut off while it was written (${tornBytes} bytes); resuming removes it.`);
  print(`  Final hash ${head}`);
  print(
    '  Compare it with the one in the transcript: the chain alone cannot show that it was written anew as a whole.',
  );
  return intact ? 0 : 1;
}
