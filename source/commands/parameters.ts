import type { Runbook } from '../runbook/model.ts';
import type { RunOptions } from './options.ts';

/** The rehearsal's cluster, unless a rehearsal is given other names. */
export const rehearsalCluster: Readonly<Record<string, string>> = {
  CLUSTER_NAME: 'rehearsal',
  RESOURCE_GROUP: 'rehearsal-rg',
};

/**
 * The values known for a runbook's parameters. What is said on the command line goes before the environment, that
 * before the rehearsal's own names, those before the runbook's defaults (which the plan fills in).
 */
export function knownValues(
  runbook: Runbook,
  options: Pick<RunOptions, 'parameter' | 'rehearse'>,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { name } of runbook.parameters) {
    const value = environment[name] ?? (options.rehearse ? rehearsalCluster[name] : undefined);
    if (value !== undefined) values[name] = value;
  }
  return { ...values, ...options.parameter };
}
