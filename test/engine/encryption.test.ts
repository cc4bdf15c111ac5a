import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { clusterState, fittingRunbooks, readEncryption } from '../../source/engine/encryption.ts';

interface Settings {
  version?: string | undefined;
  kms?: string | undefined;
  newKms?: string | undefined;
  state?: string | null;
  power?: string | null;
  identity?: string;
  /** Present unless said. */
  vnetIntegration?: boolean;
}

/** A cluster as `az aks show` prints it. */
function cluster({ version, kms, newKms, state, power, identity, vnetIntegration }: Settings): unknown {
  return {
    currentKubernetesVersion: version,
    provisioningState: state === undefined ? 'Succeeded' : state,
    powerState: { code: power === undefined ? 'Running' : power },
    identity: { type: identity ?? 'UserAssigned' },
    apiServerAccessProfile: { enableVnetIntegration: vnetIntegration ?? true },
    securityProfile: {
      ...(kms === undefined ? {} : { azureKeyVaultKms: { enabled: true, keyVaultNetworkAccess: kms } }),
      ...(newKms === undefined
        ? {}
        : { kubernetesResourceObjectEncryptionProfile: { infrastructureEncryption: newKms } }),
    },
  };
}

function fitting(settings: Settings, shown = true) {
  const given = cluster(settings);
  return fittingRunbooks(given, readEncryption(given, shown));
}

test('settings tell the generation, and where the key vault is reached', () => {
  const cases: [Settings, string, string | undefined][] = [
    [{ version: '1.33.2' }, 'none', undefined],
    [{ version: '1.26.15', kms: 'Public' }, 'v1', 'public'],
    [{ version: '1.26.15', kms: 'Private' }, 'v1', 'private'],
    [{ version: '1.27.0', kms: 'Public' }, 'v2', 'public'],
    [{ version: '1.33.2', kms: 'Private' }, 'v2', 'private'],
    [{ version: '1.33.2', kms: 'Private', newKms: 'Disabled' }, 'v2', 'private'],
    [{ version: '1.33.2', newKms: 'Enabled' }, 'PMK', undefined],
    [{ version: '1.33.2', kms: 'Public', newKms: 'Enabled' }, 'CMK', 'public'],
    [{ kms: 'Public' }, 'unknown', 'public'],
    // Azure's words are the same in whatever case they come.
    [{ version: '1.33.2', kms: 'PRIVATE' }, 'v2', 'private'],
    [{ version: '1.26.15', kms: 'private' }, 'v1', 'private'],
    [{ version: '1.33.2', newKms: 'enabled' }, 'PMK', undefined],
  ];
  for (const [settings, generation, vault] of cases) {
    const found = readEncryption(cluster(settings));
    assert.deepEqual([found.generation, found.vault], [generation, vault], JSON.stringify(settings));
  }
});

function generation(settings: Settings): string {
  return readEncryption(cluster(settings), false).generation;
}

test('what was not shown is unknown from 1.33 on, and known before', () => {
  assert.equal(generation({ version: '1.33.0' }), 'unknown');
  assert.equal(generation({ version: '1.33.0', kms: 'Public' }), 'unknown');
  assert.equal(generation({ version: '1.32.9', kms: 'Public' }), 'v2');
  assert.equal(generation({ version: '1.32.9' }), 'none');
  assert.equal(generation({ version: '1.26.15', kms: 'Public' }), 'v1');
  assert.equal(generation({ version: '1.33.0', newKms: 'Enabled' }), 'PMK');
  assert.equal(generation({}), 'unknown');
});

test('a cluster is given the runbooks for it', () => {
  const cases: [Settings, string[]][] = [
    [{ version: '1.26.15', kms: 'Public' }, ['kms-v1-to-v2-public']],
    [{ version: '1.26.15', kms: 'Private' }, ['kms-v1-to-v2-private']],
    [{ version: '1.33.2', kms: 'Public' }, ['kms-v2-public-to-pmk', 'kms-v2-public-to-cmk']],
    [{ version: '1.34.0', kms: 'Private' }, ['kms-v2-private-to-pmk', 'kms-v2-private-to-cmk']],
  ];
  for (const [settings, runbooks] of cases) assert.deepEqual(fitting(settings), { runbooks });
});

test('a cluster none is for is told why', () => {
  assert.match(fitting({ version: '1.33.2' }).blocked ?? '', /not turned on/);
  assert.match(
    fitting({ version: '1.33.2', newKms: 'Enabled' }).blocked ?? '',
    /already on platform-managed/,
  );
  assert.match(
    fitting({ version: '1.33.2', newKms: 'Enabled', kms: 'Public' }).blocked ?? '',
    /already on customer-managed/,
  );
  assert.match(fitting({ version: '1.32.4', kms: 'Public' }).blocked ?? '', /1\.32\.4.*needs 1\.33\.0/);
  assert.match(fitting({ version: '1.33.2', kms: 'Public' }, false).blocked ?? '', /not possible to tell/);
});

test('the state and the identity of a cluster can stand in the way of its runbooks', () => {
  const v2 = { version: '1.33.2', kms: 'Public' } as const;
  const cases: [Settings, RegExp][] = [
    [{ ...v2, power: 'Stopped' }, /stopped/],
    [{ ...v2, state: 'Updating' }, /in progress \(Updating\)/],
    [{ ...v2, state: 'Failed' }, /ended as Failed/],
    [{ ...v2, state: 'Canceled' }, /ended as Canceled/],
    [{ ...v2, identity: 'None' }, /no managed identity/],
    [{ ...v2, power: 'stopped' }, /stopped/],
    [{ ...v2, power: 'Starting' }, /power state is Starting/],
    // What is not known to be in order is not taken for it.
    [{ ...v2, power: null }, /does not say whether it is running/],
    [{ ...v2, state: null }, /does not say what state/],
  ];
  for (const [settings, blocked] of cases) {
    const found = fitting(settings);
    assert.match(found.blocked ?? '', blocked);
    assert.equal(found.runbooks.length, 2);
    assert.ok(found.fix !== undefined);
  }
  const shouted = { ...v2, power: 'RUNNING', state: 'SUCCEEDED', identity: 'userassigned' };
  assert.equal(fitting(shouted).blocked, undefined);
  // The old KMS can be gone on from without a managed identity.
  assert.equal(fitting({ version: '1.26.15', kms: 'Public', identity: 'None' }).blocked, undefined);
  assert.equal(clusterState(cluster({ power: 'Stopped' })), 'Stopped');
  assert.equal(clusterState({}), 'unknown');
});

test('a cluster with a system-assigned identity is for PMK, and is told why not for CMK', () => {
  for (const identity of ['SystemAssigned', 'systemassigned']) {
    const { runbooks, blocked, note } = fitting({ version: '1.33.2', kms: 'Private', identity });
    assert.deepEqual([runbooks, blocked], [['kms-v2-private-to-pmk'], undefined]);
    assert.match(note ?? '', /^kms-v2-private-to-cmk needs a user-assigned managed identity/);
  }
});

test('whatever Azure answers, there is a runbook or a reason', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.boolean(), (value, shown) => {
      const { runbooks, blocked } = fittingRunbooks(value, readEncryption(value, shown));
      assert.ok(runbooks.length > 0 || blocked !== undefined);
    }),
  );
});

test('KMS v1 with a private key vault needs API Server VNet Integration', () => {
  const given = { version: '1.26.15', kms: 'Private' } as const;
  assert.equal(fitting(given).blocked, undefined);
  assert.match(fitting({ ...given, vnetIntegration: false }).blocked ?? '', /VNet Integration/);
  assert.equal(fitting({ ...given, kms: 'Public', vnetIntegration: false }).blocked, undefined);
});
