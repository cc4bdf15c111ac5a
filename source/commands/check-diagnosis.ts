/**
 * What runbooks check before they change anything, looked at beforehand: their own expressions, with their own
 * messages and fixes, so that it is what a run would say.
 */
import { evaluate, evaluateValue } from '../plan/conditions.ts';
import { factNames } from '../runbook/model.ts';
import type { CheckStep, FactName, Runbook } from '../runbook/model.ts';
import { ToolError } from '../runbook/errors.ts';
import { problem } from './finding.ts';
import type { Finding } from './finding.ts';
import type { LookFacts } from './look-facts.ts';

/** A runbook that is asked about, and the values of its parameters. */
export interface Asked {
  runbook: Runbook;
  parameters: Readonly<Record<string, string>>;
}

/** Facts that are the same whatever the cluster is. */
const anyCluster: ReadonlySet<FactName> = new Set(['tools', 'features', 'account', 'params']);

/**
 * By what a check is about: the facts of which nothing more is said once it does not hold. Later checks are worded for
 * a cluster that the earlier ones let pass, as "already on CMK" is for one that is not on PMK.
 */
const supposed = new Map<FactName, readonly FactName[]>([
  ['cluster', factNames.filter((name) => !anyCluster.has(name))],
  ['identity', ['identity', 'roles']],
  ['upgrades', ['upgrades']],
]);

/** Facts that the cluster's API server tells, which has to be running for it. */
const fromApiServer: ReadonlySet<FactName> = new Set(['access', 'secrets', 'policy']);

/**
 * The checks a run makes before its first change. Those that need a value the run captures are left out; so are, with
 * `cluster` false, those about the cluster.
 */
export function firstChecks({ sections }: Runbook, cluster = true): CheckStep[] {
  const steps = sections.flatMap((section) => section.steps);
  const change = steps.findIndex(
    (step) => step.kind === 'rewrite-secrets' || (step.kind === 'run' && step.changes),
  );
  return steps
    .slice(0, change === -1 ? steps.length : change)
    .filter((step) => step.kind === 'check')
    .filter((step) => !factsOf(step).includes('captured') && (cluster || !isAboutCluster(step)));
}

/** Looks at the checks of all that are asked about, each once. `cluster` false: no cluster is looked at. */
export async function diagnoseChecks(
  asked: readonly Asked[],
  facts: LookFacts,
  cluster: boolean,
): Promise<Finding[]> {
  const all = asked.map(({ runbook, parameters }) => ({
    runbook,
    parameters,
    checks: firstChecks(runbook, cluster),
  }));
  const names = all.flatMap(({ checks }) => checks.flatMap(factsOf));
  await facts.read(names.filter((name) => !fromApiServer.has(name)));
  const inside = names.filter((name) => fromApiServer.has(name));
  const merged = new Map<string, { finding: Finding; runbooks: string[] }>();
  for (const { runbook, parameters, checks } of all) {
    const left = new Set<FactName>();
    const told = new Set<string>();
    for (const step of checks) {
      const skipped = factsOf(step).some((name) => left.has(name));
      const finding = skipped ? notLookedAt(step) : await look(step, parameters, facts, inside, told);
      if (finding === undefined) continue;
      if (finding.status === 'missing')
        for (const name of step.check.facts) for (const on of supposed.get(name) ?? []) left.add(on);
      const key = `${step.title}\n${step.check.source}\n${step.when?.source ?? ''}`;
      const known = merged.get(key);
      if (known === undefined) merged.set(key, { finding, runbooks: [runbook.id] });
      else {
        known.runbooks.push(runbook.id);
        // One runbook may have come further than another.
        if (known.finding.status === 'unknown') known.finding = finding;
      }
    }
  }
  return [...merged.values()].map(({ finding, runbooks }) => ({
    ...finding,
    runbooks: runbooks.length === asked.length ? undefined : runbooks,
  }));
}

/**
 * Looks at one; undefined: it does not apply. What the API server tells is read all at once (`inside`). Why a fact
 * cannot be read is said once (`told`).
 */
async function look(
  step: CheckStep,
  parameters: Asked['parameters'],
  facts: LookFacts,
  inside: readonly FactName[],
  told: Set<string>,
): Promise<Finding | undefined> {
  const { title: what, message: means, fix, value } = step;
  const names = factsOf(step);
  const asking = names.some((name) => fromApiServer.has(name)) ? [...names, ...inside] : names;
  const { values, failures } = await facts.read(asking);
  const about = 'runbook';
  // That has a finding of its own.
  if (failures.has('cluster') && isAboutCluster(step)) return notLookedAt(step);
  const failure = names.map((name) => failures.get(name)).find((found) => found !== undefined);
  if (failure !== undefined) {
    const why = failure.cause instanceof ToolError ? failure.cause.message : failure.message;
    if (told.has(why)) return notLookedAt(step);
    told.add(why);
    return problem(about, what, failure);
  }
  const known = { ...values, params: parameters };
  if (names.some((name) => known[name] === undefined)) return notLookedAt(step);
  try {
    if (step.when !== undefined && !evaluate(step.when, known)) return undefined;
    const shown =
      value === undefined || value.facts.includes('captured') ? '' : evaluateValue(value, known, '');
    const found = shown || undefined;
    if (evaluate(step.check, known)) return { about, what, status: 'ok', found };
    return { about, what, status: step.severity === 'warning' ? 'warning' : 'missing', found, means, fix };
  } catch (error) {
    if (error instanceof ToolError) return problem(about, what, error);
    throw error;
  }
}

function notLookedAt({ title }: CheckStep): Finding {
  return { about: 'runbook', what: title, status: 'unknown' };
}

function isAboutCluster(step: CheckStep): boolean {
  return factsOf(step).some((name) => !anyCluster.has(name));
}

/** The facts it takes to make a check; its value may name others that a run captures. */
function factsOf({ check, when, value }: CheckStep): FactName[] {
  const shown = value === undefined || value.facts.includes('captured') ? [] : value.facts;
  return [...new Set([...check.facts, ...(when?.facts ?? []), ...shown])];
}
