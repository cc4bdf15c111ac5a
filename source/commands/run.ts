import { stateDirectory } from '../journal/state-directory.ts';
import type { Plan } from '../plan/model.ts';
import { buildPlan, missingParameters } from '../plan/plan.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { carryOutPlain } from './carry-out.ts';
import type { RunOptions } from './options.ts';
import { knownValues } from './parameters.ts';
import { openRunbook } from './runbook-files.ts';
import { beginSession } from './session.ts';
import { isInteractive, print, table } from './terminal.ts';
import { rehearsalSpeed } from './world.ts';
import type { RehearsalChoice } from './world.ts';

/** `run`: a new run of a runbook, on the screen when there is a terminal. */
export async function run(runbook: string, options: RunOptions): Promise<ExitStatus> {
  requireRehearsal(options);
  if (asksForChoices(options)) return listChoices(options);
  const loaded = openRunbook(runbook);
  const values = knownValues(loaded, options);
  if (options.plain !== true && isInteractive()) {
    const { openScreen } = await import('./screen.ts');
    if (missingParameters(loaded, values).length === 0) requireAccepted(buildPlan(loaded, values), options);
    return openScreen(
      options,
      { kind: 'start', runbookId: loaded.id },
      new Map([[loaded.id, { runbook, loaded }]]),
    );
  }
  const plan = buildPlan(loaded, values);
  requireAccepted(plan, options);
  const session = await beginSession(
    stateDirectory(options.stateDir, options.rehearse === true),
    runbook,
    plan,
    options.rehearse ? rehearsalChoice(plan, options) : undefined,
  );
  return carryOutPlain(session, options);
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

/** The simulated world a rehearsal of `plan` begins in. */
export function rehearsalChoice(plan: Plan, options: RunOptions): RehearsalChoice {
  return {
    scenario: options.scenario ?? plan.runbook.rehearsal,
    faults: options.fault ?? [],
    speed: options.speed ?? rehearsalSpeed,
    ...plan.target,
  };
}

/** Throws `UsageError` when the name given as typed confirmation is not that of the planned cluster. */
export function requireAccepted(plan: Plan, options: Pick<RunOptions, 'acceptIrreversible'>): void {
  const { acceptIrreversible } = options;
  const { clusterName } = plan.target;
  if (acceptIrreversible === undefined || acceptIrreversible === clusterName) return;
  throw new UsageError(
    `--accept-irreversible names "${acceptIrreversible}", but the run is for cluster "${clusterName}". Nothing was changed.`,
    'Give the name of the cluster the run is for, or leave the option out and confirm at the terminal.',
  );
}

/** Throws `UsageError` when an option that only a rehearsal heeds is given to a real run. */
export function requireRehearsal(options: RunOptions): void {
  if (options.rehearse) return;
  const given = [
    options.scenario !== undefined && '--scenario',
    (options.fault ?? []).length > 0 && '--fault',
    options.speed !== undefined && '--speed',
  ].filter((name) => name !== false);
  if (given.length === 0) return;
  throw new UsageError(`${given.join(', ')} only works in a rehearsal.`, 'Add --rehearse, or leave it out.');
}
