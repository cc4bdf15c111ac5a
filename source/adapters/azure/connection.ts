/** How Azure Resource Manager is reached: by the real one with the operator's az login, by a rehearsal with its own. */
import type { Environment } from '../command/capture.ts';
import type { Account } from './account.ts';
import { azCredential, type Credential } from './az-credential.ts';

export interface AzureConnection {
  /** Base URL of Azure Resource Manager, without a slash at the end. Must be HTTPS. */
  endpoint: string;
  /** Scope of the tokens, as `https://management.core.windows.net//.default`. */
  scope: string;
  credential: Credential;
  /** PEM to trust instead of the system's authorities. */
  ca?: string | undefined;
  /** Goes to the endpoint directly, whatever proxy the environment names. For a simulation on this machine. */
  direct?: boolean | undefined;
  /** Called with one line each time Azure asks to wait or answers with an error of its own. */
  onRetry?: ((text: string) => void) | undefined;
}

/** A connection with the credentials of the operator's az login, to the cloud that is active in az. */
export function connectWithAz(
  account: Account,
  environment: Environment,
  options: { onRetry?: ((text: string) => void) | undefined } = {},
): AzureConnection {
  return {
    endpoint: account.armEndpoint,
    scope: account.tokenScope,
    credential: azCredential(account, environment),
    ...options,
  };
}

/** The parts of an SDK pipeline used here; the SDKs share the shape, not the type. */
interface Pipeline {
  addPolicy(
    policy: {
      name: string;
      sendRequest<
        Request extends SdkRequest,
        Response extends { status: number; headers: { get(name: string): string | undefined } },
      >(
        request: Request,
        next: (request: Request) => Promise<Response>,
      ): Promise<Response>;
    },
    options?: { afterPhase?: 'Retry' | 'Sign' },
  ): void;
  removePolicy(options: { name: string }): unknown;
}

interface SdkRequest {
  url: string;
  abortSignal?: { readonly aborted: boolean } | undefined;
}

/** Without a whole answer for this long a request is given up. Milliseconds. */
const patience = 60_000;

/** Fits a new client's pipeline to the connection. To be called once, before the client's first request. */
export function adapt(pipeline: Pipeline, { direct, onRetry }: AzureConnection): void {
  if (direct === true) pipeline.removePolicy({ name: 'proxyPolicy' });
  limitTime(pipeline);
  if (onRetry !== undefined) tellRetries(pipeline, onRetry);
}

/**
 * Gives up each single request that takes too long. The SDK's own `timeout` leaves its timer running when a request
 * fails or is aborted, and with it the process.
 */
function limitTime(pipeline: Pipeline): void {
  pipeline.addPolicy(
    {
      name: 'limitTime',
      async sendRequest(request, next) {
        const outer = request.abortSignal;
        const limit = new AbortController();
        const timer = setTimeout(() => limit.abort(), patience);
        // The SDK's type knows less of a signal than ours; what arrives here is the one we gave.
        const signals = outer === undefined ? [limit.signal] : [outer as AbortSignal, limit.signal];
        request.abortSignal = AbortSignal.any(signals);
        try {
          return await next(request);
        } finally {
          clearTimeout(timer);
          request.abortSignal = outer;
        }
      },
    },
    { afterPhase: 'Sign' },
  );
}

/** Makes the SDK's own retries visible. The SDK waits as long as Retry-After says; this only tells. */
function tellRetries(pipeline: Pipeline, onRetry: (text: string) => void): void {
  pipeline.addPolicy(
    {
      name: 'tellRetries',
      async sendRequest(request, next) {
        const response = await next(request);
        if (response.status === 429)
          onRetry(`Azure is busy (429) and asked to wait${wait(response.headers)}.`);
        else if (response.status >= 500)
          onRetry(`Azure answered with an error of its own (${response.status}).`);
        return response;
      },
    },
    { afterPhase: 'Retry' },
  );
}

/** ` 30s`, as far as the answer says. */
function wait(headers: { get(name: string): string | undefined }): string {
  const seconds = Number(headers.get('retry-after'));
  return seconds > 0 ? ` ${seconds}s` : '';
}

/** Options that all SDK clients understand. */
export function clientOptions(connection: AzureConnection) {
  const { endpoint, scope, ca } = connection;
  return {
    endpoint,
    $host: endpoint,
    credentialScopes: [scope],
    credentials: { scopes: [scope] },
    ...(ca === undefined ? {} : { tlsOptions: { ca } }),
  };
}

/** Options of one request. */
export function requestOptions(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { abortSignal: signal };
}
