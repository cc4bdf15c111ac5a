/** What earlier steps left undone, to be read before something that cannot be undone. Pure. */
import { count } from './in-short.ts';
import { countRefused, refusedIn, refusedNames } from './rewriting.ts';
import { lastAttempt, stepState } from './state.ts';
import type { RunState, StepState } from './state.ts';

/** A sentence for each step before this one that was skipped, marked as done, or left Secrets as they were stored. */
export function leftUndone(state: RunState, before: string): string[] {
  const { steps } = state.plan;
  const end = steps.findIndex(({ id }) => id === before);
  return steps.slice(0, Math.max(0, end)).flatMap(({ id, title }, index) => {
    const left = leftBy(stepState(state, id), title);
    return left === undefined ? [] : [`Left undone before this: step ${index + 1}, ${left}`];
  });
}

function leftBy(step: StepState, title: string): string | undefined {
  const { status, reason = '' } = step;
  if (status !== 'skipped' && status !== 'overridden') return undefined;
  const last = step.rewrite?.at(-1);
  const refused = last === undefined ? [] : refusedIn(last);
  const secrets = countRefused(refused);
  const stored =
    secrets === 0
      ? undefined
      : `${count(secrets)} ${secrets === 1 ? 'Secret' : 'Secrets'} still stored as before: ${refusedNames(refused)}`;
  const acknowledged = status === 'overridden' && lastAttempt(step)?.failure?.reason === 'refused';
  if (acknowledged && stored !== undefined) return stored;
  const how = status === 'skipped' ? 'was skipped' : 'was marked as done without proof';
  return [`“${title}”, ${how}: ${reason}`, ...(stored === undefined ? [] : [stored])].join('; ');
}
