/**
 * The least a client can do to write all Secrets again and go over them once more: as many requests under way as given,
 * over kept connections, and nothing kept of the answers. Sends the milliseconds of each pass to the process that forked
 * it. Started as `bench-loop.ts KUBECONFIG IN-FLIGHT`.
 */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';

const [file = '', inFlight = ''] = process.argv.slice(2);
const kubeconfig = readFileSync(file, 'utf8');
const found = (pattern: RegExp): string => pattern.exec(kubeconfig)?.[1] ?? '';
const host = found(/server: https:\/\/([^:]+)/u);
const proxy = new URL(found(/proxy-url: (\S+)/u));
const ca = Buffer.from(found(/certificate-authority-data: (\S+)/u), 'base64');
const token = found(/token: (\S+)/u);

class TunnelAgent extends Agent {
  override createConnection(
    _: unknown,
    callback: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const tunnel = httpRequest({
      host: proxy.hostname,
      port: proxy.port,
      method: 'CONNECT',
      path: `${host}:443`,
    });
    tunnel.once('connect', (_answer, socket) => callback(null, connect({ socket, servername: host, ca })));
    tunnel.end();
    return undefined;
  }
}

const agent = new TunnelAgent({ keepAlive: true, maxSockets: Number(inFlight) });
const headers = {
  accept: 'application/json;as=Table;g=meta.k8s.io;v=v1',
  authorization: `Bearer ${token}`,
  'content-type': 'application/merge-patch+json',
};

interface Table {
  rows: { cells: string[] }[];
}

async function ask(method: string, path: string, body?: string): Promise<Table> {
  const { promise, resolve, reject } = Promise.withResolvers<Table>();
  const outgoing = request(
    { host, agent, method, path: `${path}?includeObject=None`, headers },
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

const namesOf = ({ rows }: Table): string[] => rows.map(({ cells: [name = ''] }) => name);

/** Milliseconds that listing and patching everything takes. */
async function pass(): Promise<number> {
  const start = performance.now();
  const namespaces = namesOf(await ask('GET', '/api/v1/namespaces'));
  const lists = await Promise.all(
    namespaces.map(async (namespace) => {
      const path = `/api/v1/namespaces/${namespace}/secrets`;
      return namesOf(await ask('GET', path)).map((name) => `${path}/${name}`);
    }),
  );
  const waiting = lists.flat();
  const work = async (): Promise<void> => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) await ask('PATCH', path, '{}');
  };
  await Promise.all(Array.from({ length: Number(inFlight) }, work));
  return performance.now() - start;
}

process.send?.([await pass(), await pass()]);
agent.destroy();
process.disconnect?.();
