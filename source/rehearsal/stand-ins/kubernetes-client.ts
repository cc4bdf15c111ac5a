/** How the stand-in kubectl reads its kubeconfig and reaches the API server through the proxy named there. */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { homedir } from 'node:os';
import { join } from 'node:path';
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
   * The body of the answer.
   *
   * @throws Ended for a failed connection. A `Status` of failure is returned like any other body.
   */
  ask(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Json> {
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
          incoming.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as Json));
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
