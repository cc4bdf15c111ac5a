/** The engine's `Facts` port: what is true of the target, read anew each time it is asked. */
import type { Facts, FactValues } from '../engine/ports.ts';
import type { Target } from '../plan/model.ts';
import { ToolError } from '../runbook/errors.ts';
import type { FactName } from '../runbook/model.ts';
import { readAccount } from './azure/account.ts';
import { readCluster, type Cluster } from './azure/cluster.ts';
import type { AzureConnection } from './azure/connection.ts';
import { readFeatures } from './azure/features.ts';
import { identityOf } from './azure/identity.ts';
import { allows, neededActions, readPermissions } from './azure/permissions.ts';
import { readRoles } from './azure/roles.ts';
import { readTools } from './azure/tools.ts';
import { readUpgrades } from './azure/upgrades.ts';
import { keyPlace, readVault, type Vault } from './azure/vault.ts';
import type { Environment } from './command/capture.ts';
import { readSecretAccess } from './kubernetes/access.ts';
import type { KubernetesClient } from './kubernetes/client.ts';
import type { KubernetesAccess } from './kubernetes/open.ts';
import { readPolicy } from './kubernetes/policy.ts';
import { countSecrets } from './kubernetes/secrets.ts';

/** A fact could not be read. Says which, why, and what to do. */
export class FactError extends ToolError {
  readonly fact: FactName;

  constructor(fact: FactName, cause: ToolError) {
    super(`The fact "${fact}" cannot be read: ${cause.message}`, cause.next, { status: cause.status, cause });
    this.fact = fact;
  }
}

export interface FactsOptions {
  connection: AzureConnection;
  /** Id of the planned subscription. */
  subscription: string;
  target: Target;
  /** The cluster's API server. */
  kubernetes: KubernetesAccess;
  /** The environment az, kubectl and kubelogin run in. */
  environment: Environment;
  /** The plan's parameters: the fact `params`. */
  parameters: Readonly<Record<string, string>>;
}

/** `access`: what the account may do, and by name what it may not. */
export interface Access {
  updateCluster: boolean;
  patchSecrets: boolean;
  updateSecrets: boolean;
  missing: readonly string[];
}

/** What could be read, and why the rest could not. */
export interface PartialReading {
  values: FactValues;
  warnings: readonly string[];
  failures: ReadonlyMap<FactName, FactError>;
}

/** The port, and a way to read what can be read where some of it cannot. */
export interface TargetFacts extends Facts {
  readEach(names: readonly FactName[], signal?: AbortSignal): Promise<PartialReading>;
}

/** Facts about a target. */
export function createFacts(options: FactsOptions): TargetFacts {
  const { connection, subscription, target, environment, parameters } = options;
  const kubernetes = (signal?: AbortSignal): Promise<KubernetesClient> => options.kubernetes.open(signal);

  const access = async (signal?: AbortSignal): Promise<Access> => {
    const permissions = await readPermissions(connection, subscription, target, signal);
    const missing = Object.values(neededActions).filter((action) => !allows(permissions, action));
    const updateCluster = !missing.includes(neededActions.write);
    if (missing.includes(neededActions.credentials))
      return { updateCluster, patchSecrets: false, updateSecrets: false, missing };
    const { allowed, missing: inCluster } = await readSecretAccess(await kubernetes(signal), [], signal);
    return { updateCluster, ...allowed, missing: [...missing, ...inCluster] };
  };

  const readEach: TargetFacts['readEach'] = async (names, signal) => {
    const values: FactValues = {};
    const warnings: string[] = [];
    const failures = new Map<FactName, FactError>();
    // What several facts of one reading need is read once for it.
    let clusterRead: Promise<Cluster> | undefined;
    const cluster = async (): Promise<Cluster> => {
      clusterRead ??= readCluster(connection, subscription, target, signal).then((reading) => {
        warnings.push(...reading.warnings);
        return reading.cluster;
      });
      return clusterRead;
    };
    let vaultRead: Promise<Vault> | undefined;
    const vault = async (): Promise<Vault> => {
      vaultRead ??= cluster().then((read) => readVault(connection, subscription, keyPlace(read), signal));
      return vaultRead;
    };
    const readOne: Record<FactName, () => Promise<unknown>> = {
      cluster,
      upgrades: async () =>
        readUpgrades(connection, subscription, target, (await cluster()).location, signal),
      identity: async () => identityOf(await cluster()),
      vault,
      async roles() {
        const read = await cluster();
        return readRoles(connection, await vault(), keyPlace(read).keyName, identityOf(read), signal);
      },
      features: async () => readFeatures(connection, subscription, signal),
      tools: async () => readTools(environment, signal),
      async account() {
        const { operator, tenant, subscription, subscriptionName, cloud } = await readAccount(
          environment,
          signal,
        );
        return { operator, tenant, subscription, subscriptionName, cloud };
      },
      access: async () => access(signal),
      secrets: async () => countSecrets(await kubernetes(signal), [], signal),
      policy: async () => readPolicy(await kubernetes(signal), [], signal),
      params: async () => parameters,
      // A run's own: the engine knows them.
      captured: async () => ({}),
    };
    const read = async (name: FactName): Promise<void> => {
      try {
        values[name] = await readOne[name]();
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        failures.set(name, new FactError(name, error));
      }
    };
    await Promise.all([...new Set(names)].map(read));
    return { values, warnings, failures };
  };

  const read: Facts['read'] = async (names, signal) => {
    const { values, warnings, failures } = await readEach(names, signal);
    for (const failure of failures.values()) throw failure;
    return { values, warnings };
  };

  return { read, readEach };
}
