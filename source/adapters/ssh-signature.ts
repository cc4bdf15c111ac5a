/** Signatures of files with the operator's own SSH key, made and checked by OpenSSH's ssh-keygen (8.2 or later). */
import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ToolError, UsageError } from '../runbook/errors.ts';
import { runForText } from './command/capture.ts';
import type { CapturedText } from './command/capture.ts';

/** What such a signature is for (ssh-keygen(1), "-n namespace"): one made for anything else does not pass. */
const namespace = 'aks-kms-runbook-record';

/** What there is to say of a signature. */
export interface SignatureCheck {
  good: boolean;
  /** It is by that key and of this very file, whoever may sign. */
  holds: boolean;
  /** The key it was made with, for example `ED25519 key SHA256:…`. */
  key?: string | undefined;
  /** Whose key that is, when a list of signers says so. */
  principal?: string | undefined;
  /** Why it is not good. */
  problem?: string | undefined;
}

/** Where the signature of a file is. */
export function signatureFile(file: string): string {
  return `${file}.sig`;
}

/**
 * The signature of a text, as the file beside it holds it. `key` is a private key without a passphrase, or the public
 * key of one that ssh-agent holds. Throws `ToolError`.
 */
export async function signatureOf(text: string, key: string): Promise<string> {
  const result = await sshKeygen(['-Y', 'sign', '-f', resolve(key), '-n', namespace], { text });
  if (result.code === 0) return result.stdout;
  throw new ToolError(
    `Nothing was written, because it could not be signed: ${lastLine(result)}`,
    'Give a private key without a passphrase, or the public key (.pub) of one that ssh-agent holds (ssh-add).',
  );
}

/**
 * Checks the signature of a file. With `allowedSigners` (a file as ssh-keygen(1) describes it under "ALLOWED SIGNERS")
 * it also has to be by somebody listed there. Throws `ToolError` when ssh-keygen cannot be used, or the list not be read.
 */
export async function checkSignature(file: string, allowedSigners?: string): Promise<SignatureCheck> {
  const path = resolve(file);
  const common = ['-n', namespace, '-s', signatureFile(path)];
  const plain = await sshKeygen(['-Y', 'check-novalidate', ...common], path);
  const key = /signature with (.*)$/m.exec(plain.stdout)?.[1];
  if (plain.code !== 0) return { good: false, holds: false, problem: lastLine(plain) };
  if (allowedSigners === undefined) return { good: true, holds: true, key };
  // ssh-keygen would only say that nobody is in it.
  await access(allowedSigners, constants.R_OK).catch((cause: unknown) => {
    throw new UsageError(
      `${allowedSigners} cannot be read.`,
      'Give the path of a list of signers, as ssh-keygen(1) describes it under "ALLOWED SIGNERS".',
      { cause },
    );
  });
  const list = ['-f', resolve(allowedSigners)];
  const found = await sshKeygen(['-Y', 'find-principals', ...list, '-s', signatureFile(path)]);
  const principal = found.stdout.split('\n')[0]?.trim() ?? '';
  if (found.code !== 0 || principal === '')
    return {
      good: false,
      holds: true,
      key,
      problem: `${allowedSigners} names nobody who has that key and may sign with it now`,
    };
  const checked = await sshKeygen(['-Y', 'verify', ...list, '-I', principal, ...common], path);
  return checked.code === 0
    ? { good: true, holds: true, key, principal }
    : { good: false, holds: true, key, problem: lastLine(checked) };
}

async function sshKeygen(words: readonly string[], input?: string | { text: string }): Promise<CapturedText> {
  const result = await runForText(['ssh-keygen', ...words], { environment: process.env, input });
  if (result.failure !== 'missing') return result;
  throw new UsageError(
    'ssh-keygen was not found.',
    'Install OpenSSH 8.2 or later, which signs files and checks signatures.',
  );
}

/** What it says last; it begins with what it is about to do. */
function lastLine({ stderr, stdout, code }: CapturedText): string {
  const said = `${stdout}\n${stderr}`.trim().split('\n').at(-1)?.trim() ?? '';
  return said === '' ? `ssh-keygen ended with status ${code}` : said;
}
