/** The exact command of a step, as lines to show. */
import { displayCommand } from '../plan/command.ts';
import type { PlannedRunStep } from '../plan/model.ts';
import { lastAttempt, type RunState, stepState } from '../engine/state.ts';
import { knownWords } from '../engine/words.ts';

/**
 * The words that ran last, or those that will run, after the `$` of a prompt. A name that an earlier step is still
 * to find stays as `$NAME`.
 */
export function commandLines(state: RunState, step: PlannedRunStep): string[] {
  const ran = lastAttempt(stepState(state, step.id))?.command;
  return `$ ${displayCommand(ran ?? knownWords(state, step))}`.split('\n');
}
