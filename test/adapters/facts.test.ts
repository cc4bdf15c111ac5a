import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFacts, FactError } from '../../source/adapters/facts.ts';
import { createKubeconfig } from '../../source/adapters/kubernetes/kubeconfig.ts';
import { openWith } from '../../source/adapters/kubernetes/open.ts';
import type { FactName } from '../../source/runbook/model.ts';
import { finished, put } from '../rehearsal/helpers.ts';
import { simulate, subscription, target } from './simulation.ts';

test('the cluster comes in the shape az shows, with what only a preview version has', async (t) => {
  const { facts, rehearsal } = await simulate(t, [], 1, 'pmk');
  const { values, warnings } = await facts.read(['cluster']);
  const cluster = values.cluster as Record<string, never>;
  assert.equal(cluster['resourceGroup'], target.resourceGroup);
  assert.equal(cluster['name'], target.clusterName);
  assert.equal(cluster['provisioningState'], 'Succeeded');
  assert.equal(cluster['properties'], undefined);
  assert.equal(cluster['encryptionShown'], true);
  assert.deepEqual(
    Object.keys(cluster).filter((name) =>
      ['id', 'location', 'tags', 'identity', 'sku', 'fqdn'].includes(name),
    ).length,
    6,
  );
  assert.deepEqual(cluster['securityProfile'], {
    kubernetesResourceObjectEncryptionProfile: { infrastructureEncryption: 'Enabled' },
  });
  assert.deepEqual(warnings, []);
  assert.equal(rehearsal.record().mutations.length, 0);
});

test('a refused preview version is a warning, and the cluster is read all the same', async (t) => {
  const { facts } = await simulate(t, ['preview-api-refused']);
  const { values, warnings } = await facts.read(['cluster']);
  assert.equal((values.cluster as { name: string }).name, target.clusterName);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /refused API version 2026-03-02-preview/);
  assert.equal((values.cluster as { encryptionShown?: boolean }).encryptionShown, false);
});

test('being throttled is waited out and told', async (t) => {
  const { facts, retries } = await simulate(t, ['throttled']);
  await facts.read(['cluster']);
  assert.equal(retries.length, 3);
  assert.match(retries[0] ?? '', /429/);
});

test('the other facts', async (t) => {
  const { facts, rehearsal } = await simulate(t);
  const { values } = await facts.read([
    'features',
    'tools',
    'account',
    'access',
    'secrets',
    'policy',
    'params',
  ]);
  assert.equal((values.features as Record<string, string>)['KMSPMKPreview'], 'Registered');
  const tools = values.tools as Record<string, string | null>;
  assert.deepEqual(Object.keys(tools).sort(), ['aks-preview', 'az', 'kubectl', 'kubelogin']);
  assert.match(tools['az'] ?? '', /^\d+\.\d+\.\d+$/);
  assert.match(tools['kubectl'] ?? '', /^\d+\.\d+\.\d+/);
  assert.deepEqual(
    { ...(values.account as object), tenant: undefined, subscriptionName: undefined },
    {
      operator: 'you@contoso.com',
      tenant: undefined,
      subscription,
      subscriptionName: undefined,
      cloud: 'Rehearsal',
    },
  );
  assert.deepEqual(values.access, {
    updateCluster: true,
    patchSecrets: true,
    updateSecrets: true,
    missing: [],
  });
  const secrets = values.secrets as { count: number; namespaces: { name: string; count: number }[] };
  assert.equal(secrets.count, 40);
  assert.equal(
    secrets.namespaces.reduce((sum, { count }) => sum + count, 0),
    40,
  );
  assert.deepEqual(values.policy, { allowed: true, blocked: [], reasons: [] });
  assert.deepEqual(values.params, { CLUSTER_NAME: 'rehearsal' });
  assert.equal(rehearsal.record().mutations.length, 0);
});

test('only what is asked for is read', async (t) => {
  const { facts, directory } = await simulate(t);
  assert.deepEqual(Object.keys((await facts.read(['params', 'params'])).values), ['params']);
  await assert.rejects(stat(join(directory, 'run', 'kubeconfig')));
});

test('a namespace in which a policy forbids changes is named with its message', async (t) => {
  const { facts, rehearsal } = await simulate(t, ['policy-blocks']);
  const { values } = await facts.read(['policy']);
  const policy = values.policy as {
    allowed: boolean;
    blocked: { namespace: string; message: string }[];
    reasons: string[];
  };
  assert.equal(policy.allowed, false);
  assert.deepEqual(policy.reasons, [`payments – ${policy.blocked[0]?.message}`]);
  assert.deepEqual(
    policy.blocked.map(({ namespace }) => namespace),
    ['payments'],
  );
  assert.match(policy.blocked[0]?.message ?? '', /denied/);
  assert.equal(rehearsal.record().mutations.length, 0);
});

test('a missing role is found out without trying', async (t) => {
  const { facts } = await simulate(t, ['no-permission']);
  const { values } = await facts.read(['access']);
  const access = values.access as { updateCluster: boolean; missing: string[] };
  assert.equal(access.updateCluster, false);
  assert.ok(access.missing.includes('Microsoft.ContainerService/managedClusters/write'));
});

test('a cluster that is not there, and a sign-in that does not hold', async (t) => {
  const { connection, kubernetes, environment } = await simulate(t);
  const common = { subscription, kubernetes, environment, parameters: {} };
  const other = { ...target, clusterName: 'another' };
  await assert.rejects(createFacts({ ...common, connection, target: other }).read(['cluster']), (error) => {
    assert.ok(error instanceof FactError);
    assert.equal(error.fact, 'cluster');
    assert.match(error.message, /another/);
    assert.match(error.next, /Check the names/);
    return true;
  });
  const expired = {
    ...connection,
    credential: { getToken: async () => ({ token: 'x', expiresOnTimestamp: 0 }) },
  };
  await assert.rejects(createFacts({ ...common, connection: expired, target }).read(['cluster']), (error) => {
    assert.ok(error instanceof FactError);
    assert.match(error.next, /az login/);
    return true;
  });
});

test('aborting rejects with the reason', async (t) => {
  const { facts } = await simulate(t);
  const reason = new Error('enough');
  const stopped = AbortSignal.abort(reason);
  const names: FactName[] = ['cluster', 'features', 'tools', 'account', 'access', 'secrets', 'policy'];
  for (const name of names) await assert.rejects(facts.read([name], stopped), reason, name);
});

test('the kubeconfig is got once, is nobody else’s to read, and goes away', async (t) => {
  const { kubeconfig } = await simulate(t);
  const server = await kubeconfig.server();
  assert.match(server, /^https:\/\/rehearsal.*\.azmk8s\.io:443$/);
  assert.equal((await stat(kubeconfig.file)).mode & 0o777, 0o600);
  await writeFile(
    kubeconfig.file,
    (await readFile(kubeconfig.file, 'utf8')).replace(server, 'https://other:443'),
  );
  assert.equal(await kubeconfig.server(), 'https://other:443');
  await kubeconfig.remove();
  await assert.rejects(stat(kubeconfig.file));
  assert.equal(await kubeconfig.server(), server);
});

/** A stand-in for az or kubelogin that does what the shell text says; `$4…` are its words. */
async function standIn(directory: string, name: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, name), `#!/bin/sh\n${text}\n`);
  await chmod(join(directory, name), 0o700);
}

test('a kubeconfig that asks kubelogin is made to use the az login', async (t) => {
  const { directory } = await simulate(t);
  const bin = join(directory, 'other-bin');
  const file = join(directory, 'entra', 'kubeconfig');
  await standIn(bin, 'az', `printf 'users:\\n- user:\\n    exec:\\n      command: kubelogin\\n' > '${file}'`);
  const make = () => createKubeconfig({ file, target, subscription, environment: { PATH: bin } });
  await assert.rejects(make().ensure(), /kubelogin was not found/);
  await standIn(bin, 'kubelogin', `echo "$@" > '${directory}/asked'`);
  await make().ensure();
  assert.equal(
    (await readFile(join(directory, 'asked'), 'utf8')).trim(),
    `convert-kubeconfig --login azurecli --kubeconfig ${file}`,
  );
});

test('missing programs are null versions, and a missing az or a lost sign-in says what to do', async (t) => {
  const { connection, directory } = await simulate(t);
  const bin = join(directory, 'empty-bin');
  const environment = { PATH: bin };
  const kubernetes = openWith(
    createKubeconfig({ file: join(directory, 'k'), target, subscription, environment }),
  );
  const facts = createFacts({ connection, subscription, target, kubernetes, environment, parameters: {} });
  assert.deepEqual((await facts.read(['tools'])).values.tools, {
    az: null,
    'aks-preview': null,
    kubectl: null,
    kubelogin: null,
  });
  await assert.rejects(facts.read(['account']), /az\) was not found/);
  await standIn(bin, 'az', `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`);
  await assert.rejects(facts.read(['account']), (error) => {
    assert.ok(error instanceof FactError);
    assert.match(error.next, /az login/);
    return true;
  });
  await standIn(bin, 'az', 'echo nothing');
  await assert.rejects(facts.read(['account']), /not JSON/);
});

test('the upgrades offered come oldest first, with how long each is supported', async (t) => {
  const { facts } = await simulate(t, [], 1, 'too-old');
  const { upgrades } = (await facts.read(['upgrades'])).values as { upgrades: unknown };
  assert.deepEqual(upgrades, {
    current: '1.32.4',
    offered: [
      { version: '1.32.9', support: 'in support' },
      { version: '1.33.2', support: 'in support' },
      { version: '1.33.5', support: 'in support' },
    ],
  });
  const old = await simulate(t, [], 1, 'kms-v1-public-1-24');
  const { offered } = (await old.facts.read(['upgrades'])).values.upgrades as { offered: unknown };
  assert.deepEqual(offered, [{ version: '1.25.16', support: 'out of support' }]);
});

test('a cluster on the newest version is offered nothing', async (t) => {
  const { facts, rehearsal } = await simulate(t, [], 1, 'no-kms');
  await finished(rehearsal, await put(rehearsal, { kubernetesVersion: '1.34.1' }));
  const { upgrades } = (await facts.read(['upgrades'])).values;
  assert.deepEqual(upgrades, { current: '1.34.1', offered: [] });
});

const own = {
  id: `/subscriptions/${subscription}/resourceGroups/rehearsal-rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/rehearsal-identity`,
  name: 'rehearsal-identity',
  principalId: '00000000-0000-4000-8000-0000000a4b54',
};

for (const scenario of ['kms-v2-public', 'kms-v2-private'])
  test(`${scenario}: the vault, the identity and its roles on the key`, async (t) => {
    const { facts } = await simulate(t, [], 1, scenario);
    const { values } = await facts.read(['vault', 'identity', 'roles']);
    const isPrivate = scenario === 'kms-v2-private';
    const id = `/subscriptions/${subscription}/resourceGroups/rehearsal-rg/providers/Microsoft.KeyVault/vaults/rehearsal-vault`;
    assert.deepEqual(values.vault, {
      id,
      name: 'rehearsal-vault',
      publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled',
      defaultAction: isPrivate ? 'Deny' : 'Allow',
      bypass: 'AzureServices',
      rbac: true,
      policies: [],
    });
    assert.deepEqual(values.identity, { type: 'UserAssigned', ...own });
    assert.deepEqual(values.roles, {
      onVault: ['Key Vault Crypto User', 'Key Vault Reader'],
      onKey: ['Key Vault Crypto User', 'Key Vault Reader'],
      assignments: [
        { role: 'Key Vault Crypto User', scope: id },
        { role: 'Key Vault Reader', scope: id },
      ],
      keyPermissions: [],
    });
  });

test('a vault with access policies, and an identity without any right', async (t) => {
  const policies = (await simulate(t, ['vault-access-policies'], 1)).facts;
  const { vault, roles } = (await policies.read(['vault', 'roles'])).values as {
    vault: { rbac: boolean };
    roles: { onVault: string[]; onKey: string[]; keyPermissions: string[] };
  };
  assert.equal(vault.rbac, false);
  assert.deepEqual([roles.onVault, roles.onKey], [['Key Vault Reader'], ['Key Vault Reader']]);
  assert.deepEqual(roles.keyPermissions, ['get', 'encrypt', 'decrypt']);
  const bare = (await simulate(t, ['roles-missing'], 1)).facts;
  assert.deepEqual((await bare.read(['roles'])).values.roles, {
    onVault: [],
    onKey: [],
    assignments: [],
    keyPermissions: [],
  });
});

test('a cluster without a key has no vault to read', async (t) => {
  const { facts } = await simulate(t, [], 1, 'no-kms');
  await assert.rejects(facts.read(['vault']), (error) => {
    assert.ok(error instanceof FactError);
    assert.match(error.message, /does not say which key/);
    return true;
  });
});
