/** How a run ended, and what is left to be done. */
import { currentStep } from '../engine/decide.ts';
import type { Operator } from '../engine/events.ts';
import { passedOverSteps, stepCounts } from '../engine/in-short.ts';
import { lastAttempt, stepState } from '../engine/state.ts';
import type { RunState } from '../engine/state.ts';
import type { PlannedStep } from '../plan/model.ts';
import type { Outcome, StepName } from './model.ts';
import { code, refer, say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { showTime } from './time.ts';

/** The outcome in one or two sentences. `operator` is the one of the last session. */
export function outcomeOf(
  state: RunState,
  names: ReadonlyMap<string, StepName>,
  operator: Operator,
): Outcome {
  const counts = stepCounts(state);
  if (state.status === 'completed') {
    const open = passedOverSteps(state);
    if (open !== undefined) {
      return {
        kind: 'completed-without-proof',
        phrase: say`ENDED WITH ${open.toUpperCase()}. ${settled(state)}: ${counts.join(', ')}.`,
        counts,
      };
    }
    return {
      kind: 'completed',
      phrase: say`COMPLETED. ${settled(state)}: ${counts.join(', ')}.`,
      counts,
    };
  }
  const at = currentStep(state);
  const name = at === undefined ? undefined : names.get(at.id);
  const place = name === undefined ? say`after the last step` : say`at ${refer(name)}`;
  const failed = at === undefined ? [] : failureAt(state, at);
  if (state.status === 'stopped') {
    const phrase = say`STOPPED ${place}, ${why(state, operator)}.${failed} The run can be resumed.`;
    return { kind: 'stopped', phrase, counts };
  }
  const phrase = say`NOT ENDED: it stands ${place}; the last record is of ${showTime(state.updatedAt)}.${failed} It is either still going on or was interrupted, and can be resumed.`;
  return { kind: 'not-ended', phrase, counts };
}

function settled({ plan: { steps } }: RunState): string {
  return steps.length === 1 ? 'Its one step is settled' : `All ${steps.length} steps are settled`;
}

function why(state: RunState, operator: Operator): Phrase {
  const who = code(operator.name);
  switch (state.stoppedBecause) {
    case 'unconfirmed':
      return say`because a confirmation was needed and nobody was there to give it`;
    case 'failed':
      return say`because it failed`;
    case 'detached':
      return say`by ${who}, with the command left running`;
    case 'closed':
      return say`because the terminal was closed or the tool was told to end`;
    case 'operator':
    case undefined:
      return say`by ${who}`;
  }
}

/** What the step last failed with. */
function failureAt(state: RunState, step: PlannedStep): Phrase {
  const failure = lastAttempt(stepState(state, step.id))?.failure;
  return failure === undefined ? [] : say` Its last attempt failed: ${closed(failure.what)}`;
}

/** With a full stop at the end. */
function closed(sentence: string): string {
  return /[.!?]\s*$/.test(sentence) ? sentence : `${sentence}.`;
}
