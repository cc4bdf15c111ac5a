import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';
import { readCluster } from '../../../source/adapters/azure/cluster.ts';
import type { AzureConnection } from '../../../source/adapters/azure/connection.ts';
import { createFacts } from '../../../source/adapters/facts.ts';
import { createKubernetesClient } from '../../../source/adapters/kubernetes/client.ts';
import { until } from '../command/programs.ts';
import { simulate, subscription, target } from '../simulation.ts';
import { certificateFor } from '../../../source/rehearsal/certificate.ts';

/** A server that is asked and, unless it is told how, never answers. */
async function silent(t: TestContext, status?: number) {
  const directory = await mkdtemp(join(tmpdir(), 'silent-'));
  const { certificate, key } = await certificateFor(directory);
  let asked = 0;
  const server = createServer({ cert: certificate, key }, (_request, response) => {
    asked += 1;
    if (status !== undefined) response.writeHead(status, { 'retry-after': '3600' }).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true });
  });
  const { port } = server.address() as AddressInfo;
  const connection: AzureConnection = {
    endpoint: `https://127.0.0.1:${port}`,
    scope: 'https://management.core.windows.net//.default',
    ca: certificate,
    direct: true,
    credential: { getToken: async () => ({ token: 'x', expiresOnTimestamp: Date.now() + 3_600_000 }) },
  };
  return { connection, asked: () => asked };
}

/** How many timers keep this process from ending. */
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

for (const [what, status] of [
  ['does not answer', undefined],
  ['asks to wait for an hour', 429],
] as const) {
  test(`giving up a server that ${what} leaves nothing running`, async (t) => {
    const { connection, asked } = await silent(t, status);
    const before = timers();
    const stop = new AbortController();
    const reason = new Error('enough');
    const reading = readCluster(connection, subscription, target, stop.signal);
    const rejected = assert.rejects(reading, reason);
    await until(() => asked() > 0);
    stop.abort(reason);
    await rejected;
    await until(() => timers() <= before);
  });
}

test('a server that does not answer is given up after a while', async (t) => {
  const { connection, asked } = await silent(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const rejected = assert.rejects(readCluster(connection, subscription, target), /does not answer/);
  await until(() => asked() > 0);
  t.mock.timers.tick(60_000);
  await rejected;
});

test('a server that hangs up leaves nothing running', async (t) => {
  const { connection } = await silent(t);
  let calls = 0;
  const server = net.createServer((socket) => {
    calls += 1;
    socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const before = timers();
  const stop = new AbortController();
  const rejected = assert.rejects(
    readCluster({ ...connection, endpoint }, subscription, target, stop.signal),
  );
  // The SDK tries again after a while, so the first request is over.
  await until(() => calls > 1);
  stop.abort();
  await rejected;
  await until(() => timers() <= before);
});

test('requests to the API server leave no timer running', async (t) => {
  const { kubeconfig } = await simulate(t, [], 1);
  await kubeconfig.ensure();
  const client = await createKubernetesClient(kubeconfig.file);
  t.after(() => client.close());
  const before = timers();
  const stop = new AbortController();
  const asking = client.request({ method: 'GET', path: '/version', signal: stop.signal });
  stop.abort();
  await assert.rejects(asking);
  await client.request({ method: 'GET', path: '/version' });
  await until(() => timers() <= before);
});

test('a simulation is reached directly, whatever proxies the environment names', async (t) => {
  // A proxy that would see, and refuse, all that is sent to it.
  let seen = 0;
  const proxy = net.createServer((socket) => {
    seen += 1;
    socket.destroy();
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  t.after(() => proxy.close());
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'https_proxy', 'http_proxy', 'all_proxy'];
  const before = { ...process.env };
  t.after(() => {
    for (const name of [...names, 'NO_PROXY', 'no_proxy']) {
      delete process.env[name];
      if (before[name] !== undefined) process.env[name] = before[name];
    }
  });
  for (const name of names) process.env[name] = address;
  delete process.env['NO_PROXY'];
  delete process.env['no_proxy'];

  const { connection, environment, kubernetes } = await simulate(t, [], 3);
  assert.equal(environment['HTTPS_PROXY'], address);
  const facts = createFacts({
    connection: { ...connection, direct: true },
    subscription,
    target,
    kubernetes,
    environment,
    parameters: {},
  });
  const { values } = await facts.read(['cluster', 'features', 'account', 'access', 'secrets', 'policy']);
  assert.equal((values.secrets as { count: number }).count, 3);
  assert.equal((values.cluster as { name: string }).name, target.clusterName);
  assert.equal(seen, 0);
});
