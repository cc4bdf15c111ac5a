/** The exact command of a step, as lines to show. */
import { displayCommand, pipelineOf } from '../plan/command.ts';
import type { PlannedStep } from '../plan/model.ts';
import { lastAttempt, type RunState, stepState } from '../engine/state.ts';
import { knownWords } from '../engine/words.ts';

/**
 * The words that ran last, or those that will run, after the `$` of a prompt. A name that an earlier step is still
 * to find stays as `$NAME`. None for a step without a command.
 */
export function commandLines(state: RunState, step: PlannedStep): string[] {
  const command = commandText(state, step);
  return command === undefined ? [] : `$ ${command}`.split('\n');
}

/** The same as it can be pasted into a POSIX shell; undefined for a step without a command. */
export function commandText(state: RunState, step: PlannedStep): string | undefined {
  const pipeline = pipelineOf(step);
  if (pipeline === undefined) return undefined;
  const ran = lastAttempt(stepState(state, step.id))?.command;
  return displayCommand(ran ?? knownWords(state, pipeline));
}
