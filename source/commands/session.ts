/** Beginning a run and taking one up: from its plan or its journal to the controller a renderer works with. */
import { resolve } from 'node:path';
import type { Account } from '../adapters/azure/account.ts';
import { readCluster } from '../adapters/azure/cluster.ts';
import type { Cluster } from '../adapters/azure/cluster.ts';
import type { AzureConnection } from '../adapters/azure/connection.ts';
import { readTools } from '../adapters/azure/tools.ts';
import { localOperator } from '../adapters/operator.ts';
import { clusterSettings } from '../engine/cluster.ts';
import { drift } from '../engine/drift.ts';
import type { RunEvent, RunHeader, Session as Sitting } from '../engine/events.ts';
import type { Difference } from '../engine/ports.ts';
import type { RunState } from '../engine/state.ts';
import type { RunFiles, StateDirectory } from '../journal/state-directory.ts';
import { FileJournal } from '../journal/writer.ts';
import type { Plan } from '../plan/model.ts';
import { ToolError } from '../runbook/errors.ts';
import { resumeContext } from './context-session.ts';
import type { Held, Session } from './held.ts';
import { requireNoSecret, requireSimulated } from './plan-guards.ts';
import { checkRunbookFile, runbookFile } from './runbook-files.ts';
import { inNewDirectory, takeUp } from './run-directory.ts';
import { version } from './version.ts';
import { rehearsalSpeed, simulationOf } from './rehearsal.ts';
import type { RehearsalChoice } from './rehearsal.ts';
import { Retries } from './retries.ts';
import { openAzure, openRehearsedAzure, portsFor } from './world.ts';
import type { World } from './world.ts';

/** Told what Azure makes us wait for while a run is opened; once it is open, the run itself tells. */
export type Tell = (text: string) => void;

/** What a sitting is told on the command line and a journal does not keep. */
export interface SittingOptions {
  /** Rehearsal: how much faster simulated time passes. */
  speed?: number | undefined;
  /** Requests under way at once at most, while Secrets are rewritten. */
  maxInFlight?: number | undefined;
  /** Why a lock whose holder cannot be seen may be taken over. */
  takeOver?: string | undefined;
}

/** Begins a run of `plan`. `choice` makes it a rehearsal. Throws `ToolError` before anything was changed. */
export async function beginSession(
  state: StateDirectory,
  runbook: string,
  plan: Plan,
  choice: RehearsalChoice | undefined,
  { maxInFlight, takeOver }: SittingOptions,
  tell: Tell,
): Promise<Session> {
  requireNoSecret(plan);
  if (choice !== undefined) await requireSimulated(plan);
  return inNewDirectory(state, async (runId, files, held) => {
    const retries = new Retries();
    const opened = retries.subscribe(tell);
    const world = await openWorld(files, choice, retries, held);
    const { account, connection, environment } = world;
    const { cluster, warnings } = await readCluster(connection, account.subscription, plan.target);
    const sitting = await thisSitting(world, maxInFlight);
    const header: RunHeader = {
      format: 1,
      runId,
      rehearsal: choice !== undefined,
      simulation: choice && simulationOf(choice),
      runbook: runbook.endsWith('.yaml') || runbook.endsWith('.yml') ? resolve(runbook) : runbook,
      plan,
      operator: sitting.operator,
      tenant: account.tenant,
      subscription: { id: account.subscription, name: account.subscriptionName },
      cluster: {
        id: cluster.id,
        kubernetesVersion: cluster.kubernetesVersion ?? '',
        fqdn: cluster.fqdn ?? cluster.privateFQDN ?? '',
        createdAt: cluster.systemData?.createdAt,
      },
      versions: await versions(environment),
    };
    const takenOver = await held.locks(state, files, header, sitting, takeOver);
    const journal = await held.journal(FileJournal.create(files, world.clock, retries.add));
    const opening: RunEvent[] = [
      { type: 'run.started', header, session: sitting },
      ...takenOver,
      ...warnings.map((text): RunEvent => ({ type: 'run.warned', text })),
      { type: 'run.settings-observed', moment: 'before', settings: clusterSettings(cluster) },
    ];
    const wiring = portsFor(world, plan, header, files, journal, retries, maxInFlight);
    const session = await held.session(state, runId, files, wiring, { opening });
    opened();
    return session;
  });
}

/**
 * Takes up a run that has not completed. Throws `ToolError` when the run cannot be taken up, with nothing changed.
 */
export async function resumeSession(
  directory: StateDirectory,
  runId: string,
  options: SittingOptions,
  tell: Tell,
): Promise<Session> {
  return takeUp(directory, runId, options.takeOver, async (run) => {
    const { files, header, state, journal, retries, clockWarnings, held } = run;
    if (header.context !== undefined) return resumeContext(directory, run, header.context, options, tell);
    const opened = retries.subscribe(tell);
    const { plan } = header;
    const choice: RehearsalChoice = {
      scenario: plan.runbook.rehearsal,
      faults: [],
      speed: options.speed ?? rehearsalSpeed,
      ...plan.target,
    };
    const world = await openWorld(files, header.rehearsal ? choice : undefined, retries, held);
    const { account, connection } = world;
    const { differences, warnings, cluster } = await compare(header, account, connection);
    // What was said of it once holds until something else is said.
    const { maxInFlight = state.sessions.at(-1)?.maxInFlight } = options;
    const opening: RunEvent[] = [
      { type: 'run.resumed', session: await thisSitting(world, maxInFlight) },
      ...clockWarnings,
      ...(differences.length === 0 ? settingsBefore(state, cluster) : []),
      ...(differences.length > 0 ? [{ type: 'run.drifted', differences } as const] : []),
      ...warnings.map((text): RunEvent => ({ type: 'run.warned', text })),
    ];
    const wiring = portsFor(world, plan, header, files, journal, retries, maxInFlight);
    const session = await held.session(directory, runId, files, wiring, { opening, state });
    opened();
    return session;
  });
}

/**
 * How what is there now differs from what the run was started with. Who is signed in elsewhere may not be able to read
 * the cluster, and is told of that; when that is all there is to tell, the `ToolError` is thrown.
 */
async function compare(
  header: RunHeader,
  account: Account,
  connection: AzureConnection,
): Promise<{ differences: Difference[]; warnings: readonly string[]; cluster?: Cluster }> {
  const { plan, subscription } = header;
  const present = {
    runbookDigest: (await checkRunbookFile(runbookFile(header.runbook))).runbook?.digest,
    operator: account.operator,
    tenant: account.tenant,
    subscription: account.subscription,
  };
  try {
    const { cluster, warnings } = await readCluster(
      connection,
      subscription?.id ?? account.subscription,
      plan.target,
    );
    const found = { id: cluster.id, createdAt: cluster.systemData?.createdAt };
    return { differences: drift(header, { ...present, cluster: found }), warnings, cluster };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const differences = drift(header, { ...present, cluster: { unreadable: error.message } });
    if (differences.length === 1) throw error;
    return { differences, warnings: [] };
  }
}

/** The settings before any change, when the first sitting was cut off before it came to record them. */
function settingsBefore({ settings, steps }: RunState, cluster: Cluster | undefined): RunEvent[] {
  const begun = Object.values(steps).some(({ attempts }) =>
    attempts.some(({ command }) => command !== undefined),
  );
  if (settings.before !== undefined || begun || cluster === undefined) return [];
  return [{ type: 'run.settings-observed', moment: 'before', settings: clusterSettings(cluster) }];
}

async function openWorld(
  files: RunFiles,
  choice: RehearsalChoice | undefined,
  retries: Retries,
  held: Held,
): Promise<World> {
  const world =
    choice === undefined
      ? await openAzure(retries.add)
      : await openRehearsedAzure(files.simulation, choice, retries.add);
  held.add(() => world.close());
  return world;
}

async function thisSitting(world: World, maxInFlight: number | undefined): Promise<Sitting> {
  return {
    operator: { name: world.account.operator, ...localOperator() },
    pid: process.pid,
    versions: await versions(world.environment),
    speed: world.speed,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    maxInFlight,
  };
}

async function versions(environment: World['environment']): Promise<Record<string, string>> {
  const tools = await readTools(environment);
  const installed = Object.entries(tools).filter((entry): entry is [string, string] => entry[1] !== null);
  return { 'aks-kms-runbook': version, node: process.versions.node, ...Object.fromEntries(installed) };
}
