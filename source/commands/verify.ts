import { alteredOutputs, untoldOutputs } from '../journal/output.ts';
import { addUp, readJournalChain } from '../journal/read.ts';
import type { Journal } from '../journal/read.ts';
import { ToolError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { locateRun } from './locate.ts';
import type { CommonOptions } from './options.ts';
import { print, printJson } from './terminal.ts';

/** `verify`: whether a run's journal and outputs are as they were written. Exit status 1 when they are not. */
export async function verify(runId: string, options: CommonOptions): Promise<ExitStatus> {
  const { files } = locateRun(runId, options);
  const chain = await readJournalChain(files);
  const { records, head, tornBytes, problem } = chain;
  const journal = problem === undefined ? addedUp(files, chain) : undefined;
  const unreadable = journal instanceof ToolError ? journal : undefined;
  const state = journal === undefined || journal instanceof ToolError ? undefined : journal.state;
  const altered = state === undefined ? [] : await alteredOutputs(files, state);
  const untold = state === undefined ? [] : await untoldOutputs(files, state);
  const intact = state !== undefined && altered.length === 0 && untold.length === 0;
  if (options.json) {
    const found = { problem, unreadable: unreadable?.message, altered, untold };
    printJson({ run: runId, intact, records: records.length, head, tornBytes, ...found });
    return intact ? 0 : 1;
  }
  if (problem !== undefined) {
    print(`✘ ${files.journal}, line ${problem.line}: ${problem.what}.`);
    print(`  The ${records.length} records before it are as they were written.`);
    return 1;
  }
  if (unreadable !== undefined) {
    print(`✘ ${unreadable.message}`);
    print(`  ${unreadable.next}`);
  }
  for (const { file, step, attempt, what } of altered)
    print(`✘ ${file} is not what step ${step}, attempt ${attempt} printed: ${what}.`);
  for (const file of untold)
    print(`✘ ${file} is of an attempt the journal does not tell of: lines are missing at its end.`);
  if (state !== undefined && altered.length === 0) print('✔ Every kept output is what its command printed.');
  if (records.length === 0) return 1;
  if (untold.length === 0) print(`✔ ${records.length} records, none altered, missing or out of order.`);
  if (tornBytes > 0)
    print(`  A last record was cut off while it was written (${tornBytes} bytes); resuming removes it.`);
  print(`  Final hash ${head}`);
  print(
    '  Compare it with the one in the transcript: the chain alone cannot show that it was written anew as a whole.',
  );
  return intact ? 0 : 1;
}

/** What the chain adds up to, or why it does not. */
function addedUp(...chain: Parameters<typeof addUp>): Journal | ToolError {
  try {
    return addUp(...chain);
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
}
