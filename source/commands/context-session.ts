/** Runs on a cluster that is known by a kubeconfig context only: beginning one, and taking one up. */
import { createCommands } from '../adapters/command/commands.ts';
import { systemClock } from '../adapters/clock.ts';
import { createClusterFacts, createContextPin } from '../adapters/kubernetes/cluster-facts.ts';
import { openContext, readClusterIdentity, readUserName } from '../adapters/kubernetes/context.ts';
import type { ClusterIdentity, KubernetesContext } from '../adapters/kubernetes/context.ts';
import { createKubeconfig } from '../adapters/kubernetes/kubeconfig.ts';
import { createSecretRequests } from '../adapters/kubernetes/rewriting.ts';
import { localOperator } from '../adapters/operator.ts';
import { contextDrift } from '../engine/drift.ts';
import type { RunEvent, RunHeader, Session as Sitting } from '../engine/events.ts';
import type { Clock, JournalWriter } from '../engine/ports.ts';
import type { RunFiles, StateDirectory } from '../journal/state-directory.ts';
import { FileJournal } from '../journal/writer.ts';
import { rewritePlan } from '../plan/rewrite-plan.ts';
import type { Plan } from '../plan/model.ts';
import { createRewriter } from '../rewrite/rewriter.ts';
import { keepHeapSmall } from '../rewrite/small-heap.ts';
import type { Session, Wiring } from './held.ts';
import { rehearsalCluster } from './parameters.ts';
import { requireNoSecret } from './plan-guards.ts';
import { rehearsalSpeed } from './rehearsal.ts';
import type { RehearsalChoice } from './rehearsal.ts';
import { Retries } from './retries.ts';
import { inNewDirectory } from './run-directory.ts';
import type { TakenUp } from './run-directory.ts';
import type { SittingOptions } from './session.ts';
import { version } from './version.ts';
import { openRehearsedAzure } from './world.ts';

/** Which cluster, and what of it. */
export interface ContextChoice {
  /** The context; undefined is the current one. Of no account in a rehearsal. */
  context: string | undefined;
  /** Empty: all. */
  namespaces: readonly string[];
  /** Makes it a rehearsal. */
  rehearsal: RehearsalChoice | undefined;
}

/** A cluster that has been opened, who works on it, and how it is left again. */
export interface OpenedContext {
  context: KubernetesContext;
  identity: ClusterIdentity;
  operator: string;
  clock: Clock;
  close(): Promise<void>;
  /** Removes what was got for the run alone. */
  forget(): Promise<void>;
}

/** The simulated cluster of a rehearsal that begins: with the names rehearsals go by. */
export function rehearsedContext(
  given: Pick<RehearsalChoice, 'faults' | 'clients' | 'secretCount'> & {
    scenario: string;
    speed?: number | undefined;
  },
): RehearsalChoice {
  const { CLUSTER_NAME = '', RESOURCE_GROUP = '' } = rehearsalCluster;
  const { speed = rehearsalSpeed, ...rest } = given;
  return { ...rest, speed, clusterName: CLUSTER_NAME, resourceGroup: RESOURCE_GROUP };
}

/** Opens the context of a choice. A rehearsal keeps its simulation and its kubeconfig in `files`. */
export async function openChosen(
  files: Pick<RunFiles, 'simulation' | 'kubeconfig'>,
  { context: name, rehearsal }: Pick<ContextChoice, 'context' | 'rehearsal'>,
): Promise<OpenedContext> {
  // From the beginning: loading the library alone makes it grow.
  keepHeapSmall();
  if (rehearsal === undefined) {
    const context = await openContext(name);
    const close = async (): Promise<void> => context.client.close();
    return opened(context, systemClock, close, async () => undefined);
  }
  const world = await openRehearsedAzure(files.simulation, rehearsal, () => undefined);
  try {
    const { clusterName, resourceGroup } = rehearsal;
    const kubeconfig = createKubeconfig({
      file: files.kubeconfig,
      target: { clusterName, resourceGroup },
      environment: world.environment,
    });
    await kubeconfig.ensure();
    const context = await openContext(undefined, files.kubeconfig);
    const close = async (): Promise<void> => {
      context.client.close();
      await world.close();
    };
    return await opened(context, world.clock, close, () => kubeconfig.remove());
  } catch (error) {
    await world.close();
    throw error;
  }
}

async function opened(
  context: KubernetesContext,
  clock: Clock,
  close: () => Promise<void>,
  forget: () => Promise<void>,
): Promise<OpenedContext> {
  try {
    const identity = await readClusterIdentity(context.client);
    const operator = (await readUserName(context.client)) ?? context.user;
    return { context, identity, operator, clock, close, forget };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Begins a rewrite of the Secrets of a cluster. Throws `ToolError` before anything was changed. */
export async function beginContext(
  state: StateDirectory,
  choice: ContextChoice,
  options: SittingOptions,
): Promise<Session> {
  return inNewDirectory(state, async (runId, files, held) => {
    const place = await openChosen(files, choice);
    held.add(() => place.close());
    const { name, server } = place.context;
    const { uid, version: kubernetesVersion } = place.identity;
    const plan = rewritePlan(name, choice.namespaces);
    requireNoSecret(plan);
    const sitting = sittingOf(place.operator);
    const header: RunHeader = {
      format: 1,
      runId,
      rehearsal: choice.rehearsal !== undefined,
      runbook: plan.runbook.id,
      plan,
      operator: sitting.operator,
      context: { name, server, uid },
      cluster: { id: `kubernetes:${uid}`, kubernetesVersion, fqdn: new URL(server).hostname },
      versions: sitting.versions,
    };
    const takenOver = await held.locks(state, files, header, sitting);
    const journal = await held.journal(FileJournal.create(files, place.clock));
    const opening: RunEvent[] = [{ type: 'run.started', header, session: sitting }, ...takenOver];
    const wiring = wire(place, plan, { server, uid }, journal, options);
    return held.session(runId, files, wiring, { opening });
  });
}

/** Takes such a run up. Throws `ToolError` when it cannot be, with nothing changed. */
export async function resumeContext(
  { files, header, state, journal, held }: TakenUp,
  planned: NonNullable<RunHeader['context']>,
  options: SittingOptions,
): Promise<Session> {
  const scenario = header.plan.runbook.rehearsal;
  const rehearsal = header.rehearsal
    ? rehearsedContext({ scenario, faults: [], speed: options.speed })
    : undefined;
  const place = await openChosen(files, { context: planned.name, rehearsal });
  held.add(() => place.close());
  const differences = contextDrift(header, {
    operator: place.operator,
    server: place.context.server,
    uid: place.identity.uid,
  });
  const opening: RunEvent[] = [
    { type: 'run.resumed', session: sittingOf(place.operator) },
    ...(differences.length > 0 ? [{ type: 'run.drifted', differences } as const] : []),
  ];
  // What was found is gone on with once the operator has agreed to it.
  const pinned = { server: place.context.server, uid: place.identity.uid };
  const wiring = wire(place, header.plan, pinned, journal, options);
  return held.session(header.runId, files, wiring, { opening, state });
}

function sittingOf(operator: string): Sitting {
  return {
    operator: { name: operator, ...localOperator() },
    pid: process.pid,
    versions: { 'aks-kms-runbook': version, node: process.versions.node },
  };
}

function wire(
  { context, clock, forget }: OpenedContext,
  plan: Plan,
  pinned: { server: string; uid: string },
  journal: JournalWriter,
  { maxInFlight }: SittingOptions,
): Wiring {
  const namespaces = plan.steps.flatMap((step) => (step.kind === 'rewrite-secrets' ? step.namespaces : []));
  return {
    ports: {
      clock,
      journal,
      facts: createClusterFacts(context, namespaces),
      commands: createCommands({ environment: process.env }),
      target: createContextPin(context, pinned),
      // How long a sign-in lasts is the kubeconfig's business; the client renews it.
      signIn: { validUntil: async () => undefined },
      secrets: createRewriter({ api: async () => createSecretRequests(context.client), clock, maxInFlight }),
      waits: new Retries(),
    },
    forget,
    close: () => undefined,
  };
}
