/** From what went wrong to what the operator is told. */
import type { PlannedStep } from '../plan/model.ts';
import { ToolError } from '../runbook/errors.ts';
import type { Failure } from './events.ts';
import type { CommandExit } from './ports.ts';

/** How az and kubectl begin a line that reports an error. */
const errorStart = /^(error|fatal)\b[:( ]?/i;

/** Lines of output an error is looked for in. */
export const errorLines = 2000;

/** Why a command that ended this way did not work, in one line, with what the runbook knows about it. */
export function commandFailure(
  step: PlannedStep,
  exit: CommandExit,
  cancelled: boolean,
  output: string,
): Failure {
  const explanation = explain(step, output);
  if (exit.failure !== undefined) {
    return { reason: 'not-started', what: exit.failure, explanation };
  }
  const how =
    exit.signal === null ? `ended with exit status ${exit.code ?? '?'}` : `was ended by ${exit.signal}`;
  const line = errorLine(output);
  return {
    reason: cancelled ? 'cancelled' : 'exit',
    what: `The command ${how}${line === undefined ? '.' : `: ${line}`}`,
    detail: output.split('\n').slice(-20).join('\n').trim() || undefined,
    explanation,
  };
}

/** What the runbook says about an error whose text contains a known pattern; the step's own entries come first. */
function explain(step: PlannedStep, text: string): Failure['explanation'] {
  const found = step.explain.find(({ pattern }) => new RegExp(pattern, 'im').test(text));
  return found && { means: found.means, do: found.do, link: found.link };
}

/**
 * Why a known-harmless error may be passed over here, or undefined. Every line that reports an error has to be a
 * known one: a harmless error does not excuse another beside it.
 */
export function toleratedBecause(step: PlannedStep, output: string): string | undefined {
  if (step.kind !== 'run') return undefined;
  const known = step.tolerate.map(({ pattern, because }) => ({ pattern: new RegExp(pattern, 'i'), because }));
  const errors = output.split('\n').filter((line) => errorStart.test(line.trim()));
  const reasons = errors.map((line) => known.find(({ pattern }) => pattern.test(line))?.because);
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** A fact could not be read, or an expression over facts could not be decided. Rethrows anything that is a defect. */
export function factFailure(step: PlannedStep | undefined, error: unknown): Failure {
  if (!(error instanceof ToolError)) throw error;
  return {
    reason: 'facts',
    what: error.message,
    detail: error.next,
    explanation: step && explain(step, error.message),
  };
}

/** The line that most likely says what was wrong: az and kubectl start it with a word like `ERROR:`. */
function errorLine(output: string): string | undefined {
  const lines = output.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => errorStart.test(line)) ??
    lines.find((line) => /^\([A-Za-z]+\) /.test(line)) ??
    lines.findLast((line) => line !== '')
  );
}
