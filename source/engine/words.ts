/** What stands for the names that are open in a step's command until the run knows them. */
import { fillKnown } from '../plan/command.ts';
import type { PlannedRunStep } from '../plan/model.ts';
import { subscriptionName } from '../plan/subscription.ts';
import { ToolError } from '../runbook/errors.ts';
import type { Pipeline } from '../runbook/model.ts';
import type { RunState } from './state.ts';

/** Values by name: the run's subscription, and what earlier steps have captured. */
export function wordValues(state: RunState): Readonly<Record<string, string>> {
  return { ...state.captured, [subscriptionName]: state.header.subscription.id };
}

/** The words of a step as far as they are known, for showing. */
export function knownWords(state: RunState, step: PlannedRunStep): Pipeline {
  try {
    return fillKnown(step.pipeline, wordValues(state));
  } catch (error) {
    // A captured value that cannot stand in a command: the step says so itself when it is about to run.
    if (error instanceof ToolError) return step.pipeline;
    throw error;
  }
}
