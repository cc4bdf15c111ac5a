import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { readRecord } from '../../source/rehearsal/index.ts';
import { newStateDirectory, rehearsalIn, runPlainly, transcriptIn } from '../support/terminal.ts';
import type { PlainResult } from '../support/terminal.ts';
import { needs } from '../support/needs.ts';

function rehearseWithReal(stateDirectory: string, runbook: string): PlainResult {
  const words = ['run', runbook, '--rehearse', '--clients', 'real', '--plain', '--yes', '--speed', '6000'];
  return runPlainly(
    [
      ...words,
      '--accept-irreversible',
      'rehearsal',
      '-p',
      'CLUSTER_NAME=rehearsal',
      '-p',
      'RESOURCE_GROUP=rehearsal-rg',
    ],
    stateDirectory,
  );
}

test(
  'the migration to PMK is refused when az is older than the document asks for',
  needs('az', 'kubectl'),
  (t) => {
    const stateDirectory = newStateDirectory(t);
    const { status, stdout } = rehearseWithReal(stateDirectory, 'kms-v2-public-to-pmk');
    const version = /The Azure CLI is missing or older than 2\.73\.0\. Found: (\S+)/u.exec(stdout)?.[1];
    // A newer az gets further, and has no aks-preview: the simulation's configuration directory has no extensions.
    if (version === undefined) assert.match(stdout, /aks-preview/u);
    assert.equal(status, 1, stdout);
    assert.deepEqual(readRecord(rehearsalIn(stateDirectory).simulation).mutations, []);
  },
);

for (const runbook of ['kms-v1-to-v2-public', 'kms-v1-to-v2-private']) {
  test(`${runbook} completes with the real az and kubectl`, needs('az', 'kubectl'), (t) => {
    const stateDirectory = newStateDirectory(t);
    const { status, stdout, stderr } = rehearseWithReal(stateDirectory, runbook);
    assert.equal(status, 0, stdout + stderr);
    const { cluster, currentKey, mutations, secrets, secretsByKey } = readRecord(
      rehearsalIn(stateDirectory).simulation,
    );
    assert.deepEqual(
      mutations.map(({ operation, outcome }) => [operation, outcome]),
      [
        ['aks update', 'Succeeded'],
        ['aks upgrade', 'Succeeded'],
        ['aks update', 'Succeeded'],
      ],
    );
    assert.match(cluster.kubernetesVersion, /^1\.27\./u);
    assert.match(currentKey, /^kms-v2:/u);
    assert.deepEqual(secretsByKey, { [currentKey]: secrets });
    assert.match(transcriptIn(stateDirectory), /REHEARSAL/u);
    const requests = readFileSync(join(rehearsalIn(stateDirectory).simulation, 'requests.jsonl'), 'utf8');
    assert.match(requests, /"method":"PUT".*"who":"AZURECLI\//u);
    // The tool rewrites the Secrets itself, by empty patches; `kubectl.test.ts` has the document's own pipeline.
    assert.match(requests, /"method":"PATCH".*\/secrets\//u);
    assert.ok(!requests.includes('(rehearsal)'), 'a stand-in was used');
  });
}
