import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import { readRecord } from '../../source/rehearsal/index.ts';
import {
  arm,
  clusterPath,
  disableKms,
  enablePmk,
  fast,
  finished,
  getCluster,
  kubernetes,
  mergePatch,
  preview,
  put,
  rehearse,
  slow,
  temporaryDirectory,
} from './helpers.ts';

test('an operation goes on by the clock while nothing is open', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await rehearse(t, { directory, speed: slow });
  const started = await put(first, enablePmk);
  const { endsAt } = first.record().operations[0]!;
  await first.close();
  assert.match(Object.keys(readRecord(directory).secretsByKey).join(' '), /^kms-v2:\S+$/u);
  const file = join(directory, 'state.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(String(endsAt), String(Date.now())));
  const before = readFileSync(file, 'utf8');
  assert.deepEqual(readRecord(directory).secretsByKey, { 'platform:aks-managed': 120 });
  assert.equal(readFileSync(file, 'utf8'), before);
  const second = await rehearse(t, { directory });
  assert.equal((await finished(second, started))['status'], 'Succeeded');
  assert.deepEqual(second.record().secretsByKey, { 'platform:aks-managed': 120 });
  assert.deepEqual(
    second.record().mutations.map(({ outcome }) => outcome),
    ['Succeeded'],
  );
});

test('an operation that is not over yet is still running when opened again', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await rehearse(t, { directory, speed: slow });
  await put(first, disableKms);
  const { endsAt } = first.record().operations[0]!;
  await first.close();
  const second = await rehearse(t, { directory, speed: fast });
  assert.equal((await getCluster(second)).body.properties.provisioningState, 'Updating');
  assert.equal(second.record().operations[0]?.endsAt, endsAt);
  assert.equal((await put(second, disableKms)).status, 409);
});

test('scenario, faults, names, certificate and tokens stay those of the beginning', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await rehearse(t, { directory, scenario: 'too-old', faults: ['no-permission'] });
  const token = first.token();
  await first.close();
  const second = await rehearse(t, { directory, scenario: 'pmk', clusterName: 'other' });
  assert.equal(second.record().scenario, 'too-old');
  assert.deepEqual(second.record().faults, ['no-permission']);
  assert.equal(second.record().cluster.name, 'rehearsal');
  assert.equal(second.certificate, first.certificate);
  assert.equal(second.armEndpoint, first.armEndpoint);
  const { status } = await arm({ ...second, token: () => token }, 'GET', `${clusterPath}?${preview}`);
  assert.equal(status, 200);
});

test('another port is taken when the old one is not free', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await rehearse(t, { directory });
  const port = Number(new URL(first.armEndpoint).port);
  await first.close();
  const squatter = createServer().listen(port, '127.0.0.1');
  await once(squatter, 'listening');
  t.after(() => squatter.close());
  assert.equal((squatter.address() as AddressInfo).port, port);
  const second = await rehearse(t, { directory });
  assert.notEqual(second.armEndpoint, first.armEndpoint);
  assert.equal((await getCluster(second)).status, 200);
});

test('nothing that was answered is lost when the process is killed', async (t) => {
  const directory = temporaryDirectory(t);
  const helpers = new URL('./helpers.ts', import.meta.url).href;
  const script = `
    import { openRehearsal } from ${JSON.stringify(new URL('../../source/rehearsal/index.ts', import.meta.url).href)};
    import * as help from ${JSON.stringify(helpers)};
    const rehearsal = await openRehearsal({ directory: ${JSON.stringify(directory)}, scenario: 'kms-v2-public',
      faults: [], clusterName: 'rehearsal', resourceGroup: 'rehearsal-rg', speed: help.fast });
    await help.finished(rehearsal, await help.put(rehearsal, help.disableKms));
    const ask = await help.kubernetes(rehearsal);
    for (let n = 1; n <= 5; n += 1)
      await ask('PATCH', '/api/v1/namespaces/payments/secrets/gateway-000' + n, { body: {}, headers: help.mergePatch });
    process.stdout.write('answered');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  const record = readRecord(directory);
  assert.equal(record.secretsByKey['identity'], 5);
  assert.equal(record.secrets, 120);
  assert.equal(record.currentKey, 'identity');
  appendFileSync(join(directory, 'secrets.jsonl'), '{"namespace":"payments","na');
  const resumed = await rehearse(t, { directory });
  assert.deepEqual(resumed.record().secretsByKey, record.secretsByKey);
});

test('the log of requests has every change, who made it and what was answered, and no reads', async (t) => {
  const directory = temporaryDirectory(t);
  const rehearsal = await rehearse(t, { directory });
  await getCluster(rehearsal);
  await put(rehearsal, disableKms);
  const ask = await kubernetes(rehearsal);
  await ask('PATCH', '/api/v1/namespaces/payments/secrets/gateway-0001', {
    body: {},
    headers: { ...mergePatch, 'user-agent': 'test' },
  });
  const lines = readFileSync(join(directory, 'requests.jsonl'), 'utf8').trim().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    entries.map(({ method, status }) => [method, status]),
    [
      ['PUT', 200],
      ['POST', 200],
      ['PATCH', 200],
    ],
  );
  assert.equal(entries[2]?.['who'], 'test');
  assert.deepEqual(rehearsal.record().requestCounts, {
    'arm GET': 1,
    'arm PUT': 1,
    'arm POST': 1,
    'kubernetes PATCH': 1,
  });
});
