import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { azCredential } from '../../../source/adapters/azure/az-credential.ts';
import { readCluster } from '../../../source/adapters/azure/cluster.ts';
import { until } from '../command/programs.ts';
import { simulate, subscription, target } from '../simulation.ts';

/** A place whose `az` runs these lines of shell. */
async function withAz(directory: string, ...lines: string[]): Promise<Record<string, string>> {
  const bin = join(directory, 'own-bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'az'), ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(join(bin, 'az'), 0o700);
  return { PATH: `${bin}:${process.env['PATH']}` };
}

test('Azure is read with the token of the az login, by the subscription it is for', async (t) => {
  const { connection, environment } = await simulate(t);
  const credential = azCredential({ subscription }, environment);
  const token = await credential.getToken('https://management.core.windows.net//.default');
  assert.ok((token?.expiresOnTimestamp ?? 0) > Date.now() + 3_600_000);
  const { cluster } = await readCluster({ ...connection, credential }, subscription, target);
  assert.equal(cluster.name, target.clusterName);
});

test('without az or a sign-in it is said what to do', async (t) => {
  const { connection, directory } = await simulate(t);
  const read = (environment: Record<string, string>): Promise<unknown> =>
    readCluster(
      { ...connection, credential: azCredential({ subscription }, environment) },
      subscription,
      target,
    );
  await assert.rejects(read({ PATH: directory }), /az\) was not found/);
  const refused = await withAz(
    directory,
    'echo "ERROR: AADSTS70043: expired. Please run: az login" >&2; exit 1',
  );
  await assert.rejects(read(refused), /the sign-in to Azure does not hold/);
});

test('a reading that waits for az is given up at once, and az with it', async (t) => {
  const { connection, directory } = await simulate(t);
  const started = join(directory, 'pid');
  const environment = await withAz(
    directory,
    `echo $$ > '${started}.new'; mv '${started}.new' '${started}'`,
    'exec sleep 60',
  );
  const stop = new AbortController();
  const reason = new Error('enough');
  const reading = readCluster(
    { ...connection, credential: azCredential({ subscription }, environment) },
    subscription,
    target,
    stop.signal,
  );
  const rejected = assert.rejects(reading, reason);
  const pid = (): number | undefined => {
    try {
      return Number(readFileSync(started, 'utf8'));
    } catch {
      return undefined;
    }
  };
  await until(() => pid() !== undefined);
  stop.abort(reason);
  await rejected;
  await until(() => {
    try {
      process.kill(pid() ?? 0, 0);
      return false;
    } catch {
      return true;
    }
  });
});
