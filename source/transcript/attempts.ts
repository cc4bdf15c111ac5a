/** What became of the attempts of a step, in words. */
import type { Attempt, StepState } from '../engine/state.ts';

/** How an attempt ended, in a few words. */
export function attemptResult(attempt: Attempt): string {
  const { outcome, startedAt, cancelled, interrupted, exit, effect } = attempt;
  const by = cancelled ? ', ended by the operator' : '';
  if (outcome === 'took-effect') return `took effect${by}`;
  // The operator chose to run it again all the same.
  if (outcome === 'failed' && effect === true) return `found to have taken effect${by}`;
  if (outcome === 'failed' && interrupted && exit === undefined) {
    return effect === false ? 'interrupted, did not take effect' : 'interrupted, outcome never known';
  }
  if (outcome !== undefined) return `${outcome}${by}`;
  if (startedAt === undefined) return 'confirmed, not started';
  if (interrupted) return 'interrupted, outcome not known';
  return exit === undefined ? 'started, end not known' : 'command ended, outcome not known';
}

/** Where this run has started the step itself: in which attempt last, and how that ended. */
export function runHere({ attempts }: StepState): string | undefined {
  const last = attempts.findLast(
    ({ startedAt, failure }) => startedAt !== undefined && failure?.reason !== 'not-started',
  );
  return last && `run by this run in attempt ${last.number} (${attemptResult(last)})`;
}
