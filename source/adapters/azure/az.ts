/** Reading what az prints. */
import { ToolError } from '../../runbook/errors.ts';
import { type CapturedText, type Environment, runForText } from '../command/capture.ts';
import { oneLine } from './errors.ts';

/**
 * Runs `az WORDS -o json` and parses what it prints. `doing` completes "could not …". Throws a `ToolError` when az is
 * missing, is not signed in, fails, or prints something else.
 */
export async function azJson<T>(
  words: readonly string[],
  doing: string,
  environment: Environment,
  signal?: AbortSignal,
): Promise<T> {
  const result = await runForText(['az', ...words, '-o', 'json'], { environment, signal });
  if (result.code !== 0) throw azFailed(result, doing);
  try {
    return JSON.parse(result.stdout) as T;
  } catch (error) {
    throw new ToolError(
      `Could not ${doing}: az ${words.join(' ')} printed something that is not JSON.`,
      `Look at what az ${words.join(' ')} -o json prints.`,
      { cause: error },
    );
  }
}

/** The error for an az command that did not work. */
export function azFailed(result: CapturedText, doing: string): ToolError {
  const text = oneLine(result.stderr);
  if (result.failure === 'missing')
    return new ToolError(
      `Could not ${doing}: the Azure CLI (az) was not found.`,
      'Install it, sign in with az login, then try again.',
    );
  if (result.failure === 'timeout')
    return new ToolError(`Could not ${doing}: az did not answer.`, 'Check the network, then try again.');
  if (/az login|AADSTS\d+/.test(text))
    return new ToolError(
      `Could not ${doing}: the sign-in to Azure does not hold. ${text}`,
      'Sign in with az login, then try again.',
    );
  return new ToolError(
    `Could not ${doing}: ${text === '' ? `az ended with status ${result.code}.` : text}`,
    'Look at what az says, then try again.',
  );
}
