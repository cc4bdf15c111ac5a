/** Beginning a run and taking one up: from its plan or its journal to the controller a renderer works with. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readCluster } from '../adapters/azure/cluster.ts';
import { readTools } from '../adapters/azure/tools.ts';
import { systemClock } from '../adapters/clock.ts';
import { localOperator } from '../adapters/operator.ts';
import { clusterSettings } from '../engine/cluster.ts';
import { drift } from '../engine/drift.ts';
import type { RunEvent, RunHeader, Session as Sitting } from '../engine/events.ts';
import { reduce } from '../engine/reduce.ts';
import { readJournal } from '../journal/read.ts';
import type { Journal } from '../journal/read.ts';
import { makeNewDirectory, makePrivateDirectory, runFiles } from '../journal/state-directory.ts';
import type { RunFiles, StateDirectory } from '../journal/state-directory.ts';
import { FileJournal } from '../journal/writer.ts';
import type { Plan } from '../plan/model.ts';
import { UsageError } from '../runbook/errors.ts';
import { Held } from './held.ts';
import type { Session } from './held.ts';
import { requireNoSecret, requireSimulated } from './plan-guards.ts';
import { checkRunbookFile, runbookFile } from './runbook-files.ts';
import { version } from './version.ts';
import { rehearsalSpeed } from './rehearsal.ts';
import type { RehearsalChoice } from './rehearsal.ts';
import { Retries } from './retries.ts';
import { openAzure, openRehearsedAzure } from './world.ts';
import type { World } from './world.ts';

/** Told what Azure makes us wait for while a run is opened; once it is open, the run itself tells. */
type Tell = (text: string) => void;

/** Begins a run of `plan`. `choice` makes it a rehearsal. Throws `ToolError` before anything was changed. */
export async function beginSession(
  state: StateDirectory,
  runbook: string,
  plan: Plan,
  choice: RehearsalChoice | undefined,
  tell: Tell,
): Promise<Session> {
  requireNoSecret(plan);
  if (choice !== undefined) await requireSimulated(plan);
  const runId = await newRunDirectory(state);
  const files = runFiles(state, runId);
  const held = new Held();
  try {
    const retries = new Retries();
    const opened = retries.subscribe(tell);
    const world = await openWorld(files, choice, retries, held);
    const { account, connection, environment } = world;
    const { cluster, warnings } = await readCluster(connection, account.subscription, plan.target);
    const sitting = await thisSitting(world);
    const header: RunHeader = {
      format: 1,
      runId,
      rehearsal: choice !== undefined,
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
    const takenOver = await held.locks(state, files, header, sitting);
    const journal = await held.journal(FileJournal.create(files, world.clock));
    const opening: RunEvent[] = [
      { type: 'run.started', header, session: sitting },
      ...takenOver,
      ...warnings.map((text): RunEvent => ({ type: 'run.warned', text })),
      { type: 'run.settings-observed', moment: 'before', settings: clusterSettings(cluster) },
    ];
    const session = await held.session(runId, files, world, header, journal, retries, { opening });
    opened();
    return session;
  } catch (error) {
    await held.release();
    // Without a journal there was no run.
    if (!held.hasJournal) await rm(files.directory, { recursive: true, force: true });
    throw error;
  }
}

/** Takes up a run that has not completed. Throws `ToolError` when it cannot be, with nothing changed. */
export async function resumeSession(
  directory: StateDirectory,
  runId: string,
  speed: number | undefined,
  tell: Tell,
): Promise<Session> {
  const files = runFiles(directory, runId);
  const { header } = (await readUnfinished(files)).state;
  const held = new Held();
  try {
    const takenOver = await held.locks(directory, files, header, lockSitting());
    // Read again now that nobody else can write.
    const read = await readUnfinished(files);
    const journal = await held.journal(FileJournal.reopen(files, systemClock, read));
    // On record before anything that can fail: the next sitting would not see it any more.
    let { state } = read;
    const found: RunEvent[] = [
      ...(read.tornBytes > 0
        ? [{ type: 'run.journal-repaired', droppedBytes: read.tornBytes } as const]
        : []),
      ...takenOver,
    ];
    for (const event of found) state = reduce(state, await journal.append(event));
    const retries = new Retries();
    const opened = retries.subscribe(tell);
    const { plan } = header;
    const choice: RehearsalChoice = {
      scenario: plan.runbook.rehearsal,
      faults: [],
      speed: speed ?? rehearsalSpeed,
      ...plan.target,
    };
    const world = await openWorld(files, header.rehearsal ? choice : undefined, retries, held);
    const { account, connection } = world;
    const { cluster, warnings } = await readCluster(connection, account.subscription, plan.target);
    const differences = drift(header, {
      runbookDigest: checkRunbookFile(runbookFile(header.runbook)).runbook?.digest,
      operator: account.operator,
      tenant: account.tenant,
      subscription: account.subscription,
      clusterId: cluster.id,
      clusterCreatedAt: cluster.systemData?.createdAt,
    });
    const opening: RunEvent[] = [
      { type: 'run.resumed', session: await thisSitting(world) },
      ...(differences.length > 0 ? [{ type: 'run.drifted', differences } as const] : []),
      ...warnings.map((text): RunEvent => ({ type: 'run.warned', text })),
    ];
    const session = await held.session(runId, files, world, header, journal, retries, { opening, state });
    opened();
    return session;
  } catch (error) {
    await held.release();
    throw error;
  }
}

/** Reads a run that can be gone on with. Throws `UsageError` when it has completed. */
async function readUnfinished(files: RunFiles): Promise<Journal> {
  const journal = await readJournal(files);
  const { runId, rehearsal } = journal.state.header;
  if (journal.state.status !== 'completed') return journal;
  throw new UsageError(
    `Run ${runId} has completed.`,
    `Read its record with \`aks-kms-runbook export ${runId}${rehearsal ? ' --rehearse' : ''}\`.`,
  );
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

async function thisSitting(world: World): Promise<Sitting> {
  return {
    operator: { name: world.account.operator, ...localOperator() },
    pid: process.pid,
    versions: await versions(world.environment),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/** Who asks for a lock, before it is known who is signed in to Azure. */
function lockSitting(): Sitting {
  const local = localOperator();
  return { operator: { name: local.localUser, ...local }, pid: process.pid, versions: {} };
}

async function versions(environment: World['environment']): Promise<Record<string, string>> {
  const tools = await readTools(environment);
  const installed = Object.entries(tools).filter((entry): entry is [string, string] => entry[1] !== null);
  return { 'aks-kms-runbook': version, node: process.versions.node, ...Object.fromEntries(installed) };
}

/**
 * Makes the directory of a new run and returns its id. Ids sort by time and are easy to say: the UTC time and four
 * hexadecimal digits. The directory is never one that is there already.
 */
async function newRunDirectory(state: StateDirectory): Promise<string> {
  await makePrivateDirectory(state.runs);
  for (;;) {
    const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
    const runId = `${time}-${randomBytes(2).toString('hex')}`;
    if (await makeNewDirectory(runFiles(state, runId).directory)) return runId;
  }
}
