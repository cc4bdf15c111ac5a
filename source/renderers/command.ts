/** The exact command of a step, as lines to show. */
import { displayCommand, fillKnown } from '../plan/command.ts';
import type { PlannedStep } from '../plan/model.ts';
import type { Pipeline } from '../runbook/model.ts';
import { ToolError } from '../runbook/errors.ts';
import { lastAttempt, type RunState, stepState } from '../engine/state.ts';

/**
 * The words that ran last, or those that will run, after the `$` of a prompt. A name that an earlier step is still
 * to find stays as `$NAME`. None for a step without a command.
 */
export function commandLines(state: RunState, step: PlannedStep): string[] {
  const pipeline = commandOf(step);
  if (pipeline === undefined) return [];
  const ran = lastAttempt(stepState(state, step.id))?.command;
  return `$ ${displayCommand(ran ?? filled(pipeline, state))}`.split('\n');
}

/** The command of a step, or the one the document gives for what the tool does itself; undefined without one. */
function commandOf(step: PlannedStep): Pipeline | undefined {
  if (step.kind === 'run') return step.pipeline;
  return step.kind === 'rewrite-secrets' ? step.documented?.pipeline : undefined;
}

function filled(pipeline: Pipeline, state: RunState): Pipeline {
  try {
    return fillKnown(pipeline, state.captured);
  } catch (error) {
    // A captured value that cannot stand in a command: the step says so itself when it is about to run.
    if (error instanceof ToolError) return pipeline;
    throw error;
  }
}
