/** Reading the cluster's state the way every changing step needs it. */
import { ToolError } from '../runbook/errors.ts';
import type { RunContext } from './context.ts';
import type { ClusterSettings } from './events.ts';
import { lastAttempt, plannedStep, stepState } from './state.ts';

/** Time between two looks at a busy cluster. */
const busyPollMs = 15_000;
/** Looks in a row that may fail before waiting is given up. */
const patience = 5;

/**
 * The provisioning states in which Azure has finished with a resource; in any other an operation is under way.
 * Source: Azure Resource Manager, "Track asynchronous Azure operations" (provisioningState values).
 */
const finishedStates = new Set(['succeeded', 'failed', 'canceled']);

export function isBusy(provisioningState: string): boolean {
  return !finishedStates.has(provisioningState.toLowerCase());
}

export function hasSucceeded(provisioningState: string): boolean {
  return provisioningState.toLowerCase() === 'succeeded';
}

/** The cluster's provisioning state, for example `Succeeded` or `Updating`. Throws `ToolError` when it cannot be read. */
export async function readProvisioningState(context: RunContext): Promise<string> {
  const { cluster } = await context.readFacts(['cluster']);
  const state = field(cluster, 'provisioningState');
  if (typeof state !== 'string') {
    throw new ToolError(
      'Azure did not say what state the cluster is in (no provisioningState).',
      'Look at the cluster in the portal or with `az aks show`, then try again.',
    );
  }
  return state;
}

/**
 * Waits until no operation of Azure's is under way on the cluster, and records that it had to. Returns the last
 * state seen. Throws `ToolError` when the cluster cannot be read several times in a row.
 */
export async function waitUntilSettled(context: RunContext, step: string, attempt: number): Promise<string> {
  let busySince: string | undefined;
  let failures = 0;
  for (;;) {
    try {
      const state = await readProvisioningState(context);
      failures = 0;
      if (!isBusy(state)) {
        if (busySince !== undefined) {
          await context.append({ type: 'step.cluster-settled', step, attempt, provisioningState: state });
        }
        return state;
      }
      if (busySince === undefined) {
        busySince = context.ports.clock.now().toISOString();
        await context.append({ type: 'step.cluster-busy', step, attempt, provisioningState: state });
      }
      // What counts is how long the change has taken, whoever it was that watched it.
      const since = lastAttempt(stepState(context.state(), step))?.startedAt ?? busySince;
      const { normal } = plannedStep(context.state().plan, step);
      context.doing(step, `waiting for Azure: the cluster is ${state}`, { since, normal });
    } catch (error) {
      context.signal.throwIfAborted();
      failures += 1;
      if (!(error instanceof ToolError) || failures >= patience) throw error;
      context.doing(step, `could not read the cluster, trying again: ${error.message}`);
    }
    await context.ports.clock.sleep(busyPollMs, context.signal);
  }
}

/** What is kept of a cluster for the change record: version, state and everything about encryption. */
export function clusterSettings(cluster: unknown): ClusterSettings {
  return {
    kubernetesVersion:
      field(cluster, 'currentKubernetesVersion') ?? field(cluster, 'kubernetesVersion') ?? null,
    provisioningState: field(cluster, 'provisioningState') ?? null,
    azureKeyVaultKms: field(field(cluster, 'securityProfile'), 'azureKeyVaultKms') ?? null,
    kubernetesResourceObjectEncryptionProfile:
      field(field(cluster, 'securityProfile'), 'kubernetesResourceObjectEncryptionProfile') ?? null,
    // Null is no setting only where Azure shows it.
    ...(field(cluster, 'encryptionShown') === false ? { encryptionShown: false } : {}),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
