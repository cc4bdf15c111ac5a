import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStateDirectory, runPlainly } from '../support/terminal.ts';

test('doctor tells what is missing and how to get it, and ends with 1 when something is', (t) => {
  const stateDirectory = newStateDirectory(t);
  const good = runPlainly(['doctor', '--rehearse'], stateDirectory);
  assert.equal(good.status, 0, good.stdout + good.stderr);
  assert.match(good.stdout, /^✔ +signed in as +you@contoso\.com$/m);
  assert.match(good.stdout, /^✔ +list namespaces, list and patch secrets +allowed$/m);
  assert.match(good.stdout, /Nothing that is needed is missing\.\n$/);
  const words = ['doctor', 'kms-v2-public-to-pmk', '--rehearse', '--fault', 'az-old'];
  const bad = runPlainly(words, stateDirectory);
  assert.equal(bad.status, 1);
  assert.match(
    bad.stdout,
    /^✘ +Azure CLI \(az\) +2\.70\.0; needed: 2\.73\.0 or later\n {3}→ Run az upgrade/m,
  );
  assert.match(bad.stdout, /One thing that is needed is missing\.\n$/);
  const json = runPlainly([...words, '--json'], stateDirectory);
  assert.equal(json.status, 1);
  const { ok, findings } = JSON.parse(json.stdout) as { ok: boolean; findings: Record<string, unknown>[] };
  assert.equal(ok, false);
  const az = findings.find(({ what }) => what === 'Azure CLI (az)');
  assert.deepEqual([az?.['status'], az?.['found']], ['missing', '2.70.0']);
  const half = runPlainly(['doctor', '-p', 'CLUSTER_NAME=blue'], stateDirectory);
  assert.equal(half.status, 2);
  assert.match(half.stderr, /Only CLUSTER_NAME is given/);
});
