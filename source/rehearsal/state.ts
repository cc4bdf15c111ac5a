/** What the simulation remembers, apart from the secrets themselves (`secrets.ts`). Plain JSON. */

/** `securityProfile.azureKeyVaultKms` as ARM shows it. */
export interface KeyVaultKms {
  enabled: boolean;
  keyId?: string | undefined;
  keyVaultNetworkAccess?: 'Public' | 'Private' | undefined;
  keyVaultResourceId?: string | undefined;
}

/** The settings of the cluster that decide which key a secret is stored under. */
export interface Settings {
  kubernetesVersion: string;
  kms?: KeyVaultKms | undefined;
  infrastructureEncryption?: 'Enabled' | 'Disabled' | undefined;
}

/** An error as ARM words it. */
export interface ArmError {
  code: string;
  message: string;
}

/** A long operation. Times are milliseconds since the epoch, by the real clock. */
export interface Operation {
  id: string;
  /** `other`: somebody else's work on the cluster, which only holds it busy. */
  kind: 'update' | 'upgrade' | 'other';
  startedAt: number;
  endsAt: number;
  status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled';
  /** The settings it brings about. */
  goal: Settings;
  /** Set from the start: it will end as Failed, or as Canceled, with this. */
  fails?: ArmError | undefined;
  canceled?: ArmError | undefined;
  error?: ArmError | undefined;
}

/** A request to change the cluster, and what became of it. */
export interface Mutation {
  /** ISO 8601, UTC. */
  time: string;
  operation: 'aks update' | 'aks upgrade' | 'feature register' | 'extension add';
  /** What the request asked for, as far as the simulation acts on it. */
  summary: Record<string, unknown>;
  /** `refused: CODE` when nothing was started. */
  outcome: string;
  operationId?: string | undefined;
}

export interface Lag {
  /** What it still writes secrets under. */
  key: string;
  /** Writes until it has heard. */
  writes: number;
}

/** The work of others on secrets. */
export interface Others {
  created: number;
  deleted: number;
  /** Of each secret they changed, by its place: what they wrote last. */
  changed: Record<string, string>;
}

export interface State {
  format: 1;
  scenario: string;
  faults: readonly string[];
  /** Whose az and kubectl meet the simulation; absent in states from before there was a choice. */
  clients?: 'stand-in' | 'real' | undefined;
  createdAt: number;
  clusterName: string;
  resourceGroup: string;
  fqdn: string;
  /** One more cluster for each other scenario, named after it, to be listed and read; nothing changes them. */
  neighbours?: true | undefined;
  /** What is in force; requests change it only when their operation succeeds. */
  settings: Settings;
  /** What ARM shows of a failed operation under the fault `failure-keeps-goal`. */
  shownGoal?: Settings | undefined;
  provisioningState: 'Succeeded' | 'Failed' | 'Canceled';
  power: 'Running' | 'Stopped';
  vnetIntegration: boolean;
  operations: Operation[];
  mutations: Mutation[];
  /** The sign-in has run out, and nothing is answered until there is another. */
  signedOut?: true | undefined;
  /** How often each fault has struck. */
  struck: Record<string, number>;
  /** How often each fault that strikes by chance could have. */
  met?: Record<string, number> | undefined;
  /** What chance follows from; 1 when absent. */
  seed?: number | undefined;
  /** Milliseconds that each round trip to the API server takes longer. */
  roundTrip?: number | undefined;
  /** Namespaces of teams, beside those that every simulated cluster has; none when absent. */
  teams?: number | undefined;
  /** One of the API servers that has not heard of the newest key yet, under the fault `api-server-lags`. */
  lag?: Lag | undefined;
  /** What others did to secrets under the fault `secrets-busy`. */
  others?: Others | undefined;
  /** Settings that reads still show after they changed, and for how many reads. */
  stale?: { settings: Settings; reads: number } | undefined;
  feature: { registered: boolean; registeredAt?: number | undefined };
  /** Versions of the simulated az and its extensions. */
  tools: { az: string; extensions: Record<string, string> };
  /** Requests answered, by kind, for example `arm GET`, `kubernetes PATCH`. */
  requestCounts: Record<string, number>;
  /** How often the value of a secret was sent to a client. */
  secretValuesSent: number;
  /** How often a client that asked for metadata only was sent an annotation that holds the values of a secret. */
  appliedValuesSent?: number | undefined;
  /** Made once for a directory: they sign and recognise the tokens of this simulation only. */
  keys: { signing: string; identityHeader: string; clusterToken: string };
  /** Asked for again when the simulation opens again. */
  ports: { https: number; proxy: number };
}

/** The minor version, for example 33 for `1.33.2`. */
export function minor(version: string): number {
  return Number(version.split('.')[1]);
}

/**
 * The name of the key that the API server writes secrets under with these settings. KMS turns into v2 at 1.27; with
 * infrastructure encryption the platform holds the key, or the vault's key wraps it when KMS stays on.
 */
export function currentKey(settings: Settings): string {
  const kms = settings.kms?.enabled === true ? settings.kms.keyId : undefined;
  if (settings.infrastructureEncryption === 'Enabled')
    return kms === undefined ? 'platform:aks-managed' : `cmk:${kms}`;
  if (kms === undefined) return 'identity';
  return minor(settings.kubernetesVersion) < 27 ? `kms-v1:${kms}` : `kms-v2:${kms}`;
}

/** A server that keeps to `key` for a while. */
export function lagBehind(key: string): Lag {
  return { key, writes: 100 };
}

/** Whether the API server can read what is stored under `key`: KMS v1 is gone from the version on that has KMS v2. */
export function canRead(settings: Settings, key: string): boolean {
  return !key.startsWith('kms-v1:') || minor(settings.kubernetesVersion) < 27;
}
