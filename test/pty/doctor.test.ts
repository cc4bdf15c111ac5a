import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStateDirectory, runPlainly } from '../support/terminal.ts';

test('doctor tells what is missing and how to get it, and ends with 1 when something is', (t) => {
  const stateDirectory = newStateDirectory(t);
  const good = runPlainly(['doctor', '--rehearse'], stateDirectory);
  assert.equal(good.status, 0, good.stdout + good.stderr);
  assert.match(good.stdout, /^✔ +signed in as +you@contoso\.com$/m);
  assert.match(good.stdout, /^✔ +You may update the cluster +allowed$/m);
  assert.match(good.stdout, /Nothing that is needed is missing\.\n$/);
  const words = ['doctor', 'kms-v2-public-to-pmk', '--rehearse', '--fault', 'az-old'];
  const bad = runPlainly(words, stateDirectory);
  assert.equal(bad.status, 1);
  assert.match(
    bad.stdout,
    /^✘ +Azure CLI is 2\.73\.0 or later +2\.70\.0\n {3}The Azure CLI is .*\n {3}→ Run az upgrade/m,
  );
  assert.match(bad.stdout, /One thing that is needed is missing \(✘\)\.\n$/);
  const json = runPlainly([...words, '--json'], stateDirectory);
  assert.equal(json.status, 1);
  const { ok, findings } = JSON.parse(json.stdout) as { ok: boolean; findings: Record<string, unknown>[] };
  assert.equal(ok, false);
  const az = findings.find(({ what }) => what === 'Azure CLI is 2.73.0 or later');
  assert.deepEqual([az?.['about'], az?.['status'], az?.['found']], ['runbook', 'missing', '2.70.0']);
  const half = runPlainly(['doctor', '-p', 'CLUSTER_NAME=blue'], stateDirectory);
  assert.equal(half.status, 2);
  assert.match(half.stderr, /Only CLUSTER_NAME is given/);
});

test('doctor of a runbook that is not for the cluster says so, and which one is', (t) => {
  const stateDirectory = newStateDirectory(t);
  const words = ['doctor', 'kms-v2-public-to-pmk', '--rehearse', '--scenario', 'kms-v1-private'];
  const { status, stdout } = runPlainly(words, stateDirectory);
  assert.equal(status, 1);
  assert.match(stdout, /^! +runbook for it +kms-v1-to-v2-private; not kms-v2-public-to-pmk$/m);
  assert.match(
    stdout,
    /^✘ +KMS is version 2 +1\.26\.15\n[\s\S]*→ Migrate to KMS v2 first, with the runbook/m,
  );
  assert.match(stdout, /^\? +\d+ are not looked at, because of what is missing\.$/m);
  assert.doesNotMatch(stdout, /Nothing that is needed/);
  const unfit = runPlainly(
    ['doctor', 'kms-v1-to-v2-public', '--rehearse', '-p', 'COLOUR=red'],
    stateDirectory,
  );
  assert.equal(unfit.status, 2);
  assert.match(unfit.stderr, /COLOUR is not one of them/);
});
