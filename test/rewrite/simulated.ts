/** A simulated cluster whose Secrets are under the key of before, and the command's run against it, through a kubeconfig. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import { createKubeconfig } from '../../source/adapters/kubernetes/kubeconfig.ts';
import { beginContext } from '../../source/commands/context-session.ts';
import type { Session } from '../../source/commands/held.ts';
import type { RunOutcome } from '../../source/engine/controller.ts';
import { readJournal } from '../../source/journal/read.ts';
import { stateDirectory } from '../../source/journal/state-directory.ts';
import { openRehearsal } from '../../source/rehearsal/index.ts';
import { runPlain } from '../../source/renderers/plain/index.ts';
import { subscription } from '../adapters/simulation.ts';

const target = { clusterName: 'rehearsal', resourceGroup: 'rehearsal-rg' };

export interface Simulated {
  rehearsal: Awaited<ReturnType<typeof openRehearsal>>;
  directory: string;
  kubeconfig: string;
  state: ReturnType<typeof stateDirectory>;
}

/** Opens it, with a kubeconfig that the variable KUBECONFIG names for the rest of the test. */
export async function simulated(
  t: TestContext,
  options: { faults?: string[]; secretCount?: number; scenario?: string } = {},
): Promise<Simulated> {
  const directory = await mkdtemp(join(tmpdir(), 'aks-kms-runbook-test-'));
  const { faults = [], secretCount = 120, scenario = 'kms-v2-rotated' } = options;
  const rehearsal = await openRehearsal({
    directory: join(directory, 'simulation'),
    scenario,
    faults,
    secretCount,
    ...target,
  });
  t.after(async () => {
    await rehearsal.close();
    await rm(directory, { recursive: true, force: true });
  });
  const kubeconfig = join(directory, 'kubeconfig');
  const environment = { ...process.env, ...rehearsal.environment };
  await createKubeconfig({ file: kubeconfig, target, subscription, environment }).ensure();
  const before = process.env['KUBECONFIG'];
  process.env['KUBECONFIG'] = kubeconfig;
  t.after(() => {
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
  });
  return { rehearsal, directory, kubeconfig, state: stateDirectory(join(directory, 'state'), false) };
}

export interface Finished {
  outcome: RunOutcome;
  lines: string[];
  passes: readonly RewritePassTold[];
  session: Session;
}

type RewritePassTold = NonNullable<
  Awaited<ReturnType<typeof readJournal>>['state']['steps'][string]['rewrite']
>[number];

/** Runs the command to its end with `--yes`. */
export async function rewriteAll(
  { state }: Simulated,
  choice: { namespaces?: string[]; maxInFlight?: number } = {},
): Promise<Finished> {
  const { namespaces = [], maxInFlight } = choice;
  const session = await beginContext(
    state,
    { context: undefined, namespaces, rehearsal: undefined },
    { maxInFlight },
    () => undefined,
  );
  return finish(session);
}

/** Works a session to its end with `--yes`, and reads its journal. */
export async function finish(session: Session): Promise<Finished> {
  const lines: string[] = [];
  const outcome = await runPlain(session.controller, { write: (line) => lines.push(line), yes: true });
  await session.close();
  const { state } = await readJournal(session.files);
  return { outcome, lines, passes: state.steps['rewrite-secrets']?.rewrite ?? [], session };
}

/**
 * Puts a listener between client and API server that has the server's own certificate: every byte of every connection
 * is seen as it is before TLS. Returns what came from the server.
 */
export async function tap(
  t: TestContext,
  { directory, kubeconfig, rehearsal }: Simulated,
): Promise<() => Buffer> {
  const simulation = join(directory, 'simulation');
  const [key, cert] = await Promise.all(
    ['key.pem', 'certificate.pem'].map((name) => readFile(join(simulation, name))),
  );
  const received: Buffer[] = [];
  const port = Number(new URL(rehearsal.armEndpoint).port);
  const sockets = new Set<Socket>();
  const proxy = createServer();
  proxy.on('connect', (request, client: Socket) => {
    sockets.add(client);
    const servername = request.url?.replace(/:\d+$/, '') ?? '';
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const inner = new tls.TLSSocket(client, { isServer: true, key, cert });
    const onward = tls.connect({
      port,
      host: '127.0.0.1',
      servername,
      ca: cert,
      ALPNProtocols: ['http/1.1'],
    });
    onward.on('data', (chunk: Buffer) => received.push(chunk));
    inner.pipe(onward).pipe(inner);
    for (const end of [client, inner, onward]) end.on('error', () => client.destroy());
    client.on('close', () => onward.destroy());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const text = await readFile(kubeconfig, 'utf8');
  const own = (proxy.address() as AddressInfo).port;
  await writeFile(kubeconfig, text.replace(/proxy-url: .*/, `proxy-url: http://127.0.0.1:${own}`));
  return () => Buffer.concat(received);
}

/**
 * Puts something between client and API server that can go away and come back, as an API server does that restarts:
 * connections end, and new ones are refused.
 */
export async function gate(
  t: TestContext,
  { kubeconfig }: Simulated,
): Promise<{ close(): Promise<void>; open(): Promise<void> }> {
  const text = await readFile(kubeconfig, 'utf8');
  const behind = Number(/proxy-url: http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1]);
  const sockets = new Set<Socket>();
  const server = createTcpServer((client) => {
    const onward = connect(behind, '127.0.0.1');
    client.pipe(onward).pipe(client);
    for (const end of [client, onward]) {
      sockets.add(end);
      end.on('error', () => client.destroy());
      end.on('close', () => sockets.delete(end));
    }
  });
  let port = 0;
  const open = async (): Promise<void> => {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await open();
  t.after(close);
  await writeFile(kubeconfig, text.replace(/proxy-url: .*/, `proxy-url: http://127.0.0.1:${port}`));
  return { close, open };
}
