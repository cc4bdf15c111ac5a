/** An HTTP/2 client of the simulated API server. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { connect } from 'node:tls';

import type { Rehearsal } from '../../source/rehearsal/index.ts';
import { clusterConnection } from './helpers.ts';

export interface Http2 {
  session: ClientHttp2Session;
  ask(
    method: string,
    path: string,
    headers?: Record<string, string>,
    body?: string,
  ): Promise<{ headers: Record<string, unknown>; body: Buffer }>;
}

/** An HTTP/2 connection to the API server, through the proxy of the kubeconfig as every client goes. */
export async function http2(t: TestContext, rehearsal: Rehearsal): Promise<Http2> {
  const { host, proxy, token } = await clusterConnection(rehearsal);
  const tunnel = httpRequest({
    host: proxy.hostname,
    port: proxy.port,
    method: 'CONNECT',
    path: `${host}:443`,
  });
  tunnel.end();
  const [, socket] = (await once(tunnel, 'connect')) as [unknown, Socket];
  const secure = connect({ socket, servername: host, ca: rehearsal.certificate, ALPNProtocols: ['h2'] });
  const session = connectHttp2(`https://${host}`, { createConnection: () => secure });
  t.after(() => session.destroy());
  await once(session, 'remoteSettings');
  return {
    session,
    async ask(method, path, headers = {}, body) {
      const stream = session.request({
        ':method': method,
        ':path': path,
        authorization: `Bearer ${token}`,
        ...headers,
      });
      stream.end(body);
      let answered: Record<string, unknown> | undefined;
      stream.once('response', (received) => (answered = received));
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      if (answered === undefined) throw new Error('The connection was closed before there was an answer.');
      return { headers: answered, body: Buffer.concat(chunks) };
    },
  };
}
