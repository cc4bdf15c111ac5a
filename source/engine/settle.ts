/** Finding out whether something worked: what the cluster says counts, not what a command returned. */
import { evaluate, evaluateValue } from '../plan/conditions.ts';
import type { PlannedRunStep, PlannedStep } from '../plan/model.ts';
import { ToolError } from '../runbook/errors.ts';
import type { Expression } from '../runbook/model.ts';
import { clusterSettings, waitUntilSettled } from './cluster.ts';
import type { RunContext } from './context.ts';
import type { Failure } from './events.ts';
import { commandFailure, errorLines, factFailure } from './failure.ts';
import type { CommandExit, FactValues } from './ports.ts';
import { redact } from './redaction.ts';
import { lastAttempt, stepState } from './state.ts';

/** A read right after an operation may still show the old value: looks before it is believed, and between them. */
const consistencyLooks = 6;
/** After a plain error nobody should wait long for the choices; a retry looks again before it sends anything. */
const failureLooks = 2;
const consistencyPollMs = 10_000;

/**
 * Whether an expression holds, over facts read now unless they are given. Throws `ToolError` when a fact cannot
 * be read or the answer is not yes or no.
 */
export async function holds(
  context: RunContext,
  expression: Expression,
  facts?: FactValues,
): Promise<boolean> {
  return evaluate(expression, facts ?? (await context.readFacts(expression.facts)));
}

/** What follows when a command has worked; `succeed`, unless more is to be found out. */
export type Afterwards = (context: RunContext, number: number) => Promise<void>;

/**
 * Decides what became of a command that has ended and appends the outcome: succeeded, failed, or (when an error
 * and the cluster disagree, or the tool was interrupted) investigated, for the operator to decide.
 */
export async function settleCommand(
  context: RunContext,
  step: PlannedRunStep,
  number: number,
  exit: CommandExit,
  afterwards: Afterwards = (_, attempt) => succeed(context, step, attempt),
): Promise<void> {
  // Its keeper was killed: it has ended, and nobody saw how.
  if (exit.code === null && exit.signal === null && exit.failure === undefined) {
    return settleLost(context, step, number);
  }
  const output = context.output(step.id, number).tail(errorLines).join('\n');
  const attempt = lastAttempt(stepState(context.state(), step.id));
  const interrupted = attempt?.interrupted === true;
  const clean = exit.code === 0 || attempt?.tolerated !== undefined;
  const failure = clean ? undefined : commandFailure(step, exit, attempt?.cancelled ?? false, output);

  let effect: boolean | null;
  try {
    effect = await findEffect(context, step, number, clean || interrupted ? consistencyLooks : failureLooks);
  } catch (error) {
    context.signal.throwIfAborted();
    const unread = factFailure(step, error);
    if (!step.changes) {
      await context.append({
        type: 'step.failed',
        step: step.id,
        attempt: number,
        failure: failure ?? unread,
      });
      return;
    }
    await context.append({
      type: 'step.investigated',
      step: step.id,
      attempt: number,
      effect: null,
      failure: failure ?? unread,
    });
    return;
  }

  if (clean && effect !== false) return afterwards(context, number);
  if (clean) {
    await context.append({
      type: 'step.failed',
      step: step.id,
      attempt: number,
      failure: {
        reason: 'postcondition',
        what: 'The command reported success, but the cluster does not show it.',
        detail: step.doneWhen && `Expected: ${step.doneWhen.source}`,
      },
    });
    return;
  }
  if (effect === true || (interrupted && effect === false)) {
    await context.append({ type: 'step.investigated', step: step.id, attempt: number, effect, failure });
    return;
  }
  await context.append({
    type: 'step.failed',
    step: step.id,
    attempt: number,
    failure: failure ?? { reason: 'lost', what: 'How the command ended is not known.' },
  });
}

/** Looks into an attempt whose command left no word: waits for Azure, then asks the postcondition. */
export async function settleLost(context: RunContext, step: PlannedRunStep, number: number): Promise<void> {
  let effect: boolean | null = null;
  let failure: Failure = {
    reason: 'lost',
    what: 'How the command ended is not known: what watched over it was interrupted.',
  };
  try {
    effect = await findEffect(context, step, number, consistencyLooks);
  } catch (error) {
    context.signal.throwIfAborted();
    failure = factFailure(step, error);
  }
  await context.append({ type: 'step.investigated', step: step.id, attempt: number, effect, failure });
}

/** Whether a step's postcondition holds, once Azure is done with the cluster. Null: the step has none. */
async function findEffect(
  context: RunContext,
  step: PlannedRunStep,
  number: number,
  looks: number,
): Promise<boolean | null> {
  if (step.changes) {
    context.doing(step.id, 'reading the cluster');
    await waitUntilSettled(context, step.id, number);
  }
  if (step.doneWhen === undefined) return null;
  for (let look = 1; ; look += 1) {
    // A command that nobody watches any more may have asked Azure for its change only now.
    if (step.changes && look > 1) await waitUntilSettled(context, step.id, number);
    context.doing(step.id, 'checking that it took effect');
    const effect = await holds(context, step.doneWhen);
    if (effect || look >= looks) {
      const expression = step.doneWhen.source.replace(/\s+/g, ' ').trim();
      await context.append({
        type: 'step.verified',
        step: step.id,
        attempt: number,
        expression,
        holds: effect,
      });
      return effect;
    }
    await context.ports.clock.sleep(consistencyPollMs, context.signal);
  }
}

/** Records what a step was to capture, how the cluster is now, and that the step has worked. */
export async function succeed(
  context: RunContext,
  step: PlannedStep,
  attempt: number,
  value?: string,
): Promise<void> {
  try {
    await capture(context, step);
  } catch (error) {
    context.signal.throwIfAborted();
    await context.append({ type: 'step.failed', step: step.id, attempt, failure: factFailure(step, error) });
    return;
  }
  if (step.kind === 'run' && step.changes) await observeSettings(context, step.id);
  await context.append({ type: 'step.succeeded', step: step.id, attempt, value });
}

/** Reads the values a step hands to later ones. Throws `ToolError` when one has no value. */
export async function capture(context: RunContext, step: PlannedStep): Promise<void> {
  for (const { name, expression } of step.capture) {
    const value = await readCaptured(context, name, expression);
    await context.append({ type: 'value.captured', step: step.id, name, value });
  }
}

/** A captured value is recorded, shown and put into commands as it is, so it may be no secret. */
async function readCaptured(context: RunContext, name: string, expression: Expression): Promise<string> {
  const value = evaluateValue(expression, await context.readFacts(expression.facts));
  if (redact(value) === value) return value;
  throw new ToolError(
    `The value of ${name} looks like a secret and is not kept.`,
    'Correct the runbook: capture a name or an id instead.',
  );
}

/**
 * Reads what of the values a step hands to later ones can be read, for a step that is passed over or counted as done
 * on the operator's word. Each that cannot is worth a warning: a later step that needs it will fail before it acts.
 */
export async function captureWhatCanBe(context: RunContext, step: PlannedStep): Promise<void> {
  for (const { name, expression } of step.capture) {
    let value: string;
    try {
      value = await readCaptured(context, name, expression);
    } catch (error) {
      context.signal.throwIfAborted();
      const { what } = factFailure(undefined, error);
      await context.append({ type: 'run.warned', step: step.id, text: `${name} was not captured: ${what}` });
      continue;
    }
    await context.append({ type: 'value.captured', step: step.id, name, value });
  }
}

/** Keeps how the cluster is after a change. That it cannot be read is worth a warning and no more. */
export async function observeSettings(context: RunContext, step: string): Promise<void> {
  try {
    const { cluster } = await context.readFacts(['cluster']);
    await context.append({
      type: 'run.settings-observed',
      moment: 'after',
      settings: clusterSettings(cluster),
    });
  } catch (error) {
    context.signal.throwIfAborted();
    const { what } = factFailure(undefined, error);
    await context.append({
      type: 'run.warned',
      step,
      text: `The settings after this step were not read: ${what}`,
    });
  }
}
