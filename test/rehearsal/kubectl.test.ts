import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import type { Rehearsal } from '../../source/rehearsal/index.ts';
import { disableKms, finished, put, rehearse, run, temporaryDirectory } from './helpers.ts';
import type { Ended, Json } from './helpers.ts';

const programs = { 'the stand-in kubectl': 'kubectl', 'the real kubectl': '/usr/bin/kubectl' };

/** What refuses a change, and what kubectl makes of it. */
const denials = [
  ['policy-blocks', /^Error from server \(Forbidden\): admission webhook "\S+" denied the request: /u],
  [
    'policy-validates',
    /^The secrets "gateway-0001" is invalid: : ValidatingAdmissionPolicy '\S+' with binding /u,
  ],
  ['webhook-refuses', /^Error from server: admission webhook "\S+" denied the request: /u],
  ['webhook-down', /^Error from server \(InternalError\): Internal error occurred: failed calling webhook /u],
  [
    'secrets-forbidden',
    /^Error from server \(Forbidden\): secrets "gateway-0001" is forbidden: User "\S+" cannot /u,
  ],
] as const;

interface Session {
  rehearsal: Rehearsal;
  kubectl: (words: string, input?: string) => Promise<Ended>;
}

async function session(
  t: TestContext,
  program: string,
  faults: string[] = [],
  secretCount = 120,
): Promise<Session> {
  const rehearsal = await rehearse(t, { faults, secretCount });
  const home = temporaryDirectory(t);
  const KUBECONFIG = join(home, 'kubeconfig');
  const target = ['-g', 'rehearsal-rg', '-n', 'rehearsal', '--file', KUBECONFIG];
  const { code, stderr } = await run(rehearsal, 'az', ['aks', 'get-credentials', ...target]);
  assert.equal(code, 0, stderr);
  const environment = { KUBECONFIG, HOME: home };
  const kubectl = (words: string, input?: string): Promise<Ended> =>
    run(rehearsal, program, words.split(' '), { environment, ...(input === undefined ? {} : { input }) });
  return { rehearsal, kubectl };
}

for (const [name, program] of Object.entries(programs)) {
  const missing = program.startsWith('/') && !existsSync(program) ? `there is no ${program}` : false;

  test(`${name}: the documented pipeline rewrites every secret`, { skip: missing }, async (t) => {
    const { rehearsal, kubectl } = await session(t, program);
    await finished(rehearsal, await put(rehearsal, disableKms));
    const read = await kubectl('get secrets --all-namespaces -o json');
    assert.equal((JSON.parse(read.stdout) as Json)['items'].length, 120);
    const written = await kubectl('replace -f -', read.stdout);
    assert.equal(written.code, 0, written.stderr);
    assert.equal(written.stdout.trim().split('\n').length, 120);
    assert.match(written.stdout, /^secret\/gateway-0001 replaced$/mu);
    assert.deepEqual(rehearsal.record().secretsByKey, { identity: 120 });
  });

  test(
    `${name}: a secret changed meanwhile is a conflict, and the others are written`,
    { skip: missing },
    async (t) => {
      const { rehearsal, kubectl } = await session(t, program);
      const read = await kubectl('get secrets -A -o json');
      await finished(rehearsal, await put(rehearsal, disableKms));
      await kubectl('patch secret gateway-0001 -n payments --type merge -p {}');
      const written = await kubectl('replace -f -', read.stdout);
      assert.equal(written.code, 1);
      assert.match(
        written.stderr,
        /^Error from server \(Conflict\): error when replacing "STDIN": .*the object has been modified; please apply your changes to the latest version and try again$/mu,
      );
      assert.deepEqual(rehearsal.record().secretsByKey, { identity: 120 });
    },
  );

  for (const [fault, told] of denials)
    test(`${name}: ${fault} is told`, { skip: missing }, async (t) => {
      const { kubectl } = await session(t, program, [fault]);
      const denied = await kubectl(
        'patch secret gateway-0001 -n payments --type merge -p {} --dry-run=server',
      );
      assert.equal(denied.code, 1);
      assert.match(denied.stderr, told);
    });

  test(
    `${name}: a list of many pages is whole; one that expires meanwhile is told`,
    { skip: missing },
    async (t) => {
      const many = await session(t, program, [], 1200);
      const { stdout } = await many.kubectl('get secrets -A -o json');
      const items = (JSON.parse(stdout) as Json)['items'] as Json[];
      assert.equal(new Set(items.map(({ metadata }) => metadata.uid)).size, 1200);
      assert.deepEqual([items[0]?.['kind'], items[0]?.['apiVersion']], ['Secret', 'v1']);
      const { kubectl } = await session(t, program, ['lists-expire'], 1200);
      const expired = await kubectl('get secrets -A -o json');
      assert.equal(expired.code, 1);
      assert.match(
        expired.stderr,
        /^Error from server \(Expired\): The provided continue parameter is too old/mu,
      );
    },
  );

  test(`${name}: reading, patching, asking for permission`, { skip: missing }, async (t) => {
    const { rehearsal, kubectl } = await session(t, program);
    const patch = 'patch secret gateway-0001 -n payments --type merge -p {}';
    assert.equal((await kubectl(patch)).stdout, 'secret/gateway-0001 patched (no change)\n');
    await finished(rehearsal, await put(rehearsal, disableKms));
    assert.match((await kubectl(`${patch} --dry-run=server`)).stdout, /^secret\/gateway-0001 patched/u);
    assert.equal(rehearsal.record().secretsByKey['identity'], undefined);
    assert.equal((await kubectl(patch)).stdout.split(' (')[0]!.trim(), 'secret/gateway-0001 patched');
    assert.equal(rehearsal.record().secretsByKey['identity'], 1);
    assert.equal((await kubectl('auth can-i patch secrets --all-namespaces')).stdout, 'yes\n');
    assert.match((await kubectl('get secrets -n payments')).stdout, /^NAME +TYPE +DATA/u);
    assert.match((await kubectl('get secrets -n orders -o name')).stdout, /^secret\/database-0001$/mu);
    assert.match((await kubectl('get ns -o name')).stdout, /^namespace\/payments$/mu);
    const gone = await kubectl('get secret nope -n payments');
    assert.deepEqual(
      [gone.code, gone.stderr],
      [1, 'Error from server (NotFound): secrets "nope" not found\n'],
    );
    const view = JSON.parse((await kubectl('config view --minify -o json')).stdout) as Json;
    assert.equal(view['clusters'][0].cluster.server, `https://${rehearsal.record().cluster.fqdn}:443`);
    assert.equal(view['users'][0].user.token, 'REDACTED');
    assert.equal((await kubectl('config current-context')).stdout, 'rehearsal\n');
    const version = JSON.parse((await kubectl('version -o json')).stdout) as Json;
    assert.equal(version['serverVersion'].gitVersion, 'v1.33.2');
    assert.equal((await kubectl('replace -f -', '')).code, 0);
    assert.equal((await kubectl('nope')).code, 1);
  });

  test(`${name}: cannot reach a stopped cluster`, { skip: missing }, async (t) => {
    const rehearsal = await rehearse(t, { scenario: 'stopped' });
    const home = temporaryDirectory(t);
    const KUBECONFIG = join(home, 'kubeconfig');
    const target = ['-g', 'rehearsal-rg', '-n', 'rehearsal', '--file', KUBECONFIG];
    await run(rehearsal, 'az', ['aks', 'get-credentials', ...target]);
    const { code, stderr } = await run(rehearsal, program, ['get', 'secrets'], {
      environment: { KUBECONFIG, HOME: home },
    });
    assert.equal(code, 1);
    assert.match(stderr, /Unable to connect to the server: .*no such host/u);
  });
}

test('the stand-in kubectl without a kubeconfig', async (t) => {
  const rehearsal = await rehearse(t);
  const environment = { HOME: temporaryDirectory(t), KUBECONFIG: '/nonexistent/kubeconfig' };
  const ended = await run(rehearsal, 'kubectl', ['get', 'secrets'], { environment });
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /did you specify the right host or port\?/u);
  const client = await run(rehearsal, 'kubectl', ['version', '--client', '-o', 'json'], { environment });
  assert.match((JSON.parse(client.stdout) as Json)['clientVersion'].gitVersion, /^v1\./u);
});
