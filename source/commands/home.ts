import { hint } from '../engine/hint.ts';
import { stateDirectory } from '../journal/state-directory.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import type { RunOptions } from './options.ts';
import { rehearsalCluster, requireParameterNames } from './parameters.ts';
import { requireRehearsal } from './rehearsal.ts';
import { openShippedRunbooks } from './runbook-files.ts';
import { isInteractive } from './terminal.ts';

/** The runbook that is rehearsed when there is nobody to choose one. */
const shown = 'kms-v2-public-to-pmk';

/** No subcommand: the home screen. Without a terminal a rehearsal goes through one runbook by itself. */
export async function home(options: RunOptions): Promise<ExitStatus> {
  requireRehearsal(options);
  if (options.parameter !== undefined) requireParameterNames(await openShippedRunbooks(), options);
  if (options.plain !== true && isInteractive()) {
    const { openScreen } = await import('./screen.ts');
    return openScreen(options, { kind: 'home' });
  }
  if (options.rehearse) {
    const acceptIrreversible =
      options.acceptIrreversible ?? options.parameter?.['CLUSTER_NAME'] ?? rehearsalCluster['CLUSTER_NAME'];
    const { run } = await import('./run.ts');
    return run(shown, {
      ...options,
      // The environment's names are for real clusters; nobody is here to see that they are rehearsed on.
      parameter: { ...rehearsalCluster, ...options.parameter },
      plain: true,
      yes: true,
      ...(acceptIrreversible === undefined ? {} : { acceptIrreversible }),
    });
  }
  throw new UsageError(
    'The home screen needs a terminal.',
    `Use \`${hint(['run', 'RUNBOOK', '--plain'], stateDirectory(options.stateDir, false))}\`, or see \`aks-kms-runbook --help\`.`,
  );
}
