/** What is answered where nobody is asked: from the options of the command line alone. Pure. */
import type { Intent } from '../../engine/controller.ts';
import type { Question } from '../../engine/decide.ts';
import { plannedStep, type RunState } from '../../engine/state.ts';
import { intentFor, questionText } from '../questions.ts';
import { titleOf } from '../status.ts';

export interface ReplyOptions {
  /** `--yes`: confirms what can be undone. */
  yes: boolean;
  /** The value of `--accept-irreversible`. */
  acceptIrreversible?: string | undefined;
  /** Steps gone on to after a failure already. */
  detoured: ReadonlySet<string>;
}

export type Reply =
  | { kind: 'answer'; intent: Intent }
  /** Only a person can say. `why` is told to whoever reads the lines when there is none. */
  | { kind: 'ask'; why: readonly string[]; stop: 'unconfirmed' | 'failed' };

/** The answer to a question, or why there is none. */
export function reply(state: RunState, question: Question, options: ReplyOptions): Reply {
  const { yes, detoured } = options;
  const answer = (...given: [Parameters<typeof intentFor>[1], string?]): Reply => ({
    kind: 'answer',
    intent: intentFor(question, given[0], '--yes', given[1]),
  });
  if (question.kind === 'confirm') return confirm(state, question, options);
  if (question.kind === 'drift') {
    const { because } = questionText(state, question);
    return ask(
      'This is not as it was when the run was last worked on:',
      ...because,
      'Resume it in a terminal to decide.',
    );
  }
  if (!yes) {
    const stop = question.kind === 'failed' ? 'failed' : 'unconfirmed';
    return { kind: 'ask', why: [nobody, 'Use a terminal, or --yes.'], stop };
  }
  switch (question.kind) {
    case 'already-done':
      return answer('accept');
    case 'warning':
      return answer('acknowledge');
    case 'attest':
      return question.noteRequired
        ? answer('attest', 'given with --yes, without a note of its own')
        : answer('attest');
    case 'unknown':
      if (question.effect === null)
        return ask('Whether this step took effect cannot be told. Resume the run in a terminal to decide.');
      if (question.effect) return answer('accept');
      return ask(
        'This step was interrupted and does not show. Whether it runs again is for a person to say.',
      );
    case 'failed': {
      const next = question.detours.find((step) => !detoured.has(step));
      if (next === undefined)
        return {
          kind: 'ask',
          why: [
            `“${titleOf(state, question.step)}” failed, and there is nobody to ask what now.`,
            'Resume in a terminal to retry, skip or mark it as done.',
          ],
          stop: 'failed',
        };
      return { kind: 'answer', intent: { type: 'detour', step: next } };
    }
  }
}

const nobody = 'This waits for an answer, and there is nobody to ask.';

function ask(...why: string[]): Reply {
  return { kind: 'ask', why, stop: 'unconfirmed' };
}

/** `--yes` never confirms what cannot be undone; the exact text given with `--accept-irreversible` does. */
function confirm(state: RunState, question: Question & { kind: 'confirm' }, options: ReplyOptions): Reply {
  const { yes, acceptIrreversible } = options;
  const { expected, irreversible } = question;
  const wanted = expected ?? state.plan.target.clusterName;
  if ((irreversible !== undefined || expected !== undefined) && acceptIrreversible === wanted) {
    return { kind: 'answer', intent: intentFor(question, 'confirm', '--accept-irreversible', wanted) };
  }
  if (irreversible !== undefined) {
    if (acceptIrreversible !== undefined) {
      return ask(
        `--accept-irreversible says “${acceptIrreversible}”, which is not “${wanted}”. Nothing was run.`,
      );
    }
    const covered = yes
      ? '--yes does not cover a step that cannot be undone.'
      : 'This step cannot be undone.';
    return ask(`${covered} Nothing was run.`, `To confirm it, add: --accept-irreversible ${wanted}`);
  }
  if (yes) return { kind: 'answer', intent: intentFor(question, 'confirm', '--yes', expected) };
  return ask(`${nobody} Nothing was run.`, 'Use a terminal, or --yes.');
}

/** What an answer given by the options decided; undefined where the record tells it anyway. */
export function told(state: RunState, intent: Intent): string | undefined {
  switch (intent.type) {
    case 'accept':
      return 'counted as done with --yes';
    case 'acknowledge':
      return 'acknowledged with --yes';
    case 'attest': {
      const step = plannedStep(state.plan, intent.step);
      return `attested with --yes, unread: “${step.kind === 'manual' ? step.attest : step.title}”`;
    }
    case 'run-again':
      return 'it did not take effect, so it is to run again';
    case 'detour':
      return `going on to “${titleOf(state, intent.step)}”, which has to be done even so`;
    default:
      return undefined;
  }
}
