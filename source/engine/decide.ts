/** What may happen next in a run, from its state alone. The loop carries it out; screens show it. */
import type { PlannedStep } from '../plan/model.ts';
import type { Failure } from './events.ts';
import type { Difference } from './ports.ts';
import { isSettled, lastAttempt, plannedStep, stepState } from './state.ts';
import type { Attempt, RunState } from './state.ts';

/** Something only the operator can decide. */
export type Question =
  | { kind: 'drift'; differences: readonly Difference[] }
  /** May this step run? For a step that asks to be typed, `expected` is the text. */
  | {
      kind: 'confirm';
      step: string;
      attempt: number;
      expected?: string | undefined;
      irreversible?: string | undefined;
      /** Of a rewrite: whether the document's own command may be chosen instead. */
      documented?: boolean | undefined;
    }
  /** Its postcondition holds before it ran: accept, or run it all the same. */
  | { kind: 'already-done'; step: string }
  /** A warning check does not hold: read it and go on, try again, or stop. */
  | { kind: 'warning'; step: string; failure: Failure }
  | { kind: 'attest'; step: string; noteRequired: boolean }
  /** Retry, skip, override, stop; or go on to a step that is to be done even so. */
  | {
      kind: 'failed';
      step: string;
      failure: Failure;
      detours: readonly string[];
      /** Why it cannot be overridden. */
      noExceptions?: string | undefined;
    }
  /**
   * Interrupted or ended with an error, and looked into. `effect` true: it took effect, accept is proposed;
   * false: it did not, running it again is proposed; null: nobody can say but the operator.
   */
  | {
      kind: 'unknown';
      step: string;
      attempt: number;
      effect: boolean | null;
      failure?: Failure | undefined;
      /** As above. */
      noExceptions?: string | undefined;
    };

export type Decision =
  /** Look whether the step applies and whether it is already in effect. */
  | { kind: 'assess'; step: PlannedStep }
  | { kind: 'ask'; question: Question }
  /** Carry the step out; what has to be confirmed has been. */
  | { kind: 'perform'; step: PlannedStep; attempt: number }
  /** Started and no end known: find out what became of it before anything else. */
  | { kind: 'investigate'; step: PlannedStep; attempt: number }
  /** Every step is settled. */
  | { kind: 'complete' }
  | { kind: 'over' };

/** What comes next. Pure; the same state always gives the same decision. */
export function decide(state: RunState): Decision {
  if (state.status !== 'active') return { kind: 'over' };
  if (state.drift !== undefined)
    return { kind: 'ask', question: { kind: 'drift', differences: state.drift } };
  const step = currentStep(state);
  if (step === undefined) return { kind: 'complete' };
  const progress = stepState(state, step.id);
  const attempt = lastAttempt(progress);
  switch (progress.status) {
    case 'pending':
      return { kind: 'assess', step };
    case 'ready':
      return ready(step, (attempt?.number ?? 0) + 1);
    case 'already-done':
      return { kind: 'ask', question: { kind: 'already-done', step: step.id } };
    case 'confirmed':
    case 'running':
    case 'settling':
      return { kind: 'perform', step, attempt: attempt?.number ?? 1 };
    case 'unknown':
      return { kind: 'investigate', step, attempt: attempt?.number ?? 1 };
    case 'investigated':
      return {
        kind: 'ask',
        question: {
          kind: 'unknown',
          step: step.id,
          attempt: attempt?.number ?? 1,
          effect: attempt?.effect ?? null,
          failure: attempt?.failure,
          noExceptions: noExceptionsTo(step),
        },
      };
    case 'warned':
      return { kind: 'ask', question: { kind: 'warning', step: step.id, failure: failureOf(attempt) } };
    case 'failed':
      return {
        kind: 'ask',
        question: {
          kind: 'failed',
          step: step.id,
          failure: failureOf(attempt),
          detours: detoursAfter(state, step.id),
          noExceptions: noExceptionsTo(step),
        },
      };
    default:
      throw new Error(`step "${step.id}" is settled and cannot be next`);
  }
}

/** The step a run is at: the one it took out of turn, else the first that is not settled. Undefined: none is left. */
export function currentStep(state: RunState): PlannedStep | undefined {
  const id = state.detour?.step;
  if (id !== undefined) return plannedStep(state.plan, id);
  return state.plan.steps.find((step) => !isSettled(stepState(state, step.id)));
}

function ready(step: PlannedStep, attempt: number): Decision {
  switch (step.kind) {
    case 'check':
    case 'wait':
      return { kind: 'perform', step, attempt };
    case 'manual':
      return {
        kind: 'ask',
        question: { kind: 'attest', step: step.id, noteRequired: step.note === 'required' },
      };
    case 'rewrite-secrets':
      return {
        kind: 'ask',
        question: {
          kind: 'confirm',
          step: step.id,
          attempt,
          documented: step.documented !== undefined,
        },
      };
    case 'run':
      return {
        kind: 'ask',
        question: {
          kind: 'confirm',
          step: step.id,
          attempt,
          expected: step.confirm.kind === 'type' ? step.confirm.expected : undefined,
          irreversible: step.irreversible,
        },
      };
  }
}

/** Steps that are to be done even though `failed` failed, and have not been. */
function detoursAfter(state: RunState, failed: string): string[] {
  return state.plan.steps
    .filter((step) => step.evenIfFailed.includes(failed) && !isSettled(stepState(state, step.id)))
    .map((step) => step.id);
}

function noExceptionsTo(step: PlannedStep): string | undefined {
  return step.kind === 'rewrite-secrets' ? step.noExceptions : undefined;
}

function failureOf(attempt: Attempt | undefined): Failure {
  return attempt?.failure ?? { reason: 'lost', what: 'No word of why it failed was kept.' };
}
