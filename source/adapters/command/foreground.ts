/** A program that has the terminal until it ends. */
import process from 'node:process';
import { execa } from 'execa';
import { ToolError } from '../../runbook/errors.ts';
import { type Environment, defined } from './capture.ts';

const pass = (): void => undefined;

/**
 * Runs a program of the operator's in the foreground, without a shell, and waits until it has ended, however that was.
 * Throws `ToolError` when it cannot be started.
 */
export async function runInForeground(
  argv: readonly [string, ...string[]],
  environment: Environment,
): Promise<void> {
  const [program, ...words] = argv;
  // Keys that signal go to every program of the terminal; they are meant for this one.
  process.on('SIGINT', pass);
  process.on('SIGQUIT', pass);
  // Node reads ahead, and would take the first keys for itself.
  process.stdin.pause();
  try {
    const result = await execa(program, words, {
      env: defined(environment),
      extendEnv: false,
      stdio: 'inherit',
      reject: false,
    });
    if (result.exitCode === undefined && !result.isTerminated)
      throw new ToolError(`${program} could not be started.`, 'Set PAGER to a pager that is installed.');
  } finally {
    process.off('SIGINT', pass);
    process.off('SIGQUIT', pass);
  }
}
