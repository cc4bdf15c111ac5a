import { UsageError } from '../runbook/errors.ts';
import type { Runbook } from '../runbook/model.ts';
import { suggestion } from '../runbook/suggest.ts';
import type { RunOptions } from './options.ts';
import { sentence } from './refused.ts';

/** The rehearsal's cluster, unless a rehearsal is given other names. */
export const rehearsalCluster: Readonly<Record<string, string>> = {
  CLUSTER_NAME: 'rehearsal',
  RESOURCE_GROUP: 'rehearsal-rg',
};

/** Throws `UsageError` when a name is given with -p that none of the runbooks has. */
export function requireParameterNames(
  runbooks: readonly Runbook[],
  { parameter = {} }: Pick<RunOptions, 'parameter'>,
): void {
  const known = [...new Set(runbooks.flatMap(({ parameters }) => parameters.map(({ name }) => name)))];
  const unknown = Object.keys(parameter).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(
    `No runbook has a parameter ${unknown}.`,
    sentence(suggestion(unknown, known, 'parameters')),
  );
}

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
