/** Running a short command that only reads, for its text. */
import { execa } from 'execa';
import { clean } from '../../engine/clean.ts';
import { redact } from '../../engine/redaction.ts';

/** The environment of a process: all of it, not an addition to ours. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface CapturedText {
  /** Exit status; null when it could not be started, was ended by a signal, or took too long. */
  code: number | null;
  /** As the program wrote it. */
  stdout: string;
  /** Cleaned and redacted, because it is shown in messages. */
  stderr: string;
  /** Why there is no exit status. */
  failure?: 'missing' | 'timeout' | 'ended' | undefined;
}

/** More than any of the commands read here print. Characters. */
const largestOutput = 32 * 1024 * 1024;

/**
 * Runs a program without a shell and gives back what it printed. A program that fails or does not exist is a
 * result, not an error. Rejects with the signal's reason when aborted. `timeout` is in milliseconds.
 */
export async function runForText(
  argv: readonly [string, ...string[]],
  options: {
    environment: Environment;
    signal?: AbortSignal | undefined;
    timeout?: number | undefined;
    /** What the program reads as its standard input, the path of a file or a text; nothing otherwise. */
    input?: string | { text: string } | undefined;
  },
): Promise<CapturedText> {
  const { environment, signal, timeout = 120_000, input } = options;
  signal?.throwIfAborted();
  const [program, ...words] = argv;
  const result = await execa(program, words, {
    env: defined(environment),
    extendEnv: false,
    ...standardInput(input),
    reject: false,
    stripFinalNewline: false,
    killDescendants: true,
    forceKillAfterDelay: 2_000,
    maxBuffer: largestOutput,
    timeout,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  return {
    code: result.exitCode ?? null,
    stdout: result.stdout ?? '',
    stderr: redact(clean(result.stderr ?? '')).trim(),
    ...(result.exitCode === undefined && { failure: failureOf(result) }),
  };
}

function standardInput(input: string | { text: string } | undefined) {
  if (typeof input === 'object') return { input: input.text };
  return { stdin: input === undefined ? ('ignore' as const) : { file: input } };
}

function failureOf(result: {
  code?: string | undefined;
  timedOut: boolean;
}): 'missing' | 'timeout' | 'ended' {
  if (result.timedOut) return 'timeout';
  return result.code === 'ENOENT' || result.code === 'EACCES' ? 'missing' : 'ended';
}

/** The environment without the names that have no value. */
export function defined(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
