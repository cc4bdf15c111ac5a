/** Every way a kubeconfig can say how to sign in and where to go, against a server that looks at what it is shown. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import {
  openContext,
  readClusterIdentity,
  readUserName,
} from '../../../source/adapters/kubernetes/context.ts';
import { createContextPin } from '../../../source/adapters/kubernetes/cluster-facts.ts';
import { temporaryDirectory } from '../../support/directory.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function certificate(name: string, use: 'serverAuth' | 'clientAuth') {
  return generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', [use]: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  });
}

interface Shown {
  authorization: string | undefined;
  /** Common name of the client's certificate. */
  client: string | undefined;
  servername: string | false | null;
}

/** An API server named `api.internal` that nobody can resolve, and a kubeconfig with this user for it. */
async function serve(
  t: TestContext,
  given: object | ((known: { cert: string; private: string }) => object),
  takes: (shown: Shown) => boolean = () => true,
) {
  const directory = await temporaryDirectory(t);
  const own = await certificate('api.internal', 'serverAuth');
  const client = await certificate('operator', 'clientAuth');
  const user = typeof given === 'function' ? given(client) : given;
  const seen: Shown[] = [];
  const uid = { now: 'uid-1' };
  const server = createServer(
    { key: own.private, cert: own.cert, ca: client.cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      const { subject } = socket.getPeerCertificate();
      const shown = {
        authorization: request.headers.authorization,
        client: socket.authorized ? String(subject.CN) : undefined,
        servername: socket.servername,
      };
      seen.push(shown);
      request.resume();
      const answers: Record<string, object> = {
        '/api/v1/namespaces/kube-system': { metadata: { uid: uid.now } },
        '/version': { gitVersion: 'v1.33.2' },
        '/apis/authentication.k8s.io/v1/selfsubjectreviews': {
          status: { userInfo: { username: 'mia@contoso.com' } },
        },
      };
      const good = takes(shown);
      response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(good ? answers[request.url ?? ''] : { message: 'Unauthorized' }));
    },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const file = join(directory, 'kubeconfig');
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'tls-server-name': 'api.internal',
    'certificate-authority-data': base64(own.cert),
  };
  const write = async (changed: object = {}): Promise<void> =>
    writeFile(
      file,
      JSON.stringify({
        clusters: [{ name: 'blue', cluster: { ...cluster, ...changed } }],
        users: [{ name: 'me', user }],
        contexts: [{ name: 'ctx', context: { cluster: 'blue', user: 'me' } }],
        'current-context': 'ctx',
      }),
    );
  await write();
  return { file, seen, uid, write };
}

test('the name that TLS asks for and the trusted certificate are those of the kubeconfig', async (t) => {
  const { file, seen, write } = await serve(t, { token: 't-1' });
  const context = await openContext('ctx', { file });
  t.after(() => context.client.close());
  assert.deepEqual(await readClusterIdentity(context.client), { uid: 'uid-1', version: '1.33.2' });
  assert.equal(await readUserName(context.client), 'mia@contoso.com');
  assert.equal(seen[0]?.servername, 'api.internal');
  assert.equal(seen[0]?.authorization, 'Bearer t-1');

  await write({ 'tls-server-name': 'other.internal' });
  const other = await openContext('ctx', { file });
  t.after(() => other.client.close());
  await assert.rejects(readClusterIdentity(other.client), /cannot be reached/);
});

test('a client certificate is shown', async (t) => {
  const { file, seen } = await serve(
    t,
    (known) => ({
      'client-certificate-data': base64(known.cert),
      'client-key-data': base64(known.private),
    }),
    ({ client }) => client === 'operator',
  );
  const context = await openContext(undefined, { file });
  t.after(() => context.client.close());
  await readClusterIdentity(context.client);
  assert.equal(seen[0]?.client, 'operator');
  assert.equal(seen[0]?.authorization, undefined);
});

test('a plugin is asked for a token, and asked anew when the server no longer takes it', async (t) => {
  let taken = 'token-1';
  const plugin = {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: [] as string[],
      interactiveMode: 'Never',
    },
  };
  const directory = await temporaryDirectory(t);
  const script = join(directory, 'plugin.mjs');
  const count = join(directory, 'count');
  await writeFile(count, '0');
  await writeFile(
    script,
    `import { readFileSync, writeFileSync } from 'node:fs';
     const n = Number(readFileSync(${JSON.stringify(count)}, 'utf8')) + 1;
     writeFileSync(${JSON.stringify(count)}, String(n));
     console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential',
       status: { token: 'token-' + n, expirationTimestamp: '2099-01-01T00:00:00Z' } }));`,
  );
  plugin.exec.args = [script];
  const { file } = await serve(t, plugin, ({ authorization }) => authorization === `Bearer ${taken}`);
  const { client } = await openContext(undefined, { file });
  t.after(() => client.close());
  const ask = async (): Promise<number> => (await client.request({ method: 'GET', path: '/version' })).status;
  assert.deepEqual([await ask(), await ask()], [200, 200]);
  assert.equal(await readFile(count, 'utf8'), '1');
  taken = 'token-2';
  assert.equal(await ask(), 401);
  client.signInAgain();
  assert.equal(await ask(), 200);
  assert.equal(await readFile(count, 'utf8'), '2');
});

test('user and password are shown as basic authentication', async (t) => {
  const { file, seen } = await serve(t, { username: 'mia', password: 'pass' });
  const { client } = await openContext(undefined, { file });
  t.after(() => client.close());
  await client.request({ method: 'GET', path: '/version' });
  assert.equal(seen[0]?.authorization, `Basic ${base64('mia:pass')}`);
});

test('the pin tells another server, another cluster behind the same one, and a context that is gone', async (t) => {
  const { file, uid, write } = await serve(t, { token: 't' });
  const context = await openContext('ctx', { file });
  t.after(() => context.client.close());
  const pin = createContextPin(context, { server: context.server, uid: 'uid-1' });
  assert.deepEqual(await pin.differences(), []);
  uid.now = 'uid-2';
  assert.deepEqual(await pin.differences(), [
    { what: 'uid of kube-system', expected: 'uid-1', found: 'uid-2' },
  ]);
  uid.now = 'uid-1';
  await write({ server: 'https://green.example.com' });
  assert.deepEqual(await pin.differences(), [
    { what: 'server of the context', expected: context.server, found: 'https://green.example.com' },
  ]);
  await writeFile(file, '{}');
  assert.equal((await pin.differences())[0]?.found, 'no such context');
});
