/** From what went wrong to what the operator is told. */
import type { PlannedRunStep, PlannedStep } from '../plan/model.ts';
import { ToolError } from '../runbook/errors.ts';
import type { Failure } from './events.ts';
import type { CommandExit } from './ports.ts';

/** How az, kubectl and the runtimes under them begin a line that reports an error. */
const errorStart =
  /^(error|fatal|panic|traceback|exception|unable to|the connection to the server|server returned|the \S+ ".*" is invalid|you must be logged in)/i;

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
export function explain(step: PlannedStep, text: string): Failure['explanation'] {
  const found = step.explain.find(({ pattern }) => new RegExp(pattern, 'imu').test(text));
  return found && { means: found.means, do: found.do, link: found.link };
}

/** Whether an exit is one that a harmless error could explain: the command ended by itself, with an error status. */
export function isForgivable(exit: CommandExit): boolean {
  const others = (exit.codes ?? []).filter((code) => code !== 0).length;
  const alone = others <= 1 && exit.outputLost === undefined;
  return exit.code !== null && exit.code !== 0 && exit.failure === undefined && exit.signal === null && alone;
}

/**
 * Whether a known-harmless error may be passed over, judged on the whole output as it comes. Every line that reports
 * an error has to be a known one: a harmless error does not excuse another beside it.
 */
export class Tolerance {
  readonly #known: readonly { pattern: RegExp; because: string }[];
  #partial = '';
  #reason: string | undefined;
  #unknown = false;
  /** Lines that told of a known-harmless error. */
  lines = 0;

  constructor(step: PlannedRunStep) {
    this.#known = step.tolerate.map(({ pattern, because }) => ({
      pattern: new RegExp(pattern, 'iu'),
      because,
    }));
  }

  push(text: string): void {
    if (this.#known.length === 0 || this.#unknown) return;
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#judge(line);
  }

  /** Why it may be passed over, or undefined. */
  because(): string | undefined {
    this.#judge(this.#partial);
    this.#partial = '';
    return this.#unknown ? undefined : this.#reason;
  }

  #judge(line: string): void {
    if (!errorStart.test(line.trim())) return;
    const known = this.#known.find(({ pattern }) => pattern.test(line));
    if (known === undefined) {
      this.#unknown = true;
      return;
    }
    this.#reason ??= known.because;
    this.lines += 1;
  }
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

/** The line that most likely says what was wrong: az and kubectl start it with a word like `ERROR:`; never a warning. */
function errorLine(output: string): string | undefined {
  const lines = output.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => errorStart.test(line)) ??
    lines.find((line) => /^\([A-Za-z]+\) /.test(line)) ??
    lines.findLast((line) => line !== '' && !/^warning\b/i.test(line))
  );
}
