/** What errors of the Azure SDK mean to an operator. */
import { clean } from '../../engine/clean.ts';
import { redact } from '../../engine/redaction.ts';
import { ToolError } from '../../runbook/errors.ts';

interface SdkError {
  message: string;
  name: string;
  code?: unknown;
  statusCode?: unknown;
  cause?: unknown;
}

/** Azure's own code of an error (`ResourceNotFound`), or the HTTP client's (`REQUEST_SEND_ERROR`). */
export function errorCode(error: unknown): string | undefined {
  const code = (error as SdkError | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** The HTTP status Azure answered with, if it did. */
export function errorStatus(error: unknown): number | undefined {
  const status = Number((error as SdkError | undefined)?.statusCode);
  return Number.isInteger(status) && status > 0 ? status : undefined;
}

/**
 * The error as one that says what to do. `doing` completes "could not …", as `read the cluster`. An aborted request
 * gives the signal's reason unchanged.
 */
export function azureError(error: unknown, doing: string, signal?: AbortSignal): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (error instanceof ToolError || !(error instanceof Error)) return error;
  const text = oneLine(error.message);
  const tool = (what: string, next: string): ToolError =>
    new ToolError(`Could not ${doing}: ${what}`, next, { cause: error });

  if (/AADSTS\d+/.test(text) || errorStatus(error) === 401)
    return tool(`the sign-in to Azure does not hold. ${text}`, 'Sign in with az login, then try again.');
  // The signal was not aborted, so this is the limit of one request.
  if (error.name === 'AbortError')
    return tool('Azure does not answer.', 'Check the network, the proxy and the VPN, then try again.');
  if (errorStatus(error) === 403)
    return tool(
      `access was refused. ${text}`,
      'Ask for the missing role on the cluster, or sign in with another account.',
    );
  if (errorStatus(error) === 404)
    return tool(
      `Azure knows no such thing. ${text}`,
      'Check the names of cluster and resource group, and the subscription (az account show).',
    );
  if (errorStatus(error) === 429 || (errorStatus(error) ?? 0) >= 500)
    return tool(`Azure is not able to answer at the moment. ${text}`, 'Wait a minute, then try again.');
  if (errorStatus(error) === undefined && (errorCode(error) !== undefined || isSystemError(error.cause)))
    return tool(
      `Azure cannot be reached. ${text}`,
      'Check the network, the proxy and the VPN, then try again.',
    );
  return tool(text, 'Look at what Azure says, then try again.');
}

function isSystemError(cause: unknown): boolean {
  return typeof (cause as SdkError | undefined)?.code === 'string';
}

/** Text from outside, fit to be shown in one line. */
export function oneLine(text: string): string {
  return redact(clean(text)).replaceAll(/\s+/g, ' ').trim();
}
