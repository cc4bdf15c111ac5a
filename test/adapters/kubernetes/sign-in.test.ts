/** Every way a kubeconfig can say how to sign in and where to go, against a server that looks at what it is shown. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer as createProxy } from 'node:http';
import { createServer } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import type { Duplex } from 'node:stream';
import { test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import {
  type KubernetesContext,
  openContext,
  readClusterIdentity,
  readUserName,
  requireNamespaces,
} from '../../../source/adapters/kubernetes/context.ts';
import { createContextPin } from '../../../source/adapters/kubernetes/cluster-facts.ts';
import { proxyFor } from '../../../source/adapters/kubernetes/proxy.ts';
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
  agent: string | undefined;
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
  /** Paths the account may not see. */
  const unseen = new Set<string>();
  const server = createServer(
    { key: own.private, cert: own.cert, ca: client.cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      const { subject } = socket.getPeerCertificate();
      const shown = {
        agent: request.headers['user-agent'],
        authorization: request.headers.authorization,
        client: socket.authorized ? String(subject.CN) : undefined,
        servername: socket.servername,
      };
      seen.push(shown);
      request.resume();
      const answers: Record<string, object> = {
        '/api/v1/namespaces/kube-system': { metadata: { uid: uid.now } },
        '/api/v1/namespaces/payments': { metadata: { uid: 'uid-of-payments' } },
        '/version': { gitVersion: 'v1.33.2' },
        '/apis/authentication.k8s.io/v1/selfsubjectreviews': {
          status: { userInfo: { username: 'mia@contoso.com' } },
        },
      };
      const hidden = unseen.has(request.url ?? '');
      const status = takes(shown)
        ? hidden
          ? 403
          : answers[request.url ?? ''] === undefined
            ? 404
            : 200
        : 401;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(status === 200 ? answers[request.url ?? ''] : { message: reasons[status] }),
      );
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
  return { file, seen, uid, unseen, write, port, authority: own.cert };
}

const reasons: Record<number, string> = { 401: 'Unauthorized', 403: 'forbidden', 404: 'not found' };

async function opened(t: TestContext, file: string): Promise<KubernetesContext> {
  const context = await openContext(undefined, { file });
  t.after(() => context.client.close());
  return context;
}

const version = { method: 'GET', path: '/version' } as const;

test('the name that TLS asks for and the trusted certificate are those of the kubeconfig', async (t) => {
  const { file, seen, write } = await serve(t, { token: 't-1' });
  const context = await openContext('ctx', { file });
  t.after(() => context.client.close());
  assert.deepEqual(await readClusterIdentity(context.client), {
    namespace: 'kube-system',
    uid: 'uid-1',
    version: '1.33.2',
  });
  assert.equal(await readUserName(context.client), 'mia@contoso.com');
  assert.equal(seen[0]?.servername, 'api.internal');
  assert.equal(seen[0]?.authorization, 'Bearer t-1');
  assert.match(seen[0]?.agent ?? '', /^aks-kms-runbook\/\d/);

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
       status: { token: 'token-' + n + (process.env.KUBERNETES_EXEC_INFO.includes('"interactive":false') ? '' : '?'), expirationTimestamp: '2099-01-01T00:00:00Z' } }));`,
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

test('a plugin may give a certificate; one that gives nothing, fails or is missing is told of without what it printed', async (t) => {
  const directory = await temporaryDirectory(t);
  const script = join(directory, 'plugin.mjs');
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [script] };
  let known = { cert: '', private: '' };
  const { file, seen } = await serve(t, (client) => {
    known = client;
    return { exec };
  });
  const prints = async (text: string, more = ''): Promise<void> =>
    writeFile(script, `process.stdout.write(${JSON.stringify(text)}); ${more}`);
  const status = { clientCertificateData: known.cert, clientKeyData: known.private };
  await prints(JSON.stringify({ kind: 'ExecCredential', status }));
  const { client } = await opened(t, file);
  await client.request(version);
  assert.equal(seen[0]?.client, 'operator');

  const failing = async (told: RegExp): Promise<void> => {
    const { client: other } = await opened(t, file);
    await assert.rejects(other.request(version), (error: Error) => {
      assert.match(error.message, told);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  };
  await prints('hunter2');
  await failing(/printed no ExecCredential/);
  await prints('{"status":{"other":"hunter2"}}');
  await failing(/neither a token nor a certificate/);
  await prints('hunter2', "console.error('Your login has expired.'); process.exitCode = 1;");
  await failing(/Your login has expired/);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(JSON.stringify(process.execPath), '"no-such-plugin"'));
  await failing(/no-such-plugin was not found/);
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
  const planned = { server: context.server, uid: 'uid-1', namespace: 'kube-system' };
  const pin = createContextPin(context, planned);
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

test('a token is read from its file', async (t) => {
  const directory = await temporaryDirectory(t);
  const tokenFile = join(directory, 'token');
  await writeFile(tokenFile, 't-2\n');
  const { file, seen } = await serve(t, { tokenFile, token: 'old' });
  const { client } = await opened(t, file);
  await client.request(version);
  assert.equal(seen[0]?.authorization, 'Bearer t-2');
  await writeFile(tokenFile, 't-3\n');
  client.signInAgain();
  await client.request(version);
  assert.equal(seen[1]?.authorization, 'Bearer t-3');
});

test('certificates and keys may be files beside the kubeconfig', async (t) => {
  let known = { cert: '', private: '' };
  const { file, seen, write, authority } = await serve(t, (client) => {
    known = client;
    return { 'client-certificate': 'me.crt', 'client-key': 'me.key' };
  });
  const beside = (name: string): string => join(dirname(file), name);
  await writeFile(beside('me.crt'), known.cert);
  await writeFile(beside('me.key'), known.private);
  await writeFile(beside('ca.crt'), authority);
  await write({ 'certificate-authority-data': undefined, 'certificate-authority': 'ca.crt' });
  const { client } = await opened(t, file);
  assert.equal((await client.request(version)).status, 200);
  assert.equal(seen[0]?.client, 'operator');
});

test('a certificate nobody vouches for is refused, unless the kubeconfig says not to look', async (t) => {
  const { file, seen, write } = await serve(t, { token: 't' });
  await write({ 'certificate-authority-data': undefined });
  const { client } = await opened(t, file);
  await assert.rejects(client.request(version), /cannot be reached/);
  assert.deepEqual(seen, []);
  await write({
    'certificate-authority-data': undefined,
    'tls-server-name': undefined,
    'insecure-skip-tls-verify': true,
  });
  const { client: careless } = await opened(t, file);
  assert.equal((await careless.request(version)).status, 200);
});

/** A proxy that takes every name for the server's, and what it was asked for. */
async function proxy(t: TestContext, port: number): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = [];
  const through = createProxy();
  const sockets = new Set<Duplex>();
  through.on('connect', (request, client) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trimEnd());
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const onward = connect(port, '127.0.0.1');
    client.pipe(onward).pipe(client);
    for (const end of [client, onward]) {
      sockets.add(end);
      end.on('error', () => client.destroy());
    }
  });
  await once(through.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    through.close();
  });
  return { address: `127.0.0.1:${(through.address() as AddressInfo).port}`, asked };
}

test('the proxy is that of the kubeconfig, else that of the environment', async (t) => {
  const { file, write, port } = await serve(t, { token: 't' });
  const [ours, everybodys] = [await proxy(t, port), await proxy(t, port)];
  const server = 'https://api.internal:6443';
  inEnvironment(t, { HTTPS_PROXY: `http://mia:pass@${everybodys.address}`, NO_PROXY: undefined });
  await write({ server, 'proxy-url': `http://${ours.address}` });
  const { client: named } = await opened(t, file);
  assert.equal((await named.request(version)).status, 200);
  assert.deepEqual([ours.asked, everybodys.asked], [['api.internal:6443'], []]);

  await write({ server });
  const { client } = await opened(t, file);
  assert.equal((await client.request(version)).status, 200);
  assert.deepEqual(everybodys.asked, [`api.internal:6443 Basic ${base64('mia:pass')}`]);

  inEnvironment(t, { NO_PROXY: '.internal' });
  const { client: direct } = await opened(t, file);
  await assert.rejects(direct.request(version), /api.internal/);
  assert.equal(everybodys.asked.length, 1);
});

test('a SOCKS proxy is told the name of the server, which this machine need not know', async (t) => {
  const { file, write, port } = await serve(t, { token: 't' });
  const asked: string[] = [];
  const socks = createTcpServer((client) => {
    client.on('error', () => undefined);
    // SOCKS 5 (RFC 1928): without authentication, then what to connect to, by its name.
    client.once('data', () => {
      client.write(Buffer.from([5, 0]));
      client.once('data', (wanted: Buffer) => {
        asked.push(wanted[3] === 3 ? wanted.subarray(5, 5 + (wanted[4] ?? 0)).toString() : 'an address');
        client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
        const onward = connect(port, '127.0.0.1');
        onward.on('error', () => client.destroy());
        client.pipe(onward).pipe(client);
      });
    });
  });
  await once(socks.listen(0, '127.0.0.1'), 'listening');
  t.after(() => socks.close());
  const { port: own } = socks.address() as AddressInfo;
  await write({ server: 'https://api.internal:6443', 'proxy-url': `socks5://127.0.0.1:${own}` });
  const { client } = await opened(t, file);
  assert.equal((await client.request(version)).status, 200);
  assert.equal((await client.request(version)).status, 200);
  assert.deepEqual(asked, ['api.internal']);
});

function inEnvironment(t: TestContext, values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    set(name, value);
    t.after(() => set(name, before));
  }
}

function set(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

function proxied(address: string, NO_PROXY = ''): boolean {
  return proxyFor(new URL(address), { https_proxy: 'proxy:3128', NO_PROXY }) === 'http://proxy:3128';
}

test('whether the environment has a server go through its proxy is as with kubectl', () => {
  assert.ok(proxied('https://blue.example.com'));
  assert.ok(proxied('https://blue.example.com', 'ue.example.com,other.com,.blue.example.com'));
  assert.ok(proxied('https://blue.example.com:6443', 'example.com:443'));
  assert.ok(proxied('https://10.1.2.3', '10.2.0.0/16,10.1.2.30,10.1.2.3/x'));
  for (const direct of ['*', 'example.com', '.example.com', '*.example.com', 'x, BLUE.example.com:443'])
    assert.equal(proxied('https://blue.example.com', direct), false, direct);
  for (const direct of ['10.1.2.3', '10.1.0.0/16', '10.1.2.3:443'])
    assert.equal(proxied('https://10.1.2.3', direct), false, direct);
  assert.equal(proxied('https://[fd00::1]', 'fd00::/8'), false);
  assert.equal(proxied('http://blue.example.com'), false);
  for (const own of ['https://localhost:1', 'https://127.0.0.2', 'https://[::1]:1'])
    assert.equal(proxied(own), false, own);
});

test('of several files the first that has a name counts, and one that is not there is passed over', async (t) => {
  const directory = await temporaryDirectory(t);
  const write = async (name: string, cluster: string, current: string): Promise<string> => {
    const file = join(directory, name);
    const text = JSON.stringify({
      clusters: [{ name: 'shared', cluster: { server: `https://${cluster}` } }],
      users: [{ name: 'me', user: { token: 't' } }],
      contexts: ['shared', current].map((context) => ({
        name: context,
        context: { cluster: 'shared', user: 'me' },
      })),
      'current-context': current,
    });
    await writeFile(file, text);
    return file;
  };
  const files = [
    join(directory, 'missing'),
    await write('a', 'blue', 'first'),
    await write('b', 'green', 'second'),
  ];
  inEnvironment(t, { KUBECONFIG: files.join(delimiter) });
  const current = await openContext();
  assert.deepEqual([current.name, current.server], ['first', 'https://blue']);
  assert.equal((await openContext('second')).server, 'https://blue');
});

test('where there is no kubeconfig, that is said, and no cluster of this machine is made up', async (t) => {
  const home = await temporaryDirectory(t);
  inEnvironment(t, { KUBECONFIG: '', HOME: home, USERPROFILE: home });
  await assert.rejects(openContext(), /There is no kubeconfig/);
});

test('a context that has come to lead elsewhere is not signed in to with what it has now', async (t) => {
  const { file, seen, write } = await serve(t, { token: 't' });
  const { client } = await opened(t, file);
  await client.request(version);
  await write({ server: 'https://green.example.com' });
  client.signInAgain();
  await assert.rejects(client.request(version), /the kubeconfig now leads to https:\/\/green.example.com/);
  assert.equal(seen.length, 1);
});

test('where kube-system may not be seen, the cluster goes by the first namespace that may', async (t) => {
  const { file, unseen } = await serve(t, { token: 't' });
  unseen.add('/api/v1/namespaces/kube-system');
  const { client } = await opened(t, file);
  const places = ['kube-system', 'payments'];
  assert.equal((await readClusterIdentity(client, places)).uid, 'uid-of-payments');
  unseen.add('/api/v1/namespaces/payments');
  await assert.rejects(readClusterIdentity(client, places), /which cluster this is: forbidden/);
});

test('a namespace that does not exist is told, and one that may not be seen is left to the permissions', async (t) => {
  const { file, unseen } = await serve(t, { token: 't' });
  const { client } = await opened(t, file);
  await requireNamespaces(client, ['payments']);
  await assert.rejects(requireNamespaces(client, ['payments', 'payment']), /no namespace "payment"/);
  unseen.add('/api/v1/namespaces/hidden');
  await requireNamespaces(client, ['hidden']);
});
