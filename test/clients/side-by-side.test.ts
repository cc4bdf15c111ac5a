/** The stand-in for az beside the real one: what they send, what they print, and how they end. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import type { Exchange } from '../../source/rehearsal/index.ts';
import { subscription } from '../rehearsal/helpers.ts';
import type { Ended } from '../rehearsal/helpers.ts';
import { feature, keyId, simulate, simulateStandIn, target, update } from './real.ts';
import { needs } from '../support/needs.ts';
import type { Simulated } from './real.ts';

const vault = `/subscriptions/${subscription}/resourceGroups/rehearsal-rg/providers/Microsoft.KeyVault/vaults/rehearsal-vault`;

/**
 * Where the output may differ, by path: who is signed in (a managed identity and a user), what newer versions add, when
 * things were made, and addresses newer versions find out about a cloud without being told. Anything else has to be the same.
 */
const named = [
  /^(?:\[0\]\.)?user\./u,
  /^(?:\[0\]\.)?tenant(?:DefaultDomain|DisplayName)$/u,
  /^(?:\[\d+\]\.)?(?:resourceUid|supportPlan)$/u,
  /^(?:accessToken|expiresOn|expires_on)$/u,
  /^(?:\[\d+\]\.)?systemData\.createdAt$/u,
  /^endpoints\.(?:activeDirectoryDataLake|batch|media|sqlManagement|vmImage)/u,
  /^suffixes\.(?!keyvault)/u,
];

const reads: string[][] = [
  ['account', 'show'],
  ['account', 'list'],
  ['account', 'get-access-token'],
  ['cloud', 'show'],
  ['aks', 'show', ...target],
  ['aks', 'list'],
  ['aks', 'list', '--resource-group', 'rehearsal-rg'],
  ['aks', 'get-upgrades', ...target],
  ['keyvault', 'show', '--name', 'rehearsal-vault'],
  ['identity', 'show', '--name', 'rehearsal-identity', '--resource-group', 'rehearsal-rg'],
  ['feature', 'show', ...feature],
  ['feature', 'list', '--namespace', 'Microsoft.ContainerService'],
];

const texts: string[][] = [
  ['aks', 'list', '--query', '[].[name, kubernetesVersion, missing]', '-o', 'tsv'],
  ['aks', 'list', '--query', '[0].missing'],
  ['aks', 'show', ...target, '-o', 'table'],
  ['feature', 'show', ...feature, '-o', 'table'],
];

const failures: string[][] = [
  ['aks', 'show', '--name', 'nope', '--resource-group', 'rehearsal-rg'],
  ['aks', 'show', '--name', 'rehearsal', '--resource-group', 'nope'],
  ['keyvault', 'show', '--name', 'nope'],
  ['feature', 'show', '--namespace', 'Microsoft.ContainerService', '--name', 'Nope'],
  ['aks', 'nope'],
  ['aks', 'show', '--name', 'rehearsal'],
  ['aks', 'show', ...target, '--nope', 'x'],
  ['aks', 'show', ...target, '-o', 'xml'],
  [...update.off, '--kms-infrastructure-encryption', 'Enabled'],
  ['aks', 'update', ...target],
  ['aks', 'update', ...target, '--enable-azure-keyvault-kms'],
  ['aks', 'update', ...target, '--azure-keyvault-kms-key-id', keyId],
  ['aks', 'update', ...target, '--enable-azure-keyvault-kms', '--azure-keyvault-kms-key-id', keyId],
  update.on('Private'),
  [...update.on('Public'), '--disable-azure-keyvault-kms'],
  ['aks', 'upgrade', ...target, '--kubernetes-version', '1.33.5'],
  ['aks', 'upgrade', ...target, '--kubernetes-version', '1.30.14', '--yes'],
];

/** Each documented form of a change, by the name of its recording. */
const changes: Record<string, string[]> = {
  'kms-off': update.off,
  'kms-on-public': update.on('Public'),
  'kms-on-private': update.on('Private', '--azure-keyvault-kms-key-vault-resource-id', vault),
  upgrade: ['aks', 'upgrade', ...target, '--kubernetes-version', '1.33.5', '--yes'],
};

interface Side extends Ended {
  /** What it asked for, as far as it is compared. */
  sent: { request: string }[];
}

interface Pair {
  real: Simulated;
  standIn: Simulated;
}

/** Two simulations alike. The stand-in is without the extension, as the real az is. */
async function pair(t: TestContext): Promise<Pair> {
  const faults = ['aks-preview-missing'];
  return { real: await simulate(t, { faults }), standIn: await simulateStandIn(t, { faults }) };
}

/** Runs the command with both. */
async function both(
  simulated: Pair,
  words: readonly string[],
): Promise<{ real: Side; standIn: Side; exchanges: Exchange[] }> {
  const side = async ({ az, exchanges }: Simulated): Promise<Side> => {
    exchanges.length = 0;
    return { ...(await az(...words)), sent: requests(exchanges) };
  };
  const [real, standIn] = await Promise.all([side(simulated.real), side(simulated.standIn)]);
  return { real, standIn, exchanges: simulated.real.exchanges };
}

/** The requests without versions and repeated questions after the same operation. */
function requests(exchanges: readonly Exchange[]): Side['sent'] {
  const shown = exchanges.map(({ method, url, status, body }) => ({
    request: `${method} ${decodeURIComponent(new URL(url, 'https://x').pathname)}`.replace(
      /\/operations\/.*/u,
      '/operations/…',
    ),
    status,
    ...(body === undefined ? {} : { body: asActedOn(body) }),
  }));
  return shown.filter(
    ({ request }, index) => !request.endsWith('/operations/…') || shown[index - 1]?.request !== request,
  );
}

/** What the simulation heeds of a PUT of the cluster. */
function asActedOn(body: unknown): unknown {
  const { properties } = body as { properties?: Record<string, unknown> };
  const { securityProfile, kubernetesVersion } = properties ?? {};
  const { azureKeyVaultKms, kubernetesResourceObjectEncryptionProfile } = (securityProfile ?? {}) as Record<
    string,
    unknown
  >;
  return { kubernetesVersion, azureKeyVaultKms, kubernetesResourceObjectEncryptionProfile };
}

/** The values by path. What is not there and null are the same: which nulls az prints depends on its version. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  if (Array.isArray(value)) return value.flatMap((inner, index) => leaves(inner, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return value === null ? [] : [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, path === '' ? name : `${path}.${name}`),
  );
}

function comparable(text: string): Record<string, unknown> {
  return Object.fromEntries(
    leaves(JSON.parse(neutral(text))).filter(([path]) => !named.some((pattern) => pattern.test(path))),
  );
}

test('reads: the same requests, the same JSON', needs('az'), async (t) => {
  const simulated = await pair(t);
  for (const words of reads) {
    const { real, standIn } = await both(simulated, words);
    assert.deepEqual(
      [real.code, standIn.code],
      [0, 0],
      `${words.join(' ')}: ${real.stderr}${standIn.stderr}`,
    );
    assert.deepEqual(standIn.sent, real.sent, words.join(' '));
    assertSame(words, real, standIn);
  }
});

test('texts: the same to the letter', needs('az'), async (t) => {
  const simulated = await pair(t);
  for (const words of texts) {
    const { real, standIn } = await both(simulated, words);
    assert.equal(squeezed(standIn.stdout), squeezed(real.stdout), words.join(' '));
  }
});

test('failures: the same exit status and words, and nothing changed', needs('az'), async (t) => {
  const simulated = await pair(t);
  for (const words of failures) {
    const { real, standIn } = await both(simulated, words);
    assert.equal(standIn.code, real.code, words.join(' '));
    assert.equal(errorLine(standIn), errorLine(real), words.join(' '));
    assert.equal(standIn.stderr.includes('NoTTY'), real.stderr.includes('NoTTY'), words.join(' '));
    assert.deepEqual(standIn.sent.filter(isChange), real.sent.filter(isChange), words.join(' '));
  }
});

test(
  'changes: the same requests with the same wishes, the same cluster afterwards',
  needs('az'),
  async (t) => {
    const simulated = await pair(t);
    const { 'azure-cli': version } = await simulated.real.azJson('version');
    for (const [name, words] of Object.entries(changes)) {
      const { real, standIn, exchanges } = await both(simulated, words);
      assert.deepEqual(
        [real.code, standIn.code],
        [0, 0],
        `${words.join(' ')}: ${real.stderr}${standIn.stderr}`,
      );
      assert.deepEqual(standIn.sent, real.sent, words.join(' '));
      assertSame(words, real, standIn);
      const sent = exchanges.find(({ method }) => method === 'PUT');
      assertAsRecorded(String(version), name, {
        command: ['az', ...words],
        url: sent?.url,
        body: sent?.body,
      });
    }
    assert.deepEqual(inForce(simulated.standIn), inForce(simulated.real));
  },
);

function inForce({ rehearsal }: Simulated): unknown {
  return rehearsal.record().cluster.securityProfile;
}

function assertSame(words: readonly string[], real: Side, standIn: Side): void {
  assert.deepEqual(comparable(standIn.stdout), comparable(real.stdout), words.join(' '));
}

/**
 * Holds a request against what this version of az sent when it was recorded. Bodies differ between versions of az, so
 * only those of recorded versions are compared; RECORD=1 records the one that is installed.
 */
function assertAsRecorded(version: string, name: string, request: object): void {
  const folder = new URL(`./fixtures/az-${version}/`, import.meta.url);
  const file = new URL(`${name}.json`, folder);
  if (process.env['RECORD'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${JSON.stringify(request, undefined, 2)}\n`);
  }
  if (existsSync(folder)) assert.deepEqual(request, JSON.parse(readFileSync(file, 'utf8')), name);
}

/** What went wrong; Python's warnings and modules of a distribution's az that do not load come before it. */
function errorLine({ stderr }: Ended): string | undefined {
  return stderr.split('\n').find((line) => /^ERROR: (?!Error loading command module)/u.test(line));
}

function isChange(sent: { request: string }): boolean {
  return !sent.request.startsWith('GET ');
}

/** Columns are as wide as they like. */
function squeezed(text: string): string {
  return neutral(text).replaceAll(/ {2,}/gu, '  ').replaceAll(/-{2,}/gu, '--');
}

/** The text without the addresses each simulation has of its own. */
function neutral(text: string): string {
  return text
    .replaceAll(/(?<=127\.0\.0\.1:)\d+/gu, 'PORT')
    .replaceAll(/-[0-9a-f]{8}(?=\.(?:portal\.)?hcp\.)/gu, '-ID');
}
