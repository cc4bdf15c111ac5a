/**
 * The only way to the simulated API server: a proxy that knows the clusters' names, which no DNS does. A kubeconfig
 * names it as `proxy-url`, so its `server` is the cluster's own address, as in reality. It is also the distance to it.
 */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { Server as Target, Socket } from 'node:net';

import type { Simulation } from './simulation.ts';

/** Tunnels `CONNECT <fqdn>:443` to `target`; everything else is refused, also while that cluster is stopped. */
export function createProxy(simulations: readonly [Simulation, ...Simulation[]], target: Target): Server {
  const [own] = simulations;
  const server = createServer((_, response) => {
    response.writeHead(405).end('This proxy only tunnels.\n');
  });
  server.on('connect', (request, client: Socket, head: Buffer) => {
    client.on('error', () => client.destroy());
    const asked = simulations.find(({ state }) => request.url === `${state.fqdn}:443`);
    const { ports, roundTrip = 0 } = own.state;
    if (asked === undefined || asked.state.power === 'Stopped') {
      client.end('HTTP/1.1 502 no such host\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    if (roundTrip > 0) {
      tunnelFar(client, head, ports.https, roundTrip);
      return;
    }
    client.write(established);
    if (head.length > 0) client.unshift(head);
    // No second connection: the server takes over the one to the proxy.
    target.emit('connection', client);
  });
  return server;
}

const established = 'HTTP/1.1 200 Connection established\r\n\r\n';

/** A tunnel in which everything takes half of `roundTrip` milliseconds each way, and its opening a whole one. */
function tunnelFar(client: Socket, head: Buffer, port: number, roundTrip: number): void {
  const far = connect({ port, host: '127.0.0.1', noDelay: true });
  const close = (): void => {
    client.destroy();
    far.destroy();
  };
  far.on('error', close);
  client.on('close', close);
  far.on('close', close);
  far.once('connect', () => {
    setTimeout(() => {
      client.write(established);
      if (head.length > 0) client.unshift(head);
      // A timer is late by half a millisecond on average.
      carry(client, far, roundTrip / 2 - 0.5);
      carry(far, client, roundTrip / 2 - 0.5);
    }, roundTrip);
  });
}

/** Passes on what arrives, `delay` milliseconds later and in order, no faster than it is taken. */
function carry(from: Socket, to: Socket, delay: number): void {
  from.on('data', (chunk: Buffer) => {
    setTimeout(() => {
      if (!to.writable || to.write(chunk)) return;
      from.pause();
      to.once('drain', () => from.resume());
    }, delay);
  });
  from.on('end', () => setTimeout(() => to.end(), delay));
}
