/** A failure as it is told. */
import type { Failure } from '../engine/events.ts';
import { lastAttempt, type RunState, stepState } from '../engine/state.ts';
import { localTime } from './time.ts';

/** `Failed at 21:34, attempt 1`, for a failure of an earlier sitting; undefined for one of this sitting. */
export function earlierFailure(state: RunState, step: string, now: Date): string | undefined {
  const attempt = lastAttempt(stepState(state, step));
  const sitting = state.sessions.at(-1)?.startedAt;
  if (attempt?.endedAt === undefined || sitting === undefined || attempt.endedAt >= sitting) return undefined;
  return `Failed at ${localTime(attempt.endedAt, now)}, attempt ${attempt.number}`;
}

/** A failure for reading: what happened, what it means and what to do, then the words it was told from. */
export function failureParagraphs(failure: Failure): string[] {
  const { what, detail = '', explanation } = failure;
  // The line that `what` was told from is not told again.
  const rest = detail
    .split('\n')
    .filter((line) => line.trim() === '' || !what.includes(line.trim()))
    .join('\n');
  return [
    what,
    ...(explanation === undefined
      ? []
      : [`What it means: ${explanation.means}`, `What to do: ${explanation.do}`]),
    ...(explanation?.link === undefined ? [] : [`See ${explanation.link}`]),
    ...(rest.trim() === '' ? [] : [rest]),
  ];
}
