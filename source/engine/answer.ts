/** Whether an intent answers what is being asked, and the events it becomes. Pure. */
import type { Intent } from './controller.ts';
import type { Decision, Question } from './decide.ts';
import type { RunEvent } from './events.ts';
import { redact } from './redaction.ts';
import { refusedIn } from './rewriting.ts';
import { stepState } from './state.ts';
import type { RunState } from './state.ts';

export type Answer =
  | { events: readonly RunEvent[]; refusal?: undefined }
  | { events?: undefined; refusal: string };

/** Takes an intent as the answer to the present question, or says why it is none. */
export function answer(decision: Decision, state: RunState, intent: Intent): Answer {
  if (decision.kind !== 'ask') return refuse('Nothing is being asked right now.');
  const { question } = decision;
  if (question.kind === 'drift') {
    if (intent.type !== 'accept-drift') return refuse('The differences come first: accept them or stop.');
    return withReason(intent.reason, (reason) => ({ type: 'run.drift-accepted', reason }));
  }
  if (intent.type === 'accept-drift') return refuse('No differences are being asked about.');
  if (
    'step' in intent &&
    intent.type !== 'detour' &&
    intent.type !== 'note' &&
    intent.step !== question.step
  ) {
    return refuse(`The question is about step "${question.step}", not "${intent.step}".`);
  }
  switch (intent.type) {
    case 'confirm':
      return confirm(question, intent);
    case 'accept':
      return accept(question, intent);
    case 'run-again':
      if (question.kind !== 'already-done' && question.kind !== 'unknown')
        return refuse('This step has not run yet.');
      return take({ type: 'step.rerun-chosen', step: intent.step });
    case 'acknowledge':
      if (question.kind !== 'warning') return refuse('There is no warning to acknowledge.');
      return take({ type: 'step.acknowledged', step: intent.step, by: intent.by });
    case 'attest':
      if (question.kind !== 'attest') return refuse('This step is not one to attest.');
      if (question.noteRequired && !intent.note?.trim()) return refuse('This step asks for a note.');
      return take({
        type: 'step.attested',
        step: intent.step,
        by: intent.by,
        note: redact(intent.note?.trim() ?? '') || undefined,
      });
    case 'retry':
      if (question.kind !== 'failed' && question.kind !== 'warning' && question.kind !== 'unknown') {
        return refuse('There is nothing to try again.');
      }
      return take({ type: 'step.retried', step: intent.step });
    case 'skip':
      return withReason(intent.reason, (reason) => ({ type: 'step.skipped', step: intent.step, reason }));
    case 'override':
      if (question.kind !== 'failed' && question.kind !== 'unknown')
        return refuse('Only a step that failed can be marked as done.');
      if (question.noExceptions !== undefined)
        return refuse(`No Secret may be left out in this step. ${question.noExceptions}`);
      return withReason(intent.reason, (reason) => ({
        type: 'step.overridden',
        step: intent.step,
        reason,
        acknowledged: refusedSecrets(state, question),
      }));
    case 'detour':
      if (question.kind !== 'failed' || !question.detours.includes(intent.step)) {
        return refuse(`Step "${intent.step}" is not one to go on to from here.`);
      }
      return take({ type: 'step.detoured', step: intent.step, after: question.step });
    default:
      return refuse(`"${intent.type}" answers no question of run ${state.header.runId}.`);
  }
}

function confirm(question: Question, intent: Extract<Intent, { type: 'confirm' }>): Answer {
  if (question.kind !== 'confirm') return refuse('No confirmation is being asked for.');
  if (question.expected !== undefined && intent.typed !== question.expected) {
    return refuse(`Type ${question.expected} to run this step; nothing was run.`);
  }
  if (question.irreversible !== undefined && intent.by === '--yes') {
    return refuse('--yes does not cover a step that cannot be undone.');
  }
  const { documented } = intent;
  if (documented === true && question.documented !== true)
    return refuse('The document gives no other command for this step.');
  const { step, attempt } = question;
  return take({ type: 'step.confirmed', step, attempt, by: intent.by, typed: intent.typed, documented });
}

function accept(question: Question, intent: Extract<Intent, { type: 'accept' }>): Answer {
  if (question.kind === 'already-done') {
    return take({ type: 'step.accepted', step: intent.step, why: 'already', by: intent.by });
  }
  if (question.kind === 'unknown' && question.effect === true) {
    return take({ type: 'step.accepted', step: intent.step, why: 'took-effect', by: intent.by });
  }
  return refuse('The cluster does not show it as done; mark it as done with a reason instead.');
}

/** The Secrets a question is about that the API server refuses to write, by name. */
function refusedSecrets(
  state: RunState,
  question: Question,
): { namespace: string; names: readonly string[] }[] | undefined {
  if (question.kind !== 'failed' || question.failure.reason !== 'refused') return undefined;
  const last = stepState(state, question.step).rewrite?.at(-1);
  return (last === undefined ? [] : refusedIn(last)).map(({ namespace, names }) => ({ namespace, names }));
}

function withReason(reason: string, event: (reason: string) => RunEvent): Answer {
  const text = redact(reason.trim());
  return text === '' ? refuse('A reason is needed; it goes into the change record.') : take(event(text));
}

function take(event: RunEvent): Answer {
  return { events: [event] };
}

function refuse(refusal: string): Answer {
  return { refusal };
}
