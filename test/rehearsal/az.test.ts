import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Rehearsal } from '../../source/rehearsal/index.ts';
import { arm, eventually, fast, rehearse, run, slow, subscription, temporaryDirectory } from './helpers.ts';
import type { Ended, Json } from './helpers.ts';

const target = ['--name', 'rehearsal', '--resource-group', 'rehearsal-rg'];
const enablePmk = [
  'aks',
  'update',
  ...target,
  '--kms-infrastructure-encryption',
  'Enabled',
  '--disable-azure-keyvault-kms',
];

const az = (rehearsal: Pick<Rehearsal, 'environment'>, ...words: string[]): Promise<Ended> =>
  run(rehearsal, 'az', words);
const azJson = async (rehearsal: Rehearsal, ...words: string[]): Promise<Json> =>
  JSON.parse((await az(rehearsal, ...words)).stdout) as Json;

test('az tells its version, the account, the cloud and a token', async (t) => {
  const rehearsal = await rehearse(t);
  const version = await azJson(rehearsal, 'version');
  assert.equal(version['azure-cli'], '2.91.0');
  assert.equal(version['extensions']['aks-preview'], '19.0.0b13');
  const account = await azJson(rehearsal, 'account', 'show');
  assert.equal(account['user'].name, 'you@contoso.com');
  assert.equal(account['name'], 'Rehearsal');
  const cloud = await azJson(rehearsal, 'cloud', 'show');
  assert.equal(cloud['endpoints'].resourceManager, `${rehearsal.armEndpoint}/`);
  const token = await azJson(rehearsal, 'account', 'get-access-token', '--output', 'json', '--resource', 'x');
  const answer = await arm(
    { ...rehearsal, token: () => token['accessToken'] },
    'GET',
    '/subscriptions?api-version=2022-12-01',
  );
  assert.equal(answer.status, 200);
  assert.match(token['expiresOn'], /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/u);
});

test('aks show and list flatten the resource; --query and every output work', async (t) => {
  const rehearsal = await rehearse(t);
  const cluster = await azJson(rehearsal, 'aks', 'show', ...target);
  assert.equal(cluster['resourceGroup'], 'rehearsal-rg');
  assert.equal(cluster['securityProfile'].azureKeyVaultKms.enabled, true);
  const query = async (query: string, output: string): Promise<string> =>
    (await az(rehearsal, 'aks', 'list', '--query', query, '-o', output)).stdout;
  assert.equal(await query('[].[name, kubernetesVersion, missing]', 'tsv'), 'rehearsal\t1.33.2\tNone\n');
  assert.equal(await query('[0].name', 'tsv'), 'rehearsal\n');
  assert.equal(await query('[0].nothing', 'json'), '');
  assert.equal(await query('[]', 'none'), '');
  assert.equal(await query('[].{name: name}', 'table'), 'Name\n---------\nrehearsal\n');
  const bad = await az(rehearsal, 'aks', 'list', '--query', '[');
  assert.deepEqual(
    [bad.code, bad.stderr.includes('argument --query: invalid jmespath_type value')],
    [2, true],
  );
});

test('aks update waits for the end and prints the cluster', async (t) => {
  const rehearsal = await rehearse(t);
  const { code, stdout } = await az(rehearsal, ...enablePmk);
  assert.equal(code, 0);
  const printed = JSON.parse(stdout) as Json;
  assert.equal(printed['provisioningState'], 'Succeeded');
  assert.equal(
    printed['securityProfile'].kubernetesResourceObjectEncryptionProfile.infrastructureEncryption,
    'Enabled',
  );
  assert.deepEqual(rehearsal.record().secretsByKey, { 'platform:aks-managed': 120 });
});

test('aks update turns KMS v2 on, public and private', async (t) => {
  const key = 'https://v.vault.azure.net/keys/k/0123';
  const on = ['aks', 'update', ...target, '--enable-azure-keyvault-kms', '--azure-keyvault-kms-key-id', key];
  const access = '--azure-keyvault-kms-key-vault-network-access';
  const open = await rehearse(t, { scenario: 'no-kms' });
  assert.equal((await az(open, ...on, access, 'Public')).code, 0);
  assert.equal(open.record().currentKey, `kms-v2:${key}`);
  const closed = await rehearse(t, { scenario: 'kms-v2-private' });
  const vault = `/subscriptions/${subscription}/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v`;
  const ended = await az(
    closed,
    ...on,
    access,
    'Private',
    '--azure-keyvault-kms-key-vault-resource-id',
    vault,
  );
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(closed.record().cluster.securityProfile['azureKeyVaultKms'], {
    enabled: true,
    keyId: key,
    keyVaultNetworkAccess: 'Private',
    keyVaultResourceId: vault,
  });
});

test('a failed update prints the three lines of az and exits 1', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['update-fails-once'] });
  const { code, stdout, stderr } = await az(rehearsal, ...enablePmk, '--only-show-errors');
  assert.deepEqual([code, stdout], [1, '']);
  const [, message = ''] = /^ERROR: \(InternalOperationError\) (.*)\n/u.exec(stderr) ?? [];
  assert.match(
    message,
    /^We are unable to serve this request due to an internal error, Correlation ID: [0-9a-f-]{36}, Operation ID: [0-9a-f-]{36}, Timestamp: \S{19}Z\.$/u,
  );
  assert.equal(
    stderr,
    `ERROR: (InternalOperationError) ${message}\nCode: InternalOperationError\nMessage: ${message}\n`,
  );
});

test('an expired sign-in is told in the words of Entra, once', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['token-expired'] });
  const first = await az(rehearsal, ...enablePmk);
  assert.equal(first.code, 1);
  assert.match(first.stderr, /AADSTS70043: .*Please run:\naz login/su);
  assert.equal((await az(rehearsal, 'login')).code, 0);
  assert.equal((await az(rehearsal, ...enablePmk)).code, 0);
});

test('a missing cluster is exit status 3', async (t) => {
  const rehearsal = await rehearse(t);
  const { code, stderr } = await az(rehearsal, 'aks', 'show', '-g', 'rehearsal-rg', '-n', 'nope');
  assert.equal(code, 3);
  assert.match(stderr, /^ERROR: \(ResourceNotFound\) .*\nCode: ResourceNotFound\nMessage: /mu);
});

test('command lines az does not know: exit status 2 and its own words', async (t) => {
  const rehearsal = await rehearse(t);
  const cases: [string[], RegExp][] = [
    [['aks', 'show', ...target, '--nope', 'x'], /^ERROR: unrecognized arguments: --nope x$/mu],
    [['aks', 'show', '-n', 'x'], /^ERROR: the following arguments are required: --resource-group\/-g$/mu],
    [['aks', 'show', '-n'], /^ERROR: argument --name\/-n: expected one argument$/mu],
    [['aks', 'nope'], /^ERROR: 'nope' is misspelled or not recognized by the system\.$/mu],
    [['aks', 'show', ...target, '-o', 'xml'], /'xml' is not a valid value for '--output'/u],
  ];
  for (const [words, expected] of cases) {
    const { code, stderr } = await az(rehearsal, ...words);
    assert.equal(code, 2, words.join(' '));
    assert.match(stderr, expected);
  }
});

for (const [fault, expected] of [
  ['aks-preview-missing', undefined],
  ['aks-preview-old', '18.0.0b1'],
] as const)
  test(`fault ${fault}: no --kms-infrastructure-encryption, until the extension is added`, async (t) => {
    const rehearsal = await rehearse(t, { faults: [fault] });
    const version = await azJson(rehearsal, 'version');
    assert.equal(version['extensions']['aks-preview'], expected);
    const refused = await az(rehearsal, ...enablePmk);
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /^ERROR: unrecognized arguments: --kms-infrastructure-encryption Enabled$/mu,
    );
    assert.deepEqual(rehearsal.record().mutations, []);
    assert.equal((await az(rehearsal, 'extension', 'add', '--name', 'aks-preview', '--upgrade')).code, 0);
    assert.equal((await az(rehearsal, ...enablePmk)).code, 0);
  });

test('fault az-old', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['az-old'] });
  assert.equal((await azJson(rehearsal, 'version'))['azure-cli'], '2.70.0');
});

test('aks upgrade without --yes and without a terminal sends nothing', async (t) => {
  const rehearsal = await rehearse(t);
  const words = ['aks', 'upgrade', ...target, '--kubernetes-version', '1.33.5'];
  const refused = await az(rehearsal, ...words);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /NoTTYException/u);
  assert.deepEqual(rehearsal.record().requestCounts, {});
  const { code, stdout } = await az(rehearsal, ...words, '--yes');
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as Json)['currentKubernetesVersion'], '1.33.5');
  assert.equal(rehearsal.record().mutations[0]?.operation, 'aks upgrade');
});

test('what az checks itself is not sent', async (t) => {
  const rehearsal = await rehearse(t, { scenario: 'no-kms', faults: ['aks-preview-missing'] });
  const update = ['aks', 'update', ...target];
  const key = '--azure-keyvault-kms-key-id';
  const cases: [string[], RegExp][] = [
    [['--enable-azure-keyvault-kms'], /"--azure-keyvault-kms-key-id" at the same time/u],
    [
      [
        '--enable-azure-keyvault-kms',
        '--disable-azure-keyvault-kms',
        key,
        'https://v.vault.azure.net/keys/k/1',
        '--azure-keyvault-kms-key-vault-network-access',
        'Public',
      ],
      /Cannot specify/u,
    ],
    [[key, 'https://v.vault.azure.net/keys/k/1'], /"--azure-keyvault-kms-key-id" at the same time/u],
    [
      ['--enable-azure-keyvault-kms', key, 'https://v.vault.azure.net/keys/k/1'],
      /network-access" is required/u,
    ],
    [[], /NoTTYException/u],
    [
      ['--enable-azure-keyvault-kms', key, 'https://v.vault.azure.net/keys/k'],
      /not a valid Key Vault key ID/u,
    ],
    [
      [
        '--enable-azure-keyvault-kms',
        key,
        'https://v.vault.azure.net/keys/k/1',
        '--azure-keyvault-kms-key-vault-network-access',
        'Private',
      ],
      /resource-id" is required/u,
    ],
  ];
  for (const [words, expected] of cases) {
    const { code, stderr } = await az(rehearsal, ...update, ...words);
    assert.equal(code, 1, words.join(' '));
    assert.match(stderr, expected);
  }
  assert.deepEqual(rehearsal.record().mutations, []);
});

test('get-credentials writes a kubeconfig of its own, merges only when told, prints to -', async (t) => {
  const rehearsal = await rehearse(t);
  const file = join(temporaryDirectory(t), 'kube', 'config');
  const words = ['aks', 'get-credentials', ...target, '--file'];
  const { code, stderr } = await az(rehearsal, ...words, file);
  assert.equal(code, 0);
  assert.match(stderr, /Merged "rehearsal" as current context in /u);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(readFileSync(file, 'utf8').includes(`server: https://${rehearsal.record().cluster.fqdn}:443`));
  assert.equal((await az(rehearsal, ...words, file)).code, 0);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/token: .*/u, 'token: other'));
  const clash = await az(rehearsal, ...words, file);
  assert.equal(clash.code, 1);
  assert.match(clash.stderr, /A different object named clusterUser_\S+ already exists in users/u);
  assert.equal((await az(rehearsal, ...words, file, '--overwrite-existing')).code, 0);
  assert.match((await az(rehearsal, ...words, '-')).stdout, /^apiVersion: v1/u);
});

test('features, extensions, roles, identity, vault, upgrades', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['feature-not-registered'] });
  const feature = ['--namespace', 'Microsoft.ContainerService', '--name', 'KMSPMKPreview'];
  assert.equal((await azJson(rehearsal, 'feature', 'show', ...feature))['properties'].state, 'NotRegistered');
  await az(rehearsal, 'feature', 'register', ...feature);
  await eventually(async () => {
    const shown = await azJson(rehearsal, 'feature', 'show', ...feature);
    return shown['properties'].state === 'Registered' || undefined;
  });
  assert.equal((await azJson(rehearsal, 'extension', 'show', '-n', 'aks-preview'))['version'], '19.0.0b13');
  assert.equal((await az(rehearsal, 'extension', 'show', '-n', 'other')).code, 3);
  const identity = await azJson(
    rehearsal,
    'identity',
    'show',
    '-g',
    'rehearsal-rg',
    '-n',
    'rehearsal-identity',
  );
  const vault = await azJson(rehearsal, 'keyvault', 'show', '-n', 'rehearsal-vault');
  const roles = await az(
    rehearsal,
    'role',
    'assignment',
    'list',
    '--assignee',
    identity['principalId'],
    '--scope',
    vault['id'],
    '--query',
    '[].roleDefinitionName',
    '-o',
    'tsv',
  );
  assert.deepEqual(roles.stdout.trim().split('\n').sort(), ['Key Vault Crypto User', 'Key Vault Reader']);
  const upgrades = await azJson(rehearsal, 'aks', 'get-upgrades', ...target);
  assert.equal(upgrades['controlPlaneProfile'].upgrades.length, 2);
});

test('a signal ends az at once; what Azure has begun goes on', async (t) => {
  const rehearsal = await rehearse(t, { speed: slow });
  const started = Promise.withResolvers<() => void>();
  const running = run(rehearsal, 'az', enablePmk, { started: started.resolve });
  await eventually(async () => rehearsal.record().operations.length === 1 || undefined);
  (await started.promise)();
  assert.equal((await running).signal, 'SIGTERM');
  assert.equal(rehearsal.record().cluster.provisioningState, 'Updating');
});

test('az waits through a simulation that goes away and comes back', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await rehearse(t, { directory, speed: 300 });
  const running = run(first, 'az', enablePmk);
  await eventually(async () => first.record().operations.length === 1 || undefined);
  await first.close();
  const second = await rehearse(t, { directory, speed: fast });
  const { code, stdout, stderr } = await running;
  assert.equal(code, 0, stderr);
  assert.equal((JSON.parse(stdout) as Json)['provisioningState'], 'Succeeded');
  assert.deepEqual(
    second.record().mutations.map(({ outcome }) => outcome),
    ['Succeeded'],
  );
});

test('az that finds no rehearsal says so', async (t) => {
  const rehearsal = await rehearse(t);
  const { environment } = rehearsal;
  rmSync(join(environment['AZURE_CONFIG_DIR']!, 'rehearsal.json'));
  const { code, stderr } = await az({ environment }, 'account', 'show');
  assert.deepEqual([code, stderr.includes('belongs to a rehearsal')], [1, true]);
});
