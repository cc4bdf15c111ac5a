/** How the stand-in kubectl reads its kubeconfig and reaches the API server through the proxy named there. */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect } from 'node:tls';

import { Ended } from './ended.ts';

type Json = Record<string, unknown>;

export interface Kubeconfig {
  clusters: {
    name: string;
    cluster: { server: string; 'proxy-url'?: string; 'certificate-authority-data'?: string };
  }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: { token?: string } }[];
  'current-context': string;
}

/**
 * The kubeconfig of `--kubeconfig`, `KUBECONFIG` or the home directory.
 *
 * @throws Ended with kubectl's words when there is none.
 */
export async function readKubeconfig(given: string | undefined): Promise<Kubeconfig> {
  const { parse } = await import('yaml');
  const path = given ?? process.env['KUBECONFIG']?.split(':')[0] ?? join(homedir(), '.kube', 'config');
  try {
    return parse(readFileSync(path, 'utf8')) as Kubeconfig;
  } catch {
    throw new Ended(
      1,
      'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
    );
  }
}

interface Answer {
  body: Json;
  /** Seconds after which the server wants to be asked again. */
  retryAfter: number | undefined;
}

export class KubernetesClient {
  readonly #server: URL;
  readonly #token: string;
  readonly #agent: Agent;

  constructor(config: Kubeconfig) {
    const context = config.contexts.find(({ name }) => name === config['current-context'])?.context;
    const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
    const user = config.users.find(({ name }) => name === context?.user)?.user;
    if (cluster === undefined) throw new Ended(1, 'error: current-context must exist in order to minify');
    this.#server = new URL(cluster.server);
    this.#token = user?.token ?? '';
    this.#agent = new TunnelAgent(
      new URL(cluster['proxy-url'] ?? 'http://127.0.0.1'),
      Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64').toString(),
    );
  }

  /**
   * The body of the answer. As client-go does it, a request is sent again, up to ten times, when the server says after
   * how many seconds.
   *
   * @throws Ended for a failed connection. A `Status` of failure is returned like any other body.
   */
  async ask(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Json> {
    for (let retries = 10; ; retries -= 1) {
      const answer = await this.#send(method, path, body, type);
      if (answer.retryAfter === undefined || retries === 0) return answer.body;
      await setTimeout(answer.retryAfter * 1000);
    }
  }

  #send(method: string, path: string, body: unknown, type: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(new Ended(1, `Unable to connect to the server: ${error.message}`));
      const outgoing = request(
        new URL(path, this.#server),
        {
          method,
          agent: this.#agent,
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${this.#token}`,
            'user-agent': 'kubectl/v1.34.1 (rehearsal)',
            ...(body === undefined ? {} : { 'content-type': type }),
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', failed);
          incoming.on('end', () => {
            const status = incoming.statusCode ?? 0;
            const seconds = Number(incoming.headers['retry-after'] ?? Number.NaN);
            const again = (status === 429 || status >= 500) && seconds >= 0;
            const text = Buffer.concat(chunks).toString();
            resolve({ body: parsed(text), retryAfter: again ? seconds : undefined });
          });
        },
      );
      outgoing.on('error', failed);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** An answer that is not JSON comes from something before the API server; kubectl makes a `Status` of it. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    const message = `an error on the server (${JSON.stringify(text.trim())}) has prevented the request from succeeding`;
    return { kind: 'Status', reason: 'InternalError', message };
  }
}

/** Opens TLS connections inside `CONNECT` tunnels. */
class TunnelAgent extends Agent {
  readonly #proxy: URL;
  readonly #certificate: string;

  constructor(proxy: URL, certificate: string) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#proxy = proxy;
    this.#certificate = certificate;
  }

  override createConnection(
    options: { host?: string; port?: number | string | null },
    callback: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const host = options.host ?? '';
    const failed = (error: Error): void => callback(error, undefined as unknown as Duplex);
    const tunnel = httpRequest(this.#proxy, { method: 'CONNECT', path: `${host}:${options.port ?? 443}` });
    tunnel.on('error', failed);
    tunnel.on('connect', (response, socket) => {
      if (response.statusCode === 200)
        callback(null, connect({ socket, servername: host, ca: this.#certificate }));
      else failed(new Error(`proxyconnect tcp: ${response.statusMessage}`));
    });
    tunnel.end();
    return undefined;
  }
}
