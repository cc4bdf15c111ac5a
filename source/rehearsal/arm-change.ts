/** A PUT on the managed cluster: what it asks for, whether it may, and the operation it starts. */
import { upgradesFrom } from './arm-cluster.ts';
import { has, strikes } from './faults.ts';
import { armRefusal, asObject, asString, Refusal } from './http.ts';
import { kubernetesVersions } from './scenarios.ts';
import type { Simulation } from './simulation.ts';
import { minor } from './state.ts';
import type { KeyVaultKms, Operation, Settings } from './state.ts';
import { clusterId, preview, user, vault } from './subscription.ts';

/**
 * Checks the request as AKS does and starts the operation.
 *
 * @throws Refusal, after noting it in the record, when AKS would not start anything.
 */
export function changeCluster(simulation: Simulation, body: unknown, encryptionProfile: boolean): Operation {
  const { state } = simulation;
  const goal = goalOf(state.settings, body, encryptionProfile);
  const upgrade = goal.kubernetesVersion !== state.settings.kubernetesVersion;
  const mutation = {
    operation: upgrade ? ('aks upgrade' as const) : ('aks update' as const),
    summary: summary(goal),
  };
  try {
    checkCaller(simulation);
    checkIdle(simulation);
    checkVersion(state.settings, goal);
    checkKms(simulation, goal);
    checkEncryption(simulation, goal);
  } catch (error) {
    if (error instanceof Refusal) {
      const { code } = asObject(asObject(error.reply.body)['error']);
      simulation.record(mutation, `refused: ${String(code)}`);
      simulation.save();
    }
    throw error;
  }
  return simulation.begin(upgrade ? 'upgrade' : 'update', goal, mutation);
}

/** The settings the request asks for. What it leaves out stays as it is. */
function goalOf(now: Settings, body: unknown, encryptionProfile: boolean): Settings {
  const properties = asObject(asObject(body)['properties']);
  const profile = asObject(properties['securityProfile']);
  const encryption = asObject(profile['kubernetesResourceObjectEncryptionProfile'])[
    'infrastructureEncryption'
  ];
  const version = asString(properties['kubernetesVersion']);
  return {
    kubernetesVersion:
      version === undefined || version === '' ? now.kubernetesVersion : resolveVersion(now, version),
    kms: kmsOf(now.kms, profile['azureKeyVaultKms']),
    infrastructureEncryption:
      encryptionProfile && (encryption === 'Enabled' || encryption === 'Disabled')
        ? encryption
        : now.infrastructureEncryption,
  };
}

/** `1.27` stands for the newest patch of it, or for what runs when that is 1.27 already. */
function resolveVersion(now: Settings, version: string): string {
  if (!/^\d+\.\d+$/u.test(version)) return version;
  if (now.kubernetesVersion.startsWith(`${version}.`)) return now.kubernetesVersion;
  return kubernetesVersions.findLast((known) => known.startsWith(`${version}.`)) ?? version;
}

function kmsOf(now: KeyVaultKms | undefined, value: unknown): KeyVaultKms | undefined {
  if (value === undefined || value === null) return now;
  const asked = asObject(value);
  if (asked['enabled'] !== true) return { enabled: false };
  const access = asString(asked['keyVaultNetworkAccess']);
  return {
    enabled: true,
    keyId: asString(asked['keyId']),
    keyVaultNetworkAccess: access === 'Public' || access === 'Private' ? access : undefined,
    keyVaultResourceId: asString(asked['keyVaultResourceId']) ?? '',
  };
}

function summary(goal: Settings): Record<string, unknown> {
  return {
    kubernetesVersion: goal.kubernetesVersion,
    azureKeyVaultKms: goal.kms,
    infrastructureEncryption: goal.infrastructureEncryption,
  };
}

function checkCaller(simulation: Simulation): void {
  const { state } = simulation;
  if (has(state, 'no-permission'))
    throw armRefusal(
      403,
      'AuthorizationFailed',
      `The client '${user.name}' with object id '${user.objectId}' does not have authorization to perform action ` +
        `'Microsoft.ContainerService/managedClusters/write' over scope ` +
        `'${clusterId(state.resourceGroup, state.clusterName)}' or the scope is invalid. If access was recently ` +
        'granted, please refresh your credentials.',
    );
  if (strikes(state, 'token-expired'))
    throw armRefusal(
      401,
      'ExpiredAuthenticationToken',
      `The access token expiry UTC time '${new Date().toUTCString()}' is earlier than current UTC time.`,
      {
        'www-authenticate': 'Bearer error="invalid_token", error_description="The access token has expired."',
      },
    );
}

function checkIdle(simulation: Simulation): void {
  const { state } = simulation;
  if (state.power === 'Stopped')
    throw armRefusal(
      400,
      'OperationNotAllowed',
      `Managed cluster ${state.clusterName} is in Stopped state; start it before this operation.`,
    );
  if (simulation.running() === undefined && strikes(state, 'operation-in-progress'))
    simulation.begin('other', state.settings, undefined);
  const running = simulation.running();
  if (running !== undefined)
    throw armRefusal(
      409,
      'OperationNotAllowed',
      `Operation is not allowed because there's an in progress ${running.kind === 'upgrade' ? 'upgrade' : 'update'} ` +
        `managed cluster operation on the managed cluster ${state.clusterName} started at ` +
        `${new Date(running.startedAt).toISOString()}. Please wait for it to finish before starting a new operation. ` +
        'See https://aka.ms/aks-pending-operation for more details',
    );
}

function checkVersion(now: Settings, goal: Settings): void {
  if (goal.kubernetesVersion === now.kubernetesVersion) return;
  const upgrades = upgradesFrom(now.kubernetesVersion);
  if (!upgrades.includes(goal.kubernetesVersion))
    throw armRefusal(
      400,
      'OperationNotAllowed',
      `Upgrading Kubernetes version ${now.kubernetesVersion} to ${goal.kubernetesVersion} is not allowed. ` +
        `Available upgrades: [${upgrades.join(' ')}]. Please see https://aka.ms/aks-supported-k8s-ver for version details.`,
    );
  if (now.kms?.enabled === true && minor(now.kubernetesVersion) < 27 && minor(goal.kubernetesVersion) >= 27)
    throw armRefusal(
      400,
      'BadRequest',
      `Upgrading from ${now.kubernetesVersion} to ${goal.kubernetesVersion} is not allowed while Azure Key Vault KMS ` +
        'is enabled with KMS v1. Disable KMS and update all secrets before upgrading.',
    );
}

function checkKms(simulation: Simulation, goal: Settings): void {
  const { state } = simulation;
  const { kms } = goal;
  if (kms?.enabled === true) {
    if (kms.keyId === undefined || kms.keyId === '')
      throw badRequest('Key ID is empty for Azure Key Vault KMS.');
    if (kms.keyVaultNetworkAccess === undefined)
      throw badRequest('KeyVault network access is unspecified for Azure Key Vault KMS.');
    if (kms.keyVaultNetworkAccess === 'Private' && kms.keyVaultResourceId === '')
      throw badRequest('KeyVault resource ID is empty when KeyVault network access is Private.');
    const legacy = goal.infrastructureEncryption !== 'Enabled';
    if (legacy && !/\/keys\/[^/]+\/[^/]+$/u.test(kms.keyId))
      throw badRequest(`Azure Key Vault KMS key ID ${kms.keyId} has no version.`);
    const turnedOn = state.settings.kms?.enabled !== true;
    if (legacy && turnedOn && kms.keyVaultNetworkAccess === 'Private' && !state.vnetIntegration)
      throw badRequest('Azure Key Vault KMS with a private key vault requires API Server VNet Integration.');
  }
  const reads = state.settings.kms?.enabled === true && goal.infrastructureEncryption === 'Enabled';
  if (kms?.enabled !== true && !reads) return;
  if (has(state, 'roles-missing') || strikes(state, 'identity-permission'))
    throw armRefusal(
      400,
      'AzureKeyVaultKmsValidateIdentityPermissionCustomerError',
      `The identity does not have keys encrypt/decrypt permission on key vault ${vault.uri}`,
    );
  if (strikes(state, 'key-expired'))
    throw armRefusal(400, 'KeyExpired', "Operation encrypt isn't allowed on an expired key");
}

function checkEncryption(simulation: Simulation, goal: Settings): void {
  const now = simulation.state.settings;
  if (now.infrastructureEncryption === 'Enabled' && goal.infrastructureEncryption === 'Disabled')
    throw badRequest('KMS infrastructure encryption cannot be disabled once it is enabled.');
  if (goal.infrastructureEncryption !== 'Enabled' || now.infrastructureEncryption === 'Enabled') return;
  if (simulation.featureState() !== 'Registered')
    throw badRequest(`Preview feature ${preview.namespace}/${preview.feature} not registered.`);
  if (minor(goal.kubernetesVersion) < 33)
    throw badRequest(
      `KMS infrastructure encryption requires Kubernetes version 1.33.0 or later; the cluster runs ${now.kubernetesVersion}.`,
    );
}

function badRequest(message: string): Refusal {
  return armRefusal(400, 'BadRequest', message);
}
