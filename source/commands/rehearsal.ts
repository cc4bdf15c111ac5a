/** The options that only rehearsals heed. */
import type { RunHeader } from '../engine/events.ts';
import type { Plan } from '../plan/model.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import type { RunOptions } from './options.ts';
import { print, table } from './terminal.ts';

/** How much faster a rehearsal's minutes pass, unless said otherwise. */
export const rehearsalSpeed = 60;

/** What a new rehearsal starts from. One that is taken up again has it in its own state. */
export interface RehearsalChoice {
  scenario: string;
  faults: readonly string[];
  speed: number;
  clients?: 'real' | 'stand-in' | undefined;
  clusterName: string;
  resourceGroup: string;
  /** With a cluster for each other scenario, to be listed. */
  neighbours?: boolean;
}

/** Whether `--scenario help` or `--fault help` asks what there is. */
export function asksForChoices(options: RunOptions): boolean {
  return options.scenario === 'help' || options.fault?.includes('help') === true;
}

/** Lists the scenarios and faults of rehearsals. */
export async function listChoices(options: RunOptions): Promise<ExitStatus> {
  const { faults, scenarios } = await import('../rehearsal/index.ts');
  const choices = options.scenario === 'help' ? scenarios : faults;
  for (const line of table(choices.map(({ name, description }) => [name, description]))) print(line);
  return 0;
}

/**
 * The simulated world a rehearsal of `plan` begins in. A cluster that has the name of a scenario, as those that are
 * listed in a rehearsal have, is as that scenario has it.
 */
export async function rehearsalChoice(plan: Plan, options: RunOptions): Promise<RehearsalChoice> {
  const { scenarios } = await import('../rehearsal/index.ts');
  const named = scenarios.find(({ name }) => name === plan.target.clusterName)?.name;
  return {
    scenario: options.scenario ?? named ?? plan.runbook.rehearsal,
    faults: options.fault ?? [],
    speed: options.speed ?? rehearsalSpeed,
    clients: options.clients,
    ...plan.target,
  };
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
  ].filter((name) => name !== false);
  if (given.length === 0) return;
  throw new UsageError(`${given.join(', ')} only works in a rehearsal.`, 'Add --rehearse, or leave it out.');
}
