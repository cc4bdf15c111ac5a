import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createSignIn } from '../../../source/adapters/azure/sign-in.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { simulate } from '../simulation.ts';

test('az tells when its token runs out', async (t) => {
  const { environment } = await simulate(t, ['token-expires-soon']);
  const before = Date.now();
  const until = await createSignIn(environment).validUntil();
  assert.ok(until !== undefined);
  const minutes = (until.getTime() - before) / 60_000;
  assert.ok(minutes > 9 && minutes < 12, String(minutes));
});

test('an old az tells it in local time, one that does not tell is believed, one that refuses is not', async (t) => {
  const directory = await temporaryDirectory(t);
  const az = async (text: string): Promise<ReturnType<typeof createSignIn>> => {
    const bin = join(directory, 'bin');
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, 'az'), `#!/bin/sh\n${text}\n`);
    await chmod(join(bin, 'az'), 0o700);
    return createSignIn({ PATH: bin });
  };
  const old = await az(`echo '{"seconds": null, "local": "2026-11-21 22:10:00.000000"}'`);
  assert.deepEqual(await old.validUntil(), new Date(2026, 10, 21, 22, 10));
  const silent = await az(`echo '{"seconds": null, "local": null}'`);
  assert.equal(await silent.validUntil(), undefined);
  const refused = await az('echo "ERROR: AADSTS70043: The refresh token has expired" >&2; exit 1');
  await assert.rejects(refused.validUntil(), /the sign-in to Azure does not hold/);
});
