/** `az aks update` and `az aks upgrade`: what they check themselves, what they send, and the wait for the end. */
import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';

import { armError, waitOf } from './arm-client.ts';
import type { ArmClient } from './arm-client.ts';
import type { Values } from './arguments.ts';
import { azError, Ended } from './ended.ts';

type Json = Record<string, unknown>;

/** A resource of ARM that az is about to change. */
export interface Target {
  client: ArmClient;
  path: string;
  apiVersion: string;
  /** Whether the aks-preview extension is there. */
  preview: boolean;
}

/** Applies the KMS options to the cluster and waits, unless told not to. Returns what is to be printed. */
export async function update(target: Target, values: Values): Promise<Json | undefined> {
  if (!changesAnything(values) && !(await agreed(reconcile)))
    throw azError('Please specify one or more arguments.');
  checkKmsOptions(values, target.preview);
  const cluster = await target.client.ask('GET', target.path, target.apiVersion);
  const properties = cluster['properties'] as Json;
  const profile = { ...(properties['securityProfile'] as Json | undefined) };
  if (values.has('enable-azure-keyvault-kms')) {
    const access = values.get('azure-keyvault-kms-key-vault-network-access');
    const vault = values.get('azure-keyvault-kms-key-vault-resource-id') ?? '';
    profile['azureKeyVaultKms'] = {
      enabled: true,
      keyId: values.get('azure-keyvault-kms-key-id'),
      keyVaultNetworkAccess: access,
      keyVaultResourceId: access === 'Private' ? vault : '',
    };
  }
  if (values.has('disable-azure-keyvault-kms'))
    profile['azureKeyVaultKms'] = { ...(profile['azureKeyVaultKms'] as Json | undefined), enabled: false };
  const encryption = values.get('kms-infrastructure-encryption');
  if (encryption !== undefined)
    profile['kubernetesResourceObjectEncryptionProfile'] = { infrastructureEncryption: encryption };
  return put(target, { ...cluster, properties: { ...properties, securityProfile: profile } }, values);
}

/** Asks for confirmation as az does, upgrades and waits. */
export async function upgrade(target: Target, values: Values): Promise<Json | undefined> {
  if (!values.has('yes') && !(await agreed(unavailable))) return undefined;
  const cluster = await target.client.ask('GET', target.path, target.apiVersion);
  const { servicePrincipalProfile: _, ...properties } = cluster['properties'] as Json;
  const version = values.get('kubernetes-version') ?? '';
  const pools = (properties['agentPoolProfiles'] as Json[]).map((pool) => ({
    ...pool,
    orchestratorVersion: version,
  }));
  return put(
    target,
    { ...cluster, properties: { ...properties, kubernetesVersion: version, agentPoolProfiles: pools } },
    values,
  );
}

async function put(target: Target, body: Json, values: Values): Promise<Json | undefined> {
  const { client, path, apiVersion } = target;
  let answer = await client.send('PUT', `${path}?api-version=${apiVersion}`, body);
  if (answer.status >= 400) throw armError(answer.body, answer.status);
  if (values.has('no-wait')) return undefined;
  const poll = String(answer.headers['azure-asyncoperation']);
  do {
    await setTimeout(waitOf(answer));
    answer = await client.send('GET', poll);
    if (answer.status >= 400) throw armError(answer.body, answer.status);
  } while (answer.body['status'] === 'InProgress');
  if (answer.body['status'] !== 'Succeeded') throw armError(answer.body, answer.status);
  return client.ask('GET', path, apiVersion);
}

/** Questions az asks, unless it is told not to. */
const reconcile = 'no argument specified to update would you like to reconcile to current settings?';
const unavailable =
  'Kubernetes may be unavailable during cluster upgrades.\n Are you sure you want to perform this operation?';

function changesAnything(values: Values): boolean {
  return [...changes, 'yes'].some((option) => values.has(option));
}

const changes = [
  'enable-azure-keyvault-kms',
  'disable-azure-keyvault-kms',
  'azure-keyvault-kms-key-id',
  'azure-keyvault-kms-key-vault-network-access',
  'azure-keyvault-kms-key-vault-resource-id',
  'kms-infrastructure-encryption',
];

/** The checks of az 2.45's `managed_cluster_decorator`; the extension is laxer where CMK needs it to be. */
function checkKmsOptions(values: Values, preview: boolean): void {
  const enable = values.has('enable-azure-keyvault-kms');
  const keyId = values.get('azure-keyvault-kms-key-id');
  const access = values.get('azure-keyvault-kms-key-vault-network-access');
  const segments = keyId?.replace(/^https:\/\//u, '').split('/') ?? [];
  const fits = segments[1] === 'keys' && (segments.length === 4 || (preview && segments.length === 3));
  if (keyId !== undefined && (!keyId.startsWith('https://') || !fits))
    throw azError(
      '--azure-keyvault-kms-key-id is not a valid Key Vault key ID. See ' +
        'https://docs.microsoft.com/en-us/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name',
    );
  if (enable !== (keyId !== undefined))
    throw azError(
      'You must set "--enable-azure-keyvault-kms" and "--azure-keyvault-kms-key-id" at the same time.',
    );
  if (enable && access === undefined)
    throw azError('"--azure-keyvault-kms-key-vault-network-access" is required.');
  if (enable && access === 'Private' && !values.get('azure-keyvault-kms-key-vault-resource-id'))
    throw azError(
      '"--azure-keyvault-kms-key-vault-resource-id" is required when ' +
        '"--azure-keyvault-kms-key-vault-network-access" is Private.',
    );
  if (enable && values.has('disable-azure-keyvault-kms'))
    throw azError(
      'Cannot specify --enable-azure-keyvault-kms and --disable-azure-keyvault-kms at the same time.',
    );
}

async function agreed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new Ended(
      1,
      'ERROR: The command failed with an unexpected error. Here is the traceback:\nERROR: \n' +
        'Traceback (most recent call last):\n  File "knack/prompting.py", line 28, in verify_is_a_tty\n' +
        '    raise NoTTYException()\nknack.prompting.NoTTYException\n' +
        'To check existing issues, please visit: https://github.com/Azure/azure-cli/issues',
    );
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} (y/N): `);
  terminal.close();
  return answer.trim().toLowerCase() === 'y';
}
