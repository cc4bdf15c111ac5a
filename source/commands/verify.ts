import { replay } from '../engine/reduce.ts';
import { alteredOutputs } from '../journal/output.ts';
import { readJournalChain } from '../journal/read.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { findHash, tellHash } from './find-hash.ts';
import { locateRun } from './locate.ts';
import type { VerifyOptions } from './options.ts';
import { print, printJson } from './terminal.ts';

/** `verify`: whether a run, or a file that was exported from one, is as it was written. Exit status 1 when not. */
export async function verify(runOrFile: string, options: VerifyOptions): Promise<ExitStatus> {
  // The id of a run has none of these; a file without them is named with its directory, as ./record.
  if (/[./\\]/.test(runOrFile)) {
    const { verifyFile } = await import('./verify-file.ts');
    return verifyFile(runOrFile, options);
  }
  return verifyRun(runOrFile, options);
}

async function verifyRun(runId: string, options: VerifyOptions): Promise<ExitStatus> {
  if (options.allowedSigners !== undefined) {
    throw new UsageError(
      `${runId} is not a file, and only files are signed.`,
      'Give the path of an exported record, or leave --allowed-signers out.',
    );
  }
  const { files } = locateRun(runId, options);
  const { records, hashes, head, tornBytes, problem } = await readJournalChain(files);
  const state = problem === undefined ? replay(records) : undefined;
  const altered = state === undefined ? [] : await alteredOutputs(files, state);
  const hash = options.hash === undefined ? undefined : findHash(hashes, options.hash);
  const intact = problem === undefined && altered.length === 0 && hash?.found !== false;
  if (options.json) {
    printJson({ run: runId, intact, records: records.length, head, tornBytes, problem, altered, hash });
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
  if (hash === undefined)
    print(
      '  Compare it with the one in the transcript (--hash): the chain alone cannot show that it was written anew as a whole.',
    );
  else tellHash(hash, 'of this run');
  return intact ? 0 : 1;
}
