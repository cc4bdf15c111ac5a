import { alteredOutputs, endlessOutputs, outputNames, untoldOutputs } from '../journal/output.ts';
import { addUp, readJournalChain } from '../journal/read.ts';
import type { Journal } from '../journal/read.ts';
import { ToolError, UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { findHash, tellHash } from './find-hash.ts';
import { locateRun } from './locate.ts';
import type { VerifyOptions } from './options.ts';
import { print, printJson } from './terminal.ts';
import { checkTranscript } from './verify-transcript.ts';
import type { TranscriptCheck } from './verify-transcript.ts';

/** `verify`: whether a run, or a file that was exported from one, is as it was written. Exit status 1 when not. */
export async function verify(runOrFile: string, options: VerifyOptions): Promise<ExitStatus> {
  // The id of a run has none of these; a file without them is named with its directory, as ./record.
  if (/[./\\]/.test(runOrFile)) {
    const { verifyFile } = await import('./verify-file.ts');
    return verifyFile(runOrFile, options);
  }
  return verifyRun(runOrFile, options);
}

async function verifyRun(run: string, options: VerifyOptions): Promise<ExitStatus> {
  if (options.allowedSigners !== undefined) {
    throw new UsageError(
      `${run} is not a file, and only files are signed.`,
      'Give the path of an exported record, or leave --allowed-signers out.',
    );
  }
  const { runId, files } = await locateRun(run, options);
  const names = await outputNames(files);
  const chain = await readJournalChain(files);
  const { records, hashes, head, tornBytes, problem } = chain;
  const journal = problem === undefined ? addedUp(files, chain) : undefined;
  const unreadable = journal instanceof ToolError ? journal : undefined;
  const state = journal === undefined || journal instanceof ToolError ? undefined : journal.state;
  const altered = state === undefined ? [] : await alteredOutputs(files, state);
  const untold = state === undefined ? [] : untoldOutputs(files, state, names);
  const endless = state === undefined ? [] : endlessOutputs(state, names);
  const transcript =
    state === undefined || untold.length > 0 ? undefined : await checkTranscript(files, state, chain);
  const hash = options.hash === undefined ? undefined : findHash(hashes, options.hash);
  const intact =
    state !== undefined &&
    altered.length === 0 &&
    untold.length === 0 &&
    hash?.found !== false &&
    transcript?.problem === undefined;
  if (options.json) {
    const found = {
      problem,
      unreadable: unreadable?.message,
      altered,
      untold,
      unchecked: endless,
      hash,
      transcript,
    };
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
  if (state !== undefined && altered.length === 0 && names.length > 0)
    print('✔ Every kept output is what its command printed.');
  for (const name of endless)
    print(
      `  But for ${name}: how its command ended is not in the journal, and so no SHA-256 of what it printed.`,
    );
  if (records.length === 0) return 1;
  if (untold.length === 0) print(`✔ ${records.length} records, none altered, missing or out of order.`);
  if (tornBytes > 0)
    print(`  A last record was cut off while it was written (${tornBytes} bytes); resuming removes it.`);
  if (transcript !== undefined) tellTranscript(transcript);
  print(`  Final hash ${head}`);
  if (hash === undefined)
    print(
      '  Compare it with the one in the transcript (--hash): the chain alone cannot show that it was written anew as a whole.',
    );
  else tellHash(hash, 'of this run');
  return intact ? 0 : 1;
}

function tellTranscript({ file, same, problem, unchecked }: TranscriptCheck): void {
  if (same) print('✔ The transcript beside it is what this journal gives, computed anew.');
  else if (problem !== undefined) print(`✘ ${file}: ${problem}.`);
  else print(`  The text of ${file} was not compared: ${unchecked}.`);
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
