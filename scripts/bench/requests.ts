/** The requests of a rewrite, sent with nothing around them. */
import { request as httpRequest } from 'node:http';
import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';

export interface Requests {
  /** The paths of all Secrets. */
  list(): Promise<string[]>;
  /** Patches each, as many at a time as there are connections. */
  patch(paths: readonly string[], query?: string): Promise<void>;
  close(): void;
}

interface Table {
  rows: { cells: string[] }[];
}

/** Requests over `connections` kept connections to the cluster of a kubeconfig that a simulation gave. */
export function openRequests(kubeconfig: string, connections: number): Requests {
  const found = (pattern: RegExp): string => pattern.exec(kubeconfig)?.[1] ?? '';
  const host = found(/server: https:\/\/([^:]+)/u);
  const headers = {
    accept: 'application/json;as=Table;g=meta.k8s.io;v=v1',
    authorization: `Bearer ${found(/token: (\S+)/u)}`,
    'content-type': 'application/merge-patch+json',
  };
  const agent = new TunnelAgent(
    new URL(found(/proxy-url: (\S+)/u)),
    host,
    Buffer.from(found(/certificate-authority-data: (\S+)/u), 'base64'),
    connections,
  );

  async function ask(method: string, path: string, query = '', body?: string): Promise<Table> {
    const { promise, resolve, reject } = Promise.withResolvers<Table>();
    const outgoing = request(
      { host, agent, method, path: `${path}?includeObject=None${query}`, headers },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          if (incoming.statusCode === 200) resolve(JSON.parse(Buffer.concat(chunks).toString()) as Table);
          else reject(new Error(`${method} ${path} was answered with ${incoming.statusCode}`));
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
    return promise;
  }

  return {
    async list() {
      const lists = await Promise.all(
        namesOf(await ask('GET', '/api/v1/namespaces')).map(async (namespace) => {
          const path = `/api/v1/namespaces/${namespace}/secrets`;
          return namesOf(await ask('GET', path)).map((name) => `${path}/${name}`);
        }),
      );
      return lists.flat();
    },
    async patch(paths, query) {
      const waiting = [...paths];
      const work = async (): Promise<void> => {
        for (let path = waiting.pop(); path !== undefined; path = waiting.pop())
          await ask('PATCH', path, query, '{}');
      };
      await Promise.all(Array.from({ length: connections }, work));
    },
    close: () => agent.destroy(),
  };
}

class TunnelAgent extends Agent {
  readonly #proxy: URL;
  readonly #tls: { servername: string; ca: Buffer };

  constructor(proxy: URL, servername: string, ca: Buffer, maxSockets: number) {
    super({ keepAlive: true, maxSockets });
    this.#proxy = proxy;
    this.#tls = { servername, ca };
  }

  override createConnection(
    _: unknown,
    callback: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const { hostname, port } = this.#proxy;
    const path = `${this.#tls.servername}:443`;
    const tunnel = httpRequest({ host: hostname, port, method: 'CONNECT', path });
    tunnel.once('connect', (_answer, socket) => callback(null, connect({ socket, ...this.#tls })));
    tunnel.end();
    return undefined;
  }
}

function namesOf({ rows }: Table): string[] {
  return rows.map(({ cells: [name = ''] }) => name);
}
