/** What stands for the names that are open in a step's command until the run knows them. */
import { fillKnown } from '../plan/command.ts';
import { subscriptionName } from '../plan/subscription.ts';
import { ToolError } from '../runbook/errors.ts';
import type { Pipeline } from '../runbook/model.ts';
import type { RunState } from './state.ts';

/** Values by name: the run's subscription, and what earlier steps have captured. */
export function wordValues(state: RunState): Readonly<Record<string, string>> {
  const { subscription } = state.header;
  return { ...state.captured, ...(subscription && { [subscriptionName]: subscription.id }) };
}

/** The words of a step's command as far as they are known, for showing. */
export function knownWords(state: RunState, pipeline: Pipeline): Pipeline {
  try {
    return fillKnown(pipeline, wordValues(state));
  } catch (error) {
    // A captured value that cannot stand in a command: the step says so itself when it is about to run.
    if (error instanceof ToolError) return pipeline;
    throw error;
  }
}
