/** The exact command of a step, as lines to show. */
import { displayCommand, fillKnown } from '../plan/command.ts';
import type { PlannedRunStep } from '../plan/model.ts';
import type { Pipeline } from '../runbook/model.ts';
import { ToolError } from '../runbook/errors.ts';
import { lastAttempt, type RunState, stepState } from '../engine/state.ts';

/**
 * The words that ran last, or those that will run, after the `$` of a prompt. A name that an earlier step is still
 * to find stays as `$NAME`.
 */
export function commandLines(state: RunState, step: PlannedRunStep): string[] {
  const ran = lastAttempt(stepState(state, step.id))?.command;
  return `$ ${displayCommand(ran ?? filled(step, state))}`.split('\n');
}

function filled(step: PlannedRunStep, state: RunState): Pipeline {
  try {
    return fillKnown(step.pipeline, state.captured);
  } catch (error) {
    // A captured value that cannot stand in a command: the step says so itself when it is about to run.
    if (error instanceof ToolError) return step.pipeline;
    throw error;
  }
}
