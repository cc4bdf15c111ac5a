/** Runs on a cluster that is known by a kubeconfig context only: beginning one, and taking one up. */
import { createCommands } from '../adapters/command/commands.ts';
import { systemClock } from '../adapters/clock.ts';
import { createClusterFacts, createContextPin } from '../adapters/kubernetes/cluster-facts.ts';
import {
  openContext,
  readClusterIdentity,
  readUserName,
  requireNamespaces,
  telltale,
} from '../adapters/kubernetes/context.ts';
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
import { rehearsalSpeed, simulationOf } from './rehearsal.ts';
import type { RehearsalChoice } from './rehearsal.ts';
import { Retries } from './retries.ts';
import { inNewDirectory } from './run-directory.ts';
import type { TakenUp } from './run-directory.ts';
import type { SittingOptions, Tell } from './session.ts';
import { version } from './version.ts';
import { openRehearsedAzure, tellingRetries } from './world.ts';

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
  /** Of a simulated one: how many times faster its time passes. */
  speed?: number | undefined;
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

/** Opens the context of a choice, whose namespaces have to be there. */
export async function openChosen(
  files: Pick<RunFiles, 'simulation' | 'kubeconfig'>,
  choice: ContextChoice,
  onRetry: (text: string) => void,
): Promise<OpenedContext> {
  const { namespaces } = choice;
  const place = await openPlace(files, { ...choice, knownBy: [telltale, ...namespaces] }, onRetry);
  try {
    await requireNamespaces(place.context.client, namespaces);
    return place;
  } catch (error) {
    await place.close();
    throw error;
  }
}

/** A rehearsal keeps its simulation and its kubeconfig in `files`. `knownBy`: the first of these that may be seen. */
async function openPlace(
  files: Pick<RunFiles, 'simulation' | 'kubeconfig'>,
  {
    context: name,
    rehearsal,
    knownBy,
  }: Pick<ContextChoice, 'context' | 'rehearsal'> & { knownBy: readonly string[] },
  onRetry: (text: string) => void,
): Promise<OpenedContext> {
  // From the beginning: loading the library alone makes it grow.
  keepHeapSmall();
  if (rehearsal === undefined) {
    const context = await openContext(name, { onRetry });
    const close = async (): Promise<void> => context.client.close();
    return opened(context, knownBy, { clock: systemClock, close, forget: async () => undefined });
  }
  const world = await openRehearsedAzure(files.simulation, rehearsal, onRetry);
  try {
    const { clusterName, resourceGroup } = rehearsal;
    const kubeconfig = createKubeconfig({
      file: files.kubeconfig,
      target: { clusterName, resourceGroup },
      subscription: world.account.subscription,
      environment: world.environment,
    });
    await kubeconfig.ensure();
    const context = await openContext(undefined, { file: files.kubeconfig, onRetry });
    const close = async (): Promise<void> => {
      context.client.close();
      await world.close();
    };
    const { clock, speed } = world;
    return await opened(context, knownBy, { clock, speed, close, forget: () => kubeconfig.remove() });
  } catch (error) {
    await world.close();
    throw error;
  }
}

async function opened(
  context: KubernetesContext,
  knownBy: readonly string[],
  place: Pick<OpenedContext, 'clock' | 'speed' | 'close' | 'forget'>,
): Promise<OpenedContext> {
  try {
    const identity = await readClusterIdentity(context.client, knownBy);
    const operator = (await readUserName(context.client)) ?? context.user;
    return { ...place, context, identity, operator };
  } catch (error) {
    await place.close();
    throw error;
  }
}

/** Begins a rewrite of the Secrets of a cluster. Throws `ToolError` before anything was changed. */
export async function beginContext(
  state: StateDirectory,
  choice: ContextChoice,
  options: SittingOptions,
  tell: Tell,
): Promise<Session> {
  return inNewDirectory(state, async (runId, files, held) => {
    const retries = new Retries();
    const opened = retries.subscribe(tell);
    const place = await openChosen(files, choice, retries.add);
    held.add(() => place.close());
    const { name, server } = place.context;
    const { uid, namespace, version: kubernetesVersion } = place.identity;
    const plan = rewritePlan(name, choice.namespaces);
    requireNoSecret(plan);
    const sitting = sittingOf(place, options.maxInFlight);
    const header: RunHeader = {
      format: 1,
      runId,
      rehearsal: choice.rehearsal !== undefined,
      simulation: choice.rehearsal && simulationOf(choice.rehearsal),
      runbook: plan.runbook.id,
      plan,
      operator: sitting.operator,
      context: { name, server, uid, ...(namespace !== telltale && { namespace }) },
      cluster: { id: `kubernetes:${uid}`, kubernetesVersion, fqdn: new URL(server).hostname },
      versions: sitting.versions,
    };
    const takenOver = await held.locks(state, files, header, sitting, options.takeOver);
    const journal = await held.journal(FileJournal.create(files, place.clock, retries.add));
    const opening: RunEvent[] = [{ type: 'run.started', header, session: sitting }, ...takenOver];
    const wiring = wire(place, plan, { server, uid, namespace }, journal, retries, options);
    const session = await held.session(state, runId, files, wiring, { opening });
    opened();
    return session;
  });
}

/** Takes such a run up. Throws `ToolError` when it cannot be, with nothing changed. */
export async function resumeContext(
  directory: StateDirectory,
  { files, header, state, journal, retries, clockWarnings, held }: TakenUp,
  planned: NonNullable<RunHeader['context']>,
  options: SittingOptions,
  tell: Tell,
): Promise<Session> {
  const opened = retries.subscribe(tell);
  const scenario = header.plan.runbook.rehearsal;
  const rehearsal = header.rehearsal
    ? rehearsedContext({ scenario, faults: [], speed: options.speed })
    : undefined;
  const knownBy = [planned.namespace ?? telltale];
  const place = await openPlace(files, { context: planned.name, rehearsal, knownBy }, retries.add);
  held.add(() => place.close());
  const differences = contextDrift(header, {
    operator: place.operator,
    server: place.context.server,
    uid: place.identity.uid,
  });
  // What was said of it once holds until something else is said.
  const { maxInFlight = state.sessions.at(-1)?.maxInFlight } = options;
  const opening: RunEvent[] = [
    { type: 'run.resumed', session: sittingOf(place, maxInFlight) },
    ...clockWarnings,
    ...(differences.length > 0 ? [{ type: 'run.drifted', differences } as const] : []),
  ];
  // What was found is gone on with once the operator has agreed to it.
  const pinned = { server: place.context.server, ...place.identity };
  const wiring = wire(place, header.plan, pinned, journal, retries, { maxInFlight });
  const session = await held.session(directory, header.runId, files, wiring, { opening, state });
  opened();
  return session;
}

function sittingOf(
  { operator, speed }: Pick<OpenedContext, 'operator' | 'speed'>,
  maxInFlight: number | undefined,
): Sitting {
  return {
    operator: { name: operator, ...localOperator() },
    pid: process.pid,
    versions: { 'aks-kms-runbook': version, node: process.versions.node },
    speed,
    maxInFlight,
  };
}

function wire(
  { context, clock, forget }: OpenedContext,
  plan: Plan,
  pinned: { server: string; uid: string; namespace: string },
  journal: JournalWriter,
  retries: Retries,
  { maxInFlight }: SittingOptions,
): Wiring {
  const namespaces = plan.steps.flatMap((step) => (step.kind === 'rewrite-secrets' ? step.namespaces : []));
  return {
    ports: {
      clock,
      journal,
      facts: tellingRetries(createClusterFacts(context, namespaces), retries),
      commands: createCommands({ environment: process.env, tell: retries.add }),
      target: createContextPin(context, pinned),
      // How long a sign-in lasts is the kubeconfig's business; the client renews it.
      signIn: { validUntil: async () => undefined },
      secrets: createRewriter({ api: async () => createSecretRequests(context.client), clock, maxInFlight }),
      waits: retries,
    },
    forget,
    close: () => undefined,
  };
}
