/** The HTTPS server all simulated services are behind: a cluster's own name leads to Kubernetes, others to ARM. */
import { createSecureServer } from 'node:http2';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import type { Certificate } from './certificate.ts';
import { isElsewhere } from './elsewhere.ts';
import { armRefusal, Hangup, Refusal } from './http.ts';
import type { Reply, Request } from './http.ts';
import { status } from './kubernetes-status.ts';
import type { Simulation } from './simulation.ts';

export interface Services {
  arm: (request: Request) => Reply;
  kubernetes: (request: Request) => Reply | Promise<Reply>;
}

/** A subscription that is simulated, and what answers for it. */
export interface Place {
  simulation: Simulation;
  services: Services;
}

/** As kube-apiserver has them (k8s.io/apiserver, pkg/server/secure_serving.go). The window is bytes. */
const http2Settings = { maxConcurrentStreams: 100, initialWindowSize: 256 * 1024 };
/** An idle connection is closed after this. Milliseconds; as kube-apiserver. */
const keepAliveTimeout = 90_000;
/** Longer answers of the API server are compressed for a client that takes it (pkg/endpoints/handlers/responsewriters). */
const compressedFrom = 128 * 1024;

/** A request and its answer, for whoever watches. */
export interface Exchange {
  service: keyof Services;
  method: string;
  /** With the query, as it was sent. */
  url: string;
  userAgent: string;
  /** Parsed JSON or form fields; undefined without a body, or for Protocol Buffers. */
  body: unknown;
  /** Zero when the request was left without an answer. */
  status: number;
}

/** Speaks HTTP/1.1 and HTTP/2, as the real services do. The places, the own one first, are looked up at each request. */
export function createServer(
  certificate: Certificate,
  places: () => readonly [Place, ...Place[]],
  observe: (exchange: Exchange) => void = () => undefined,
): Server {
  const server = createSecureServer(
    {
      key: certificate.key,
      cert: certificate.certificate,
      allowHTTP1: true,
      settings: http2Settings,
      http1Options: { keepAliveTimeout },
    },
    (incoming, outgoing) => {
      // Only a client that went away, or a simulation closed meanwhile, leaves a request without an answer.
      answer(places(), incoming, outgoing, observe).catch(() => outgoing.destroy());
    },
  );
  // As Go's server does: an answer in two pieces must not wait for the client's word that it got the first.
  server.on('connection', (socket: Socket) => socket.setNoDelay(true));
  return server;
}

/** Listens on the loopback, at `port` when that is free. Resolves with the port. */
export async function listen(server: Server, port: number): Promise<number> {
  for (const wanted of port === 0 ? [0] : [port, 0]) {
    const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void => resolve(error);
      server.once('error', failed);
      server.listen(wanted, '127.0.0.1', () => {
        server.off('error', failed);
        resolve(undefined);
      });
    });
    if (failure === undefined) return (server.address() as AddressInfo).port;
    if (wanted === 0 || failure.code !== 'EADDRINUSE') throw failure;
  }
  throw new Error('No port is free on the loopback.');
}

/** Follows a server's connections, so that closing it does not wait for idle ones. */
export function closer(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}

/** The socket, or the HTTP/2 session on it. */
function connectionOf(incoming: Http2ServerRequest): { destroy(): void } {
  const session = incoming.httpVersionMajor === 2 ? incoming.stream.session : undefined;
  return session ?? incoming.socket;
}

async function answer(
  places: readonly [Place, ...Place[]],
  incoming: Http2ServerRequest,
  outgoing: Http2ServerResponse,
  observe: (exchange: Exchange) => void,
): Promise<void> {
  const host = (incoming.headers[':authority'] ?? incoming.headers.host ?? '').replace(/:\d+$/u, '');
  const { method } = incoming;
  const url = new URL(incoming.url, 'https://simulation');
  const cluster = places.find(({ simulation }) => simulation.state.fqdn === host);
  const service = cluster === undefined ? 'arm' : 'kubernetes';
  const [own, other = own] = places;
  const { simulation, services } = cluster ?? (isElsewhere(url.pathname) ? other : own);
  const kind = `${service} ${method}`;
  const counts = simulation.state.requestCounts;
  counts[kind] = (counts[kind] ?? 0) + 1;
  const text = await readAll(incoming);
  const userAgent = incoming.headers['user-agent'] ?? '';
  let reply: Reply;
  let body: unknown;
  try {
    body = parseBody(service, text, incoming.headers['content-type'] ?? '');
    const request = {
      method,
      connection: connectionOf(incoming),
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: incoming.headers,
      body,
    };
    simulation.settle();
    reply = await services[service](request);
  } catch (error) {
    reply = error instanceof Hangup ? cut : error instanceof Refusal ? error.reply : defect(error);
  }
  if (method !== 'GET' && !url.pathname.startsWith('/identity/')) {
    simulation.logRequest({ method, path: incoming.url, who: userAgent, status: reply.status });
  }
  observe({ service, method, url: incoming.url, userAgent, body, status: reply.status });
  if (reply.fate === 'silence') return;
  if (reply.fate === 'reset') {
    connectionOf(incoming).destroy();
    return;
  }
  if (service === 'arm') send(outgoing, reply, toBytes(reply.body), 'application/json; charset=utf-8');
  else await sendFromCluster(incoming, outgoing, reply);
}

/** No answer at all. */
const cut: Reply = { status: 0, fate: 'reset' };

async function sendFromCluster(
  incoming: Http2ServerRequest,
  outgoing: Http2ServerResponse,
  reply: Reply,
): Promise<void> {
  const bytes = toBytes(reply.body);
  outgoing.setHeader('cache-control', 'no-cache, private');
  if (bytes.length <= compressedFrom || !/\bgzip\b/u.test(String(incoming.headers['accept-encoding']))) {
    send(outgoing, reply, bytes, 'application/json');
    return;
  }
  outgoing.setHeader('content-encoding', 'gzip');
  outgoing.setHeader('vary', 'Accept-Encoding');
  send(outgoing, reply, await promisify(gzip)(bytes, { level: 1 }), 'application/json');
}

function send(outgoing: Http2ServerResponse, reply: Reply, bytes: Buffer, type: string): void {
  outgoing.writeHead(reply.status, {
    'content-type': type,
    ...reply.headers,
    'content-length': bytes.length,
  });
  outgoing.end(bytes);
}

function toBytes(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(body === undefined ? '' : JSON.stringify(body));
}

async function readAll(incoming: Http2ServerRequest): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parseBody(service: keyof Services, text: string, type: string): unknown {
  if (text === '' || type.startsWith('application/vnd.kubernetes.protobuf')) return undefined;
  if (type.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw service === 'arm'
      ? armRefusal(400, 'InvalidRequestContent', `The request content was invalid: ${String(error)}`)
      : status(400, 'BadRequest', `the request body is not JSON: ${String(error)}`);
  }
}

/** A fault of the simulation itself: said to the client, so that it is not taken for Azure's. */
function defect(error: unknown): Reply {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { status: 500, body: { error: { code: 'SimulationDefect', message } } };
}
