import { stateDirectory } from '../journal/state-directory.ts';
import { buildPlan, missingParameters } from '../plan/plan.ts';
import type { Runbook } from '../runbook/model.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { carryOutPlain, requireAccepted } from './carry-out.ts';
import { withTranscripts } from './locate.ts';
import { sayWaiting } from './terminal.ts';
import type { RunOptions } from './options.ts';
import { knownValues } from './parameters.ts';
import { openRunbook } from './runbook-files.ts';
import { rehearsalChoice, requireRehearsal } from './rehearsal.ts';
import { isInteractive } from './terminal.ts';

/**
 * `run`: a new run of a runbook, on the screen when there is a terminal. There the parameters are asked for first, unless
 * all were given with -p.
 */
export async function run(runbook: string, options: RunOptions): Promise<ExitStatus> {
  requireRehearsal(options);
  const loaded = await openRunbook(runbook);
  const values = knownValues(loaded, options);
  const onScreen = options.plain !== true && isInteractive();
  if (onScreen && !isAllGiven(loaded, options)) {
    const { openScreen } = await import('./screen.ts');
    if (missingParameters(loaded, values).length === 0)
      requireAccepted(buildPlan(loaded, values, runbook), options);
    return openScreen(
      options,
      { kind: 'start', runbookId: loaded.id },
      new Map([[loaded.id, { runbook, loaded }]]),
    );
  }
  const plan = buildPlan(loaded, values, runbook);
  requireAccepted(plan, options);
  const { beginSession } = await import('./session.ts');
  const session = await beginSession(
    await withTranscripts(stateDirectory(options.stateDir, options.rehearse === true), options),
    runbook,
    plan,
    options.rehearse ? await rehearsalChoice(plan, options) : undefined,
    options,
    sayWaiting,
  );
  if (!onScreen) return carryOutPlain(session, options);
  const { openScreen } = await import('./screen.ts');
  return openScreen(options, { kind: 'run', session });
}

/** Whether nothing is left to ask: each parameter was typed with -p. What came from elsewhere is shown first. */
function isAllGiven({ parameters }: Runbook, { parameter = {} }: RunOptions): boolean {
  return parameters.every(({ name }) => Object.hasOwn(parameter, name));
}
