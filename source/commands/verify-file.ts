/** Checking an exported record, and the signature beside it. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { checkSignature, signatureFile } from '../adapters/ssh-signature.ts';
import type { SignatureCheck } from '../adapters/ssh-signature.ts';
import { reason } from '../journal/state-directory.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { checkExport } from './check-export.ts';
import type { ExportReading } from './check-export.ts';
import { findHash, tellHash } from './find-hash.ts';
import type { VerifyOptions } from './options.ts';
import { print, printJson } from './terminal.ts';

/** `verify FILE`: whether an exported record is as it was made. Exit status 1 when it is not. */
export async function verifyFile(file: string, options: VerifyOptions): Promise<ExitStatus> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new UsageError(
      `${file} cannot be read: ${reason(cause)}.`,
      'Give the path of an exported record.',
      {
        cause,
      },
    );
  });
  const signature = await signatureOf(file, options);
  const isJson = /^\s*\{/.test(bytes.toString('latin1', 0, 100));
  const reading = isJson ? checkExport(bytes) : undefined;
  if (reading === undefined && signature === undefined) {
    throw new UsageError(
      `${file} is no JSON export and has no signature beside it, so nothing in it can be checked.`,
      'Check the run it names, or its JSON export, with the command at its end; a new export shows what its text should be.',
    );
  }
  const hash = options.hash === undefined ? undefined : findHash(reading?.hashes ?? [], options.hash);
  const intact = (reading?.problems.length ?? 0) === 0 && signature?.good !== false && hash?.found !== false;
  if (options.json) {
    const { hashes, ...found } = reading ?? { hashes: [] };
    printJson({ file, intact, ...found, head: hashes.at(-1), signature, hash });
    return intact ? 0 : 1;
  }
  if (reading !== undefined) tell(file, reading);
  if (hash !== undefined) tellHash(hash, 'in this file');
  if (signature === undefined) print('  It is not signed.');
  else tellSignature(signature, reading === undefined);
  return intact ? 0 : 1;
}

/** What is said of the signature beside a file; undefined when there is none, and none is asked for. */
async function signatureOf(
  file: string,
  { allowedSigners }: VerifyOptions,
): Promise<SignatureCheck | undefined> {
  if (existsSync(signatureFile(file))) return checkSignature(file, allowedSigners);
  if (allowedSigners === undefined) return undefined;
  return { good: false, holds: false, problem: `there is no ${signatureFile(file)}` };
}

function tell(file: string, reading: ExportReading): void {
  const { problems, records, withheld, wholeOutputs, partOutputs, recomputed, runId, hashes } = reading;
  for (const { where, what } of problems) print(`✘ ${file}: ${where}: ${what}.`);
  if (problems.length > 0) {
    if (records > 0) print(`  The journal's first ${records} records are as they were written.`);
    return;
  }
  print(`✔ The file is as it was made: its own SHA-256 fits.`);
  print(`✔ Run ${runId}: ${records} records, none altered, missing or out of order.`);
  if (withheld > 0)
    print(`  Of ${withheld} of them only the place was checked: something was taken out of them.`);
  if (recomputed === true) print('✔ The record is what this journal gives, computed anew.');
  else print(`  The record was not computed anew: ${recomputed}.`);
  if (wholeOutputs > 0) print(`✔ Outputs given whole and as they were printed: ${wholeOutputs}.`);
  if (partOutputs > 0)
    print(`  Outputs shortened or redacted, which only the run can be compared with: ${partOutputs}.`);
  print(`  Final hash ${hashes.at(-1)}`);
  print(
    '  This does not show that the file was not written anew as a whole: compare the hash with one noted elsewhere.',
  );
}

function tellSignature({ good, holds, key, principal, problem }: SignatureCheck, only: boolean): void {
  if (!good && holds) {
    print(`✘ The signature is by ${key} and the file was not changed since, but the signer is not known:`);
    return print(`  ${problem}.`);
  }
  if (!good) return print(`✘ The signature does not hold: ${problem}.`);
  if (principal !== undefined) print(`✔ Signed by ${principal} with ${key}; not changed since.`);
  else print(`✔ Signed with ${key}, and not changed since. Whose key that is only --allowed-signers tells.`);
  if (only)
    print('  The signature is all there is to check: the journal is in the run and in its JSON export.');
}
