import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ContainerServiceClient } from '@azure/arm-containerservice';

import { rehearse, subscription } from './helpers.ts';
import type { Json } from './helpers.ts';
import type { Rehearsal } from '../../source/rehearsal/index.ts';

function client(rehearsal: Rehearsal, apiVersion?: string): ContainerServiceClient {
  const credential = {
    getToken: async () => ({ token: rehearsal.token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  return new ContainerServiceClient(credential, subscription, {
    endpoint: rehearsal.armEndpoint,
    credentials: { scopes: ['https://management.azure.com/.default'] },
    tlsOptions: { ca: rehearsal.certificate },
    ...(apiVersion === undefined ? {} : { apiVersion }),
  });
}

test("the SDK reads the cluster, and its raw body has what the SDK's model lacks", async (t) => {
  const rehearsal = await rehearse(t, { scenario: 'pmk' });
  let raw: Json = {};
  const cluster = await client(rehearsal, '2026-03-02-preview').managedClusters.get(
    'rehearsal-rg',
    'rehearsal',
    {
      onResponse: (response) => {
        raw = JSON.parse(String(response.bodyAsText)) as Json;
      },
    },
  );
  assert.equal(cluster.kubernetesVersion, '1.33.2');
  assert.equal(cluster.fqdn, rehearsal.record().cluster.fqdn);
  assert.equal(
    raw['properties'].securityProfile.kubernetesResourceObjectEncryptionProfile.infrastructureEncryption,
    'Enabled',
  );
});

test('the SDK lists, reads upgrades and credentials with its own api-version', async (t) => {
  const rehearsal = await rehearse(t);
  const { managedClusters } = client(rehearsal);
  const names = [];
  for await (const cluster of managedClusters.list()) names.push(cluster.name);
  assert.deepEqual(names, ['rehearsal']);
  const profile = await managedClusters.getUpgradeProfile('rehearsal-rg', 'rehearsal');
  assert.equal(profile.controlPlaneProfile?.upgrades?.length, 2);
  const credentials = await managedClusters.listClusterUserCredentials('rehearsal-rg', 'rehearsal');
  assert.match(Buffer.from(credentials.kubeconfigs?.[0]?.value ?? []).toString(), /^apiVersion: v1/u);
});

test("the SDK's poller follows a change to its end, and to its failure", async (t) => {
  const rehearsal = await rehearse(t, { faults: ['update-fails-once'] });
  const { managedClusters } = client(rehearsal);
  const change = { location: 'eastus', securityProfile: { azureKeyVaultKms: { enabled: false } } };
  await assert.rejects(
    managedClusters.createOrUpdate('rehearsal-rg', 'rehearsal', change),
    /internal error, Correlation ID: /u,
  );
  await managedClusters.createOrUpdate('rehearsal-rg', 'rehearsal', change);
  assert.equal(rehearsal.record().currentKey, 'identity');
});

test('the SDK waits out the fault throttled by itself', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['throttled'] });
  const cluster = await client(rehearsal).managedClusters.get('rehearsal-rg', 'rehearsal');
  assert.equal(cluster.name, 'rehearsal');
});
