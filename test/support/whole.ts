/** A whole run inside the test: engine, journal, adapters, keepers and stand-ins; only the screen is left out. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { readAccount } from '../../source/adapters/azure/account.ts';
import { readCluster } from '../../source/adapters/azure/cluster.ts';
import type { AzureConnection } from '../../source/adapters/azure/connection.ts';
import { hurriedClock } from '../../source/adapters/clock.ts';
import { Retries } from '../../source/commands/retries.ts';
import { portsFor } from '../../source/commands/world.ts';
import type { World } from '../../source/commands/world.ts';
import type { RunController } from '../../source/engine/controller.ts';
import type { JournalRecord, RunHeader } from '../../source/engine/events.ts';
import type { Ports } from '../../source/engine/ports.ts';
import { openRun } from '../../source/engine/run.ts';
import { runFiles, stateDirectory } from '../../source/journal/state-directory.ts';
import type { RunFiles } from '../../source/journal/state-directory.ts';
import { FileJournal } from '../../source/journal/writer.ts';
import type { Plan } from '../../source/plan/model.ts';
import { buildPlan } from '../../source/plan/plan.ts';
import { openRehearsal } from '../../source/rehearsal/index.ts';
import type { Exchange, Rehearsal } from '../../source/rehearsal/index.ts';
import { run as runProgram } from '../rehearsal/helpers.ts';
import type { Ended } from '../rehearsal/helpers.ts';
import { runbookOf, runbooksFolder, stepsText } from '../runbook/files.ts';
import { session } from './runs.ts';

export const names = { CLUSTER_NAME: 'rehearsal', RESOURCE_GROUP: 'rehearsal-rg' };

/** Turns KMS off: the shortest change there is to prove. */
export const turnOff = `- id: turn-off
  title: Turn KMS off
  run: az aks update --name $CLUSTER_NAME --resource-group $RESOURCE_GROUP --disable-azure-keyvault-kms
  done-when: cluster.provisioningState == 'Succeeded' && cluster.securityProfile.azureKeyVaultKms.enabled != \`true\``;

export interface WholeRun {
  rehearsal: Rehearsal;
  /** Every request answered so far, without those for tokens. */
  exchanges: Exchange[];
  plan: Plan;
  ports: Ports;
  files: RunFiles;
  /** Runs the stand-in az in another terminal, as it were. */
  az(...words: string[]): Promise<Ended>;
  begin(): Promise<RunController>;
  records(): JournalRecord[];
}

export interface WholeOptions {
  /** The steps as YAML. */
  steps?: string;
  scenario?: string;
  faults?: readonly string[];
  /** Adds what the shipped runbooks know of errors. */
  explain?: boolean;
  /** How much faster simulated minutes pass than real ones. */
  speed?: number;
  /** How much faster the tool's own waiting passes; as `speed` unless said. */
  hurry?: number;
  /** Changes what the run is given, before it begins. */
  change?: (connection: AzureConnection) => AzureConnection;
}

/** A run that is ready to begin, on a simulated cluster of its own. */
export async function wholeRun(t: TestContext, options: WholeOptions = {}): Promise<WholeRun> {
  const { steps = turnOff, scenario = 'kms-v2-public', faults = [], speed = 6_000 } = options;
  const { hurry = speed, explain = false } = options;
  const root = mkdtempSync(join(tmpdir(), 'whole-'));
  const files = runFiles(stateDirectory(root, true), '20261121-201500-abcd');
  const exchanges: Exchange[] = [];
  const observe = (exchange: Exchange): void => {
    if (!exchange.url.startsWith('/identity/')) exchanges.push(exchange);
  };
  const target = { clusterName: names.CLUSTER_NAME, resourceGroup: names.RESOURCE_GROUP };
  const directory = files.simulation;
  const rehearsal = await openRehearsal({
    directory,
    scenario,
    faults,
    speed,
    secretCount: 12,
    observe,
    ...target,
  });
  t.after(async () => {
    await rehearsal.close();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });
  const environment = { ...process.env, ...rehearsal.environment };
  const retries = new Retries();
  const plain: AzureConnection = {
    endpoint: rehearsal.armEndpoint,
    scope: 'https://management.core.windows.net//.default',
    ca: rehearsal.certificate,
    direct: true,
    credential: {
      getToken: async () => ({ token: rehearsal.token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    onRetry: retries.add,
  };
  const connection = options.change?.(plain) ?? plain;
  const account = await readAccount(environment);
  const world: World = {
    account,
    connection,
    environment,
    clock: hurriedClock(hurry),
    close: async () => undefined,
  };
  const text = stepsText(steps);
  const runbook = explain
    ? runbookOf(`${text}\n  - include: fragments/kms-errors.yaml`, {
        'fragments/kms-errors.yaml': readFileSync(join(runbooksFolder, 'fragments/kms-errors.yaml'), 'utf8'),
      })
    : runbookOf(text);
  const plan = buildPlan(runbook, names);
  const { cluster } = await readCluster(plain, account.subscription, target);
  const header: RunHeader = {
    format: 1,
    runId: '20261121-201500-abcd',
    rehearsal: true,
    runbook: 'test',
    plan,
    operator: { ...session.operator, name: account.operator },
    tenant: account.tenant,
    subscription: { id: account.subscription, name: account.subscriptionName },
    cluster: {
      id: cluster.id,
      kubernetesVersion: cluster.kubernetesVersion ?? '',
      fqdn: cluster.fqdn ?? '',
      createdAt: cluster.systemData?.createdAt,
    },
    versions: {},
  };
  const journal = await FileJournal.create(files, world.clock);
  const { ports, close } = portsFor(world, plan, header, files, journal, retries);
  t.after(async () => {
    close();
    await journal.close();
  });
  return {
    rehearsal,
    exchanges,
    plan,
    ports,
    files,
    az: (...words) => runProgram(rehearsal, 'az', words),
    begin: () => openRun({ ports, opening: [{ type: 'run.started', header, session }] }),
    records: () =>
      readFileSync(files.journal, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as JournalRecord),
  };
}

/** The names and texts of all files under a directory. */
export function filesUnder(directory: string): { path: string; text: string }[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}
