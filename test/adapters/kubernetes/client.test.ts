import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { readSecretAccess } from '../../../source/adapters/kubernetes/access.ts';
import { createKubernetesClient, type KubernetesReply } from '../../../source/adapters/kubernetes/client.ts';
import { readPolicy } from '../../../source/adapters/kubernetes/policy.ts';
import { countSecrets, listNamespaces, listSecrets } from '../../../source/adapters/kubernetes/secrets.ts';
import { ToolError } from '../../../source/runbook/errors.ts';
import { program, temporaryDirectory, until } from '../command/programs.ts';
import { simulate } from '../simulation.ts';

test('requests go through the kubeconfig’s proxy over connections that are kept', async (t) => {
  const { kubeconfig, rehearsal } = await simulate(t, [], 1_300);
  await kubeconfig.ensure();
  // Between the client and the simulation's proxy, one that counts.
  const text = await readFile(kubeconfig.file, 'utf8');
  const behind = Number(/proxy-url: http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1]);
  let connections = 0;
  const counting = net.createServer((socket) => {
    connections += 1;
    const onward = net.connect(behind, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) end.on('error', () => {});
  });
  await once(counting.listen(0, '127.0.0.1'), 'listening');
  t.after(() => counting.close());
  const { port } = counting.address() as AddressInfo;
  await writeFile(kubeconfig.file, text.replace(String(behind), String(port)));

  const client = await createKubernetesClient(kubeconfig.file);
  t.after(() => client.close());
  const pages = await allPages(listSecrets(client, 'payments'));
  assert.ok(pages.length >= 1);
  for (let count = 0; count < 10; count += 1) await client.request({ method: 'GET', path: '/version' });
  assert.equal(connections, 1);
  assert.equal(rehearsal.record().mutations.length, 0);
});

async function allPages(pages: AsyncIterable<readonly unknown[]>): Promise<number[]> {
  const sizes: number[] = [];
  for await (const page of pages) sizes.push(page.length);
  return sizes;
}

type Answer =
  | Partial<KubernetesReply>
  | 'hang up'
  | ((path: string, body: string) => Partial<KubernetesReply>);

/** An API server that gives these answers in turn, and the client that asks it. */
async function serve(t: TestContext, answers: Answer[]) {
  const seen: { method: string; path: string; accept: string; body: string }[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      seen.push({ method: request.method ?? '', path, accept: request.headers.accept ?? '', body });
      const next = answers.length > 1 ? answers.shift() : answers[0];
      if (next === 'hang up') {
        response.destroy();
        return;
      }
      const answer = typeof next === 'function' ? next(path, body) : next;
      const headers = (answer?.headers ?? {}) as Record<string, string>;
      response.writeHead(answer?.status ?? 200, headers).end(JSON.stringify(answer?.body ?? {}));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const file = join(await temporaryDirectory(t), 'kubeconfig');
  const { port } = server.address() as AddressInfo;
  await writeFile(
    file,
    JSON.stringify({
      clusters: [
        {
          name: 'c',
          cluster: { server: `http://127.0.0.1:${port}/prefix/`, 'insecure-skip-tls-verify': true },
        },
      ],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      users: [{ name: 'u', user: { token: 't' } }],
      'current-context': 'x',
    }),
  );
  const retries: string[] = [];
  const client = await createKubernetesClient(file, (text) => retries.push(text));
  t.after(() => client.close());
  return { client, seen, server, retries };
}

/** A Table of names, as a list answers. */
const list = (names: string[], next?: string) => ({
  metadata: { resourceVersion: '7', ...(next && { continue: next }) },
  rows: names.map((name) => ({ cells: [name, 'Opaque', 1, '1d'], object: null })),
});

async function everything(pages: AsyncIterable<readonly string[]>): Promise<string[]> {
  const names: string[] = [];
  for await (const page of pages) names.push(...page);
  return names;
}

test('Secrets are listed by name alone, page by page', async (t) => {
  const { client, seen } = await serve(t, [
    { body: list(['one', 'two'], 'a=&b') },
    { body: list(['three']) },
  ]);
  const counted = await countSecrets(client, ['n']);
  assert.deepEqual(counted, { count: 3, namespaces: [{ name: 'n', count: 3 }] });
  assert.deepEqual(
    seen.map(({ path }) => path),
    [
      '/prefix/api/v1/namespaces/n/secrets?includeObject=None&limit=500',
      '/prefix/api/v1/namespaces/n/secrets?includeObject=None&limit=500&continue=a%3D%26b',
    ],
  );
  for (const { accept } of seen) assert.match(accept, /as=Table;/);
});

test('a list that ran out goes on where the server says, and one that cannot is an error', async (t) => {
  const { client, seen } = await serve(t, [
    { body: list(['one'], 'old') },
    { status: 410, body: { kind: 'Status', message: 'expired', metadata: { continue: 'new' } } },
    { body: list(['two']) },
  ]);
  assert.deepEqual(await everything(listSecrets(client, 'n')), ['one', 'two']);
  assert.match(seen[2]?.path ?? '', /continue=new/);
  const stuck = await serve(t, [{ status: 410, body: { message: 'expired' } }]);
  await assert.rejects(everything(listSecrets(stuck.client, 'n')), /expired/);
  await assert.rejects(listNamespaces(stuck.client), /expired/);
});

test('a busy server is asked again, a refusal is told', async (t) => {
  const busy = { status: 429, headers: { 'retry-after': '0' } };
  const { client, seen, retries } = await serve(t, [
    busy,
    { ...busy, status: 503 },
    { ...busy, status: 500 },
    'hang up',
    { body: list(['one']) },
  ]);
  assert.equal((await everything(listSecrets(client, 'n'))).length, 1);
  assert.equal(seen.length, 5);
  assert.deepEqual(retries, [
    'The API server is not able to answer (429); asking again in 0s.',
    'The API server is not able to answer (503); asking again in 0s.',
    'The API server is not able to answer (500); asking again in 0s.',
    'The API server cannot be reached; asking again in 1s.',
  ]);
  const down = await serve(t, [{ ...busy, status: 503, body: { message: 'etcd is down' } }]);
  await assert.rejects(everything(listSecrets(down.client, 'n')), /etcd is down/);
  assert.equal(down.seen.length, 6);
  const refusing = await serve(t, [{ status: 403, body: { message: 'secrets is forbidden' } }]);
  await assert.rejects(everything(listSecrets(refusing.client, 'n')), (error) => {
    assert.ok(error instanceof ToolError);
    assert.match(error.message, /secrets is forbidden/);
    assert.match(error.next, /role/);
    return true;
  });
});

test('waiting for the sign-in program of a kubeconfig is given up at once', async (t) => {
  const directory = await temporaryDirectory(t);
  const pidFile = join(directory, 'pid');
  const [command, ...args] = await neverSignsIn(directory, pidFile);
  const file = join(directory, 'kubeconfig');
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command, args };
  await writeFile(
    file,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      users: [{ name: 'u', user: { exec } }],
      'current-context': 'x',
    }),
  );
  const client = await createKubernetesClient(file);
  const stop = new AbortController();
  const rejected = assert.rejects(
    client.request({ method: 'GET', path: '/version', signal: stop.signal }),
    /enough/,
  );
  const pid = async (): Promise<number | undefined> =>
    readFile(pidFile, 'utf8').then(Number, () => undefined);
  await until(async () => (await pid()) !== undefined);
  stop.abort(new Error('enough'));
  await rejected;
  // Whoever has no signal is told by the end of the connections.
  const cut = assert.rejects(client.request({ method: 'GET', path: '/version' }), /was given up/);
  const started = await pid();
  client.reconnect();
  await cut;
  await until(async () => isGone(started));
});

function isGone(pid: number | undefined): boolean {
  try {
    return !process.kill(pid ?? 0, 0);
  } catch {
    return true;
  }
}

/** A program that writes its pid and never ends. */
async function neverSignsIn(directory: string, pidFile: string): Promise<string[]> {
  const text = `import { renameSync, writeFileSync } from 'node:fs';
    writeFileSync('${pidFile}.new', String(process.pid));
    renameSync('${pidFile}.new', '${pidFile}');
    setInterval(() => {}, 1000);`;
  return program(directory, 'sign-in', text);
}

test('the policy is tried with a dry run of an empty patch, once for each namespace', async (t) => {
  const secrets: Record<string, string[]> = {
    free: ['a', 'b'],
    denied: ['gone', 'c'],
    raced: ['d'],
    none: [],
  };
  const { client, seen } = await serve(t, [
    (path) => {
      if (path.includes('/namespaces?')) return { body: list(Object.keys(secrets)) };
      const listed = /namespaces\/(\w+)\/secrets\?/.exec(path)?.[1];
      if (listed !== undefined) return { body: list(secrets[listed] ?? []) };
      if (path.includes('/gone')) return { status: 404 };
      if (path.includes('/denied/')) return { status: 422, body: { message: 'policy says no' } };
      return path.includes('/raced/') ? { status: 409 } : { status: 200 };
    },
  ]);
  const policy = await readPolicy(client);
  const blocked = [{ namespace: 'denied', message: 'policy says no' }];
  assert.deepEqual(policy, { allowed: false, blocked, reasons: ['denied – policy says no'] });
  const tried = seen.filter(({ method }) => method === 'PATCH');
  assert.equal(tried.length, 4);
  for (const { path, body } of tried) {
    assert.match(path, /[?&]dryRun=All$/);
    assert.equal(body, '{}');
  }
  for (const { path, accept } of seen) {
    assert.match(accept, /as=Table;/);
    assert.match(path, /[?&]includeObject=None(&|$)/);
  }
});

test('nothing of a Secret but its name is received, though its annotations hold its values', async (t) => {
  const { kubeconfig, facts, directory, rehearsal } = await simulate(t, ['policy-blocks'], 12);
  await kubeconfig.ensure();
  const client = await createKubernetesClient(kubeconfig.file);
  t.after(() => client.close());
  const applied = { data: { password: 'Q0FOQVJZ' }, stringData: { other: 'CANARY' } };
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(applied) };
  const [name] = await everything(listSecrets(client, 'orders'));
  const patched = await client.request({
    method: 'PATCH',
    path: `/api/v1/namespaces/orders/secrets/${name}`,
    body: { metadata: { annotations, labels: { label: 'CANARY' } } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  assert.equal(patched.status, 200);
  assert.match(JSON.stringify(patched.body), /CANARY/);
  const { secretValuesSent } = rehearsal.record();

  const { values, warnings } = await facts.read(['secrets', 'policy', 'access']);
  assert.doesNotMatch(JSON.stringify([values, warnings]), /CANARY|Q0FOQVJZ|last-applied/);
  assert.equal((values.policy as { blocked: unknown[] }).blocked.length, 1);
  assert.equal(rehearsal.record().secretValuesSent, secretValuesSent);
  assert.equal(rehearsal.record().mutations.length, 0);
  for (const name of await readdir(join(directory, 'run')))
    assert.doesNotMatch(await readFile(join(directory, 'run', name), 'utf8'), /CANARY|Q0FOQVJZ/);
});

test('a refusal that quotes a Secret is told without what it quotes', async (t) => {
  const applied = JSON.stringify({ data: { password: 'Q0FOQVJZ' }, stringData: { other: 'CANARY' } });
  const annotation = `kubectl.kubernetes.io/last-applied-configuration: ${applied}`;
  const body = {
    kind: 'Status',
    message: `admission webhook denied it: ${annotation}`,
    details: { name: 'CANARY', causes: [{ message: applied }] },
    metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': applied } },
  };
  const { client } = await serve(t, [
    (path) => (path.includes('/secrets?') ? { body: list(['a']) } : { status: 403, body }),
  ]);
  const policy = await readPolicy(client, ['n', 'm']);
  // The same refusal is told once, with the namespaces it is met in.
  assert.deepEqual(policy.reasons, [`m, n – ${policy.blocked[0]?.message}`]);
  assert.match(policy.blocked[0]?.message ?? '', /^admission webhook denied it: /);
  assert.doesNotMatch(JSON.stringify(policy), /CANARY|Q0FOQVJZ/);
  for (const asking of [listNamespaces(client), readSecretAccess(client)])
    await assert.rejects(asking, (error) => {
      // The whole of it, with its cause and its own properties.
      assert.doesNotMatch(inspect(error, { depth: null, showHidden: true }), /CANARY|Q0FOQVJZ/);
      return true;
    });
});

test('a server that is not there is an error that says so, and aborting rejects with the reason', async (t) => {
  const { client, server } = await serve(t, [{}]);
  const reason = new Error('enough');
  await assert.rejects(
    client.request({ method: 'GET', path: '/', signal: AbortSignal.abort(reason) }),
    reason,
  );
  server.close();
  await once(server, 'close');
  await assert.rejects(client.request({ method: 'GET', path: '/' }), (error) => {
    assert.ok(error instanceof ToolError);
    assert.match(error.message, /cannot be reached/);
    return true;
  });
});
