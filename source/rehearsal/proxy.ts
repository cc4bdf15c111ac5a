/**
 * The only way to the simulated API server: a proxy that knows the clusters' names, which no DNS does. A kubeconfig
 * names it as `proxy-url`, so its `server` is the cluster's own address, as in reality.
 */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import type { Simulation } from './simulation.ts';

/** Tunnels `CONNECT <fqdn>:443` to `targetPort()`; everything else is refused, also while that cluster is stopped. */
export function createProxy(simulations: readonly Simulation[], targetPort: () => number): Server {
  const server = createServer((_, response) => {
    response.writeHead(405).end('This proxy only tunnels.\n');
  });
  server.on('connect', (request, client: Socket, head: Buffer) => {
    client.on('error', () => client.destroy());
    const asked = simulations.find(({ state }) => request.url === `${state.fqdn}:443`);
    if (asked === undefined || asked.state.power === 'Stopped') {
      client.end('HTTP/1.1 502 no such host\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const target = connect(targetPort(), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(client);
      client.pipe(target);
    });
    target.on('error', () => client.destroy());
    client.on('close', () => target.destroy());
  });
  return server;
}
