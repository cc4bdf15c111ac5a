/** One sitting at a run: from its locks and its world to the controller a renderer works with, and back. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { readCluster } from '../adapters/azure/cluster.ts';
import { readTools } from '../adapters/azure/tools.ts';
import { identify, isAlive } from '../adapters/command/processes.ts';
import { localOperator } from '../adapters/operator.ts';
import { clusterSettings } from '../engine/cluster.ts';
import type { RunController } from '../engine/controller.ts';
import { drift } from '../engine/drift.ts';
import type { RunEvent, RunHeader, Session as Sitting } from '../engine/events.ts';
import { openRun } from '../engine/run.ts';
import { takeLock } from '../journal/lock.ts';
import type { HeldLock } from '../journal/lock.ts';
import { readJournal } from '../journal/read.ts';
import { makePrivateDirectory, runFiles } from '../journal/state-directory.ts';
import type { RunFiles, StateDirectory } from '../journal/state-directory.ts';
import { FileJournal } from '../journal/writer.ts';
import type { Plan } from '../plan/model.ts';
import { ToolError, UsageError } from '../runbook/errors.ts';
import { checkRunbookFile, runbookFile } from './runbook-files.ts';
import { writeTranscript } from './change-record.ts';
import { version } from './version.ts';
import { rehearsalSpeed } from './rehearsal.ts';
import type { RehearsalChoice } from './rehearsal.ts';
import { openAzure, openRehearsedAzure, portsFor } from './world.ts';
import type { World } from './world.ts';

export interface Session {
  runId: string;
  files: RunFiles;
  controller: RunController;
  /** Waits for nothing: call it when the controller has finished. Writes the transcript and lets go of everything. */
  close(): Promise<void>;
}

/** Begins a run of `plan`. `choice` makes it a rehearsal. Throws `ToolError` before anything was changed. */
export async function beginSession(
  state: StateDirectory,
  runbook: string,
  plan: Plan,
  choice?: RehearsalChoice,
): Promise<Session> {
  const runId = newRunId();
  const files = runFiles(state, runId);
  const held = new Held();
  try {
    await makePrivateDirectory(state.root);
    await makePrivateDirectory(state.runs);
    await makePrivateDirectory(files.directory);
    const retries: string[] = [];
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
    return await held.session(runId, files, world, header, journal, retries, { opening });
  } catch (error) {
    await held.release();
    // Without a journal there was no run.
    if (!held.hasJournal) await rm(files.directory, { recursive: true, force: true });
    throw error;
  }
}

/** Takes up a run that has not completed. Throws `ToolError` when it cannot be, with nothing changed. */
export async function resumeSession(
  state: StateDirectory,
  runId: string,
  speed = rehearsalSpeed,
): Promise<Session> {
  const files = runFiles(state, runId);
  const { state: before } = await readJournal(files);
  const { header, plan } = before;
  if (before.status === 'completed') {
    throw new UsageError(
      `Run ${runId} has completed.`,
      `Read its record with \`aks-kms-runbook export ${runId}${header.rehearsal ? ' --rehearse' : ''}\`.`,
    );
  }
  const held = new Held();
  try {
    const sittingBefore = await lockSitting();
    const takenOver = await held.locks(state, files, header, sittingBefore);
    // Read again now that nobody else can write.
    const read = await readJournal(files);
    const retries: string[] = [];
    const choice: RehearsalChoice = { scenario: plan.runbook.rehearsal, faults: [], speed, ...plan.target };
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
    const journal = await held.journal(FileJournal.reopen(files, world.clock, read));
    const opening: RunEvent[] = [
      ...(read.tornBytes > 0
        ? [{ type: 'run.journal-repaired', droppedBytes: read.tornBytes } as const]
        : []),
      ...takenOver,
      { type: 'run.resumed', session: await thisSitting(world) },
      ...(differences.length > 0 ? [{ type: 'run.drifted', differences } as const] : []),
      ...warnings.map((text): RunEvent => ({ type: 'run.warned', text })),
    ];
    return await held.session(runId, files, world, header, journal, retries, { opening, state: read.state });
  } catch (error) {
    await held.release();
    throw error;
  }
}

/** What a sitting holds, let go in the reverse order. */
class Held {
  hasJournal = false;
  readonly #releases: (() => Promise<void> | void)[] = [];

  add(release: () => Promise<void> | void): void {
    this.#releases.push(release);
  }

  async journal(opening: Promise<FileJournal>): Promise<FileJournal> {
    const journal = await opening;
    this.hasJournal = true;
    this.add(() => journal.close());
    return journal;
  }

  /** The run's lock, and for a real run the cluster's. Returns what is to be recorded of taking them over. */
  async locks(
    state: StateDirectory,
    files: RunFiles,
    header: RunHeader,
    sitting: Sitting,
  ): Promise<RunEvent[]> {
    const identity = await identify(process.pid);
    if (identity === undefined)
      throw new ToolError('This process cannot be identified.', 'Is /proc mounted?');
    const holder = {
      ...identity,
      operator: sitting.operator.name,
      runId: header.runId,
      since: new Date().toISOString(),
    };
    const events: RunEvent[] = [];
    const take = async (path: string, what: string): Promise<void> => {
      const lock: HeldLock = await takeLock(path, what, holder, isAlive);
      this.add(() => lock.release());
      const from = lock.takenOverFrom;
      if (from !== undefined) {
        const { pid, host, operator, since } = from;
        events.push({ type: 'run.lock-taken-over', from: { pid, host, operator, since } });
      }
    };
    await take(files.lock, `Run ${header.runId}`);
    if (!header.rehearsal) {
      await mkdir(state.clusters, { recursive: true, mode: 0o700 });
      const id = createHash('sha256').update(header.cluster.id.toLowerCase()).digest('hex').slice(0, 32);
      await take(join(state.clusters, `${id}.lock`), `Cluster ${header.plan.target.clusterName}`);
    }
    return events;
  }

  async session(
    runId: string,
    files: RunFiles,
    world: World,
    header: RunHeader,
    journal: FileJournal,
    retries: string[],
    how: Pick<Parameters<typeof openRun>[0], 'opening' | 'state'>,
  ): Promise<Session> {
    const { ports, forget, close } = portsFor(world, header.plan, header, files, journal, retries);
    this.add(close);
    const controller = await openRun({ ports, ...how });
    return {
      runId,
      files,
      controller,
      close: async () => {
        try {
          // A command left running still needs the kubeconfig.
          if (controller.view().state.stoppedBecause !== 'detached') await forget();
          await writeTranscript(files);
        } finally {
          await this.release();
        }
      },
    };
  }

  async release(): Promise<void> {
    for (const release of this.#releases.splice(0).toReversed()) await release();
  }
}

async function openWorld(
  files: RunFiles,
  choice: RehearsalChoice | undefined,
  retries: string[],
  held: Held,
): Promise<World> {
  const onRetry = (text: string): void => {
    retries.push(text);
  };
  const world =
    choice === undefined
      ? await openAzure(onRetry)
      : await openRehearsedAzure(files.simulation, choice, onRetry);
  held.add(() => world.close());
  return world;
}

async function thisSitting(world: World): Promise<Sitting> {
  return {
    operator: { name: world.account.operator, ...localOperator() },
    pid: process.pid,
    versions: await versions(world.environment),
  };
}

/** Who asks for a lock, before it is known who is signed in to Azure. */
async function lockSitting(): Promise<Sitting> {
  const local = localOperator();
  return { operator: { name: local.localUser, ...local }, pid: process.pid, versions: {} };
}

async function versions(environment: World['environment']): Promise<Record<string, string>> {
  const tools = await readTools(environment);
  const installed = Object.entries(tools).filter((entry): entry is [string, string] => entry[1] !== null);
  return { 'aks-kms-runbook': version, node: process.versions.node, ...Object.fromEntries(installed) };
}

/** Ids sort by time and are easy to say: the UTC time and four hexadecimal digits. */
function newRunId(): string {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${time}-${randomBytes(2).toString('hex')}`;
}
