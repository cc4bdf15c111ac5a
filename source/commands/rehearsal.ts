/** The options that only rehearsals heed. */
import type { RunHeader } from '../engine/events.ts';
import type { Plan } from '../plan/model.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import type { RunOptions } from './options.ts';
import { print } from './terminal.ts';

/** How much faster a rehearsal's minutes pass, unless said otherwise. */
export const rehearsalSpeed = 60;

/** What a new rehearsal starts from. One that is taken up again has it in its own state. */
export interface RehearsalChoice {
  scenario: string;
  faults: readonly string[];
  speed: number;
  clients?: 'real' | 'stand-in' | undefined;
  /** Secrets the cluster starts with. */
  secretCount?: number | undefined;
  clusterName: string;
  resourceGroup: string;
  /** With a cluster for each other scenario, to be listed. */
  neighbours?: boolean;
}

/** Lists the scenarios of rehearsals, or their faults by what they bite. */
export async function listChoices(kind: 'scenario' | 'fault'): Promise<ExitStatus> {
  const { tableLines } = await import('./table.ts');
  if (kind === 'scenario') {
    const { scenarios } = await import('../rehearsal/scenarios.ts');
    const rows = tableLines(scenarios.map(({ name, description }) => [name, description]));
    for (const line of rows.flat()) print(line);
    return 0;
  }
  const { faults, faultPlaces } = await import('../rehearsal/faults.ts');
  // All in one table, so that the columns of every place are the same.
  const lines = tableLines(faults.map(({ name, description }) => [`  ${name}`, description]));
  for (const [index, [at, where]] of Object.entries(faultPlaces).entries()) {
    if (index > 0) print();
    print(where);
    for (const [row, fault] of faults.entries())
      if (fault.at === at) for (const line of lines[row] ?? []) print(line);
  }
  return 0;
}

/**
 * The simulated world a rehearsal of `plan` begins in. A cluster that has the name of a scenario, as those that are
 * listed in a rehearsal have, is as that scenario has it.
 */
export async function rehearsalChoice(plan: Plan, options: RunOptions): Promise<RehearsalChoice> {
  return {
    scenario: options.scenario ?? (await scenarioOf(plan.target.clusterName)) ?? plan.runbook.rehearsal,
    faults: options.fault ?? [],
    speed: options.speed ?? rehearsalSpeed,
    clients: options.clients,
    ...(options.secrets !== undefined && { secretCount: options.secrets }),
    ...plan.target,
  };
}

/** The scenario a cluster has the name of. */
export async function scenarioOf(clusterName: string | undefined): Promise<string | undefined> {
  const { scenarios } = await import('../rehearsal/scenarios.ts');
  return scenarios.find(({ name }) => name === clusterName)?.name;
}

/** What the record of a rehearsal says of its simulated world. */
export function simulationOf({
  scenario,
  faults,
  clients = 'stand-in',
}: RehearsalChoice): RunHeader['simulation'] {
  return { scenario, faults, clients };
}

/** Throws `UsageError` when an option that only a rehearsal heeds is given to a real run. */
export function requireRehearsal(options: RunOptions): void {
  if (options.rehearse) return;
  const given = [
    options.scenario !== undefined && '--scenario',
    (options.fault ?? []).length > 0 && '--fault',
    options.speed !== undefined && '--speed',
    options.clients !== undefined && '--clients',
    options.secrets !== undefined && '--secrets',
  ].filter((name) => name !== false);
  if (given.length === 0) return;
  throw new UsageError(`${given.join(', ')} only works in a rehearsal.`, 'Add --rehearse, or leave it out.');
}
