/** Requests to the cluster's API server with what the kubeconfig says: address, proxy, trust, and sign-in. */
import http from 'node:http';
import https from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import packageJson from '../../../package.json' with { type: 'json' };
import { ToolError } from '../../runbook/errors.ts';
import { oneLine } from '../azure/errors.ts';
import { usePlugins } from './exec-plugin.ts';
import { proxyFor } from './proxy.ts';

export interface KubernetesRequest {
  method: 'GET' | 'PATCH' | 'POST';
  /** Path and query, as `/api/v1/secrets?limit=500`. */
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  /** By lower-case name; `accept` and `content-type` are JSON unless given. */
  headers?: Readonly<Record<string, string>> | undefined;
  signal?: AbortSignal | undefined;
}

export interface KubernetesReply {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON, usually an object or a `Status`; the text itself when it is not JSON. */
  body: unknown;
}

export interface KubernetesClient {
  /** Address of the API server. */
  readonly server: string;
  /**
   * Sends a request over a kept-alive connection. Every answer is a reply, whatever its status. Throws a `ToolError`
   * when there is no answer; aborting rejects with the signal's reason.
   */
  request(request: KubernetesRequest): Promise<KubernetesReply>;
  /**
   * As `request`, and waits and asks again when the server is busy or in trouble (429, 5xx) or the connection is lost,
   * as Retry-After says. For what may be asked twice.
   */
  requestPatiently(request: KubernetesRequest): Promise<KubernetesReply>;
  /** Closes the connections; further requests make new ones. Requests under way fail, also while they sign in. */
  reconnect(): void;
  /** Reads the kubeconfig again and signs in anew at the next request. */
  signInAgain(): void;
  /** Closes the connections. */
  close(): void;
}

/** Where a client's address and sign-in come from. */
interface ClientSource {
  /** Reads the kubeconfig, with the context to use as the current one. */
  load(): Promise<KubeConfig>;
  /** What to do when the current context names no server. */
  noServer: string;
  /** Gets one line each time a request is about to be sent again. */
  onRetry?: ((text: string) => void) | undefined;
}

/** Credentials are looked at again after this, since they run out. Milliseconds. */
const credentialsLast = 30_000;
const busyAttempts = 6;
/** The pause before asking again when the server asks for none. Milliseconds. */
const usualWait = 1_000;
/** What becomes of a connection while an API server restarts. Errors of a connection, as Node names them. */
const passingErrors = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT']);
/** Longest wait the server may ask for. Milliseconds. */
const longestWait = 60_000;
/** Without a byte for this long the server counts as unreachable. Milliseconds. */
const silence = 30_000;
/** What the cluster's audit log names the writer by. */
const userAgent = `${packageJson.name}/${packageJson.version}`;

/**
 * A client for the current context of a kubeconfig file. Its exec plugins run in the environment of the tool. `onRetry`
 * gets one line each time a request is about to be sent again.
 */
export async function createKubernetesClient(
  kubeconfigFile: string,
  onRetry?: (text: string) => void,
): Promise<KubernetesClient> {
  return connect({
    async load() {
      const { KubeConfig } = await import('./library.ts');
      const config = new KubeConfig();
      config.loadFromFile(kubeconfigFile);
      return config;
    },
    noServer: `Remove ${kubeconfigFile} and try again; it is got anew.`,
    onRetry,
  });
}

/** A client for the current context of what `load` reads. Throws `ToolError` when it names no server. */
export async function connect({
  load,
  noServer,
  onRetry = () => undefined,
}: ClientSource): Promise<KubernetesClient> {
  const config = await load();
  const address = config.getCurrentCluster()?.server;
  if (address === undefined) throw new ToolError('The kubeconfig names no server.', noServer);
  const server = new URL(address);
  const prefix = server.pathname.replace(/\/$/, '');
  const options = signedIn(config, load, address);
  const place = {
    protocol: server.protocol,
    hostname: server.hostname.replace(/^\[|\]$/g, ''),
    port: server.port,
  };

  const request = async ({
    method,
    path,
    body,
    headers,
    signal,
  }: KubernetesRequest): Promise<KubernetesReply> => {
    signal?.throwIfAborted();
    const given = await unlessAborted(options.current(), signal);
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    try {
      return await send(payload, {
        ...place,
        ...given,
        method,
        path: `${prefix}${path}`,
        headers: {
          accept: 'application/json',
          'user-agent': userAgent,
          ...(payload && { 'content-type': 'application/json', 'content-length': payload.length }),
          ...(given.headers as Record<string, string> | undefined),
          ...headers,
        },
        ...(signal && { signal }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw unreachable(address, error);
    }
  };

  return {
    server: address,
    request,
    async requestPatiently(what) {
      for (let attempt = 1; attempt < busyAttempts; attempt += 1) {
        let wait = usualWait;
        try {
          const reply = await request(what);
          if (reply.status !== 429 && reply.status < 500) return reply;
          wait = retryAfter(reply) ?? usualWait;
          onRetry(
            `The API server is not able to answer (${reply.status}); asking again in ${wait / 1_000}s.`,
          );
        } catch (error) {
          if (!isPassing(error)) throw error;
          onRetry(`The API server cannot be reached; asking again in ${wait / 1_000}s.`);
        }
        await pause(wait, what.signal);
      }
      return request(what);
    },
    reconnect: () => options.close(),
    signInAgain: () => options.forget(),
    close: () => options.close(),
  };
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof ToolError)) return false;
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return code !== undefined && passingErrors.has(code);
}

/** Milliseconds the server asks to wait, if it does, within reason. */
export function retryAfter(reply: KubernetesReply): number | undefined {
  const seconds = Number(reply.headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1_000, longestWait) : undefined;
}

async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, signal && { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}

/** The library does not heed a signal while a sign-in program of the kubeconfig runs; whoever waits for it can. */
async function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    // It may still fail, when nobody waits for it any more.
    promise.catch(() => undefined);
  }
}

/** The request options the kubeconfig stands for, renewed now and then, with one agent that keeps connections. */
function signedIn(first: KubeConfig, load: () => Promise<KubeConfig>, address: string) {
  let config: KubeConfig | undefined;
  let unread: KubeConfig | undefined = first;
  let agent: https.Agent | undefined;
  let known: { options: Promise<https.RequestOptions>; until: number } | undefined;
  /** What `known` has come to: a request has nothing to wait for, and nothing to be called off. */
  let ready: https.RequestOptions | undefined;
  let closed = new AbortController();
  const { host } = new URL(address);
  const make = async (): Promise<https.RequestOptions> => {
    const options: https.RequestOptions = {};
    try {
      if (config === undefined) {
        config = unread ?? (await load());
        unread = undefined;
        usePlugins(config, () => closed.signal);
      }
      const cluster = config.getCurrentCluster();
      // What signs in to one cluster is not for another to see.
      if (cluster?.server !== address)
        throw new Error(`the kubeconfig now leads to ${cluster?.server ?? 'no server'}`);
      const proxy = cluster.proxyUrl ?? proxyFor(new URL(address), process.env);
      // To kubectl both mean that the proxy looks the name up; the library would do so here with the one.
      Object.assign(cluster, { proxyUrl: proxy?.replace(/^socks5:/, 'socks5h:') });
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      known = undefined;
      config = undefined;
      throw new ToolError(
        `The sign-in to ${host} did not work: ${oneLine((error as Error).message)}`,
        'Sign in again (for AKS with az login), then try again.',
        { cause: error },
      );
    }
    // The library gives the same agent each time, made without keep-alive: a connection for every request. It knows the
    // certificates, so requests need not name them; else each would put them together to find its connection.
    agent = options.agent as https.Agent;
    const given = Object.entries(agent.options).filter(([, value]) => value !== undefined);
    Object.assign(agent, { keepAlive: true, getName: () => address, options: Object.fromEntries(given) });
    const { auth, headers } = options;
    return { agent, ...(auth !== undefined && auth !== null && { auth }), ...(headers && { headers }) };
  };
  return {
    async current(): Promise<https.RequestOptions> {
      if (known === undefined || known.until < Date.now()) {
        ready = undefined;
        known = { options: make(), until: Date.now() + credentialsLast };
      }
      const { options } = known;
      if (ready !== undefined) return ready;
      const made = await unlessAborted(options, closed.signal);
      if (known?.options === options) ready = made;
      return made;
    },
    /** The library keeps what a plugin gave it until that runs out by its own word; a new reading asks anew. */
    forget(): void {
      known = undefined;
      config = undefined;
      agent?.destroy();
    },
    close(): void {
      agent?.destroy();
      // A program that signs in and never ends would be waited for again.
      known = undefined;
      closed.abort(new ToolError(`The sign-in to ${host} was given up.`, 'Try again.'));
      closed = new AbortController();
    },
  };
}

async function send(payload: Buffer | undefined, options: https.RequestOptions): Promise<KubernetesReply> {
  const { promise, resolve, reject } = Promise.withResolvers<KubernetesReply>();
  const start = options.protocol === 'http:' ? http.request : https.request;
  const outgoing = start(options, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed(text) });
    });
  });
  outgoing.setTimeout(silence, () => outgoing.destroy(new Error('it does not answer')));
  outgoing.on('error', reject);
  outgoing.end(payload);
  return promise;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function unreachable(address: string, error: unknown): unknown {
  if (error instanceof ToolError || !(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  const certificate = code !== undefined && /CERT|SELF_SIGNED|VERIFY/.test(code);
  return new ToolError(
    `The API server ${new URL(address).host} cannot be reached: ${oneLine(error.message || (code ?? error.name))}`,
    certificate
      ? 'See that nothing on the way replaces its certificate, then try again.'
      : 'Check the network and the VPN (a private cluster is reached only from its network), then try again.',
    { cause: error },
  );
}

/** What a `Status` says, in one line. */
export function statusMessage(reply: KubernetesReply): string {
  const { message } = (reply.body ?? {}) as { message?: unknown };
  return typeof message === 'string' ? oneLine(message) : `the API server answered ${reply.status}`;
}

/** The error for an answer that cannot be used. `doing` completes "could not …". */
export function refused(reply: KubernetesReply, doing: string): ToolError {
  const what = `Could not ${doing}: ${statusMessage(reply)}`;
  if (reply.status === 401)
    return new ToolError(what, 'Sign in again (for AKS with az login), then try again.');
  if (reply.status === 403)
    return new ToolError(what, 'Ask for the missing role in the cluster, then try again.');
  return new ToolError(what, 'Look at what the API server says, then try again.');
}
