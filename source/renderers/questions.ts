/** What the operator is asked and may answer, worded once for both renderers. */
import type { Intent } from '../engine/controller.ts';
import type { Question } from '../engine/decide.ts';
import type { ConfirmedBy } from '../engine/events.ts';
import { lastAttempt, plannedStep, type RunState, stepState } from '../engine/state.ts';
import { nextPass, usualInFlight } from '../engine/rewriting.ts';
import { earlierFailure, failureParagraphs } from './failure.ts';
import { count } from '../engine/in-short.ts';
import { titleOf } from './status.ts';

export type Answer =
  | 'confirm'
  /** By the command the document gives. */
  | 'confirm-documented'
  | 'accept'
  | 'run-again'
  | 'acknowledge'
  | 'attest'
  | 'retry'
  | 'skip'
  | 'override'
  | 'detour'
  | 'accept-drift';

/** One way to answer. */
export interface Choice {
  answer: Answer;
  /** The key that gives it: `enter` or a letter. */
  key: string;
  /** The word that gives it, where lines are typed. */
  word: string;
  /** A few words for a row of keys. */
  does: string;
  /** What it means, as a sentence. */
  means: string;
  /** What has to be written for it, and how it is asked for. */
  needs?: { text: 'typed' | 'reason' | 'note'; ask: string } | undefined;
}

export interface QuestionText {
  /** One sentence: what has to be decided. */
  ask: string;
  /** What led here, a paragraph each. */
  because: readonly string[];
  /** The one proposed comes first. */
  choices: readonly Choice[];
}

const reason = (ask: string): Choice['needs'] => ({ text: 'reason', ask });

const skip: Choice = {
  answer: 'skip',
  key: 's',
  word: 'skip',
  does: 'skip',
  means: 'Leave this step out (asks for a reason).',
  needs: reason('Why is this step left out?'),
};
const retry: Choice = {
  answer: 'retry',
  key: 'r',
  word: 'retry',
  does: 'retry',
  means: 'Try this step again.',
};
const override: Choice = {
  answer: 'override',
  key: 'd',
  word: 'done',
  does: 'mark as done',
  means: 'Count this step as done all the same (asks for a reason).',
  needs: reason('Why does this step count as done?'),
};
/** Names are in the record of the pass; the reason is the operator's. */
const acknowledge: Choice = {
  ...override,
  word: 'acknowledge',
  does: 'acknowledge',
  means:
    'Leave the refused Secrets as they are stored, each of them named in the record. They stay under the old key: ' +
    'keep its version until they are rewritten (asks for a reason).',
  needs: reason(
    'The old key version has to stay until they are rewritten. Why may these Secrets stay as they are?',
  ),
};
const runAgain: Choice = {
  answer: 'run-again',
  key: 'r',
  word: 'run',
  does: 'run again',
  means: 'Run it again (asks for confirmation first).',
};

/** The step a question is about; none for a question about the whole run. */
export function questionStep(question: Question): string | undefined {
  return question.kind === 'drift' ? undefined : question.step;
}

/** The words and choices of a question. Times of today are told without the day; `now` says what today is. */
export function questionText(state: RunState, question: Question, now = new Date()): QuestionText {
  switch (question.kind) {
    case 'confirm':
      return confirmText(state, question);
    case 'already-done':
      return {
        ask: 'Nothing needs to run: what this step is for is already in effect.',
        because: [],
        choices: [
          {
            answer: 'accept',
            key: 'enter',
            word: 'accept',
            does: 'count as done',
            means: 'Count it as done and go on.',
          },
          {
            ...runAgain,
            does: 'run anyway',
            means: 'Run it all the same (asks for confirmation first).',
          },
        ],
      };
    case 'warning':
      return {
        ask: 'This is a warning: you may go on once you have read it.',
        because: failureParagraphs(question.failure),
        choices: [
          {
            answer: 'acknowledge',
            key: 'enter',
            word: 'read',
            does: 'go on',
            means: 'I have read it; go on.',
          },
          { ...retry, word: 'check', does: 'check again', means: 'Check again.' },
        ],
      };
    case 'attest':
      return attestText(state, question);
    case 'failed':
      return failedText(state, question, now);
    case 'unknown':
      return unknownText(question);
    case 'drift':
      return {
        ask: 'This is not as it was when the run was last worked on. Go on only if you know why.',
        because: question.differences.map(
          ({ what, expected, found }) => `${what}: expected ${expected}, found ${found}`,
        ),
        choices: [
          {
            answer: 'accept-drift',
            key: 'a',
            word: 'accept',
            does: 'go on',
            means: 'Go on in spite of the difference (asks for a reason).',
            needs: reason('Why is it right to go on?'),
          },
        ],
      };
  }
}

/** Which attempt it would be, and how the one before went. */
function attemptBefore(state: RunState, { step, attempt }: Question & { kind: 'confirm' }): string[] {
  if (attempt < 2) return [];
  const before = lastAttempt(stepState(state, step));
  const how =
    before?.failure === undefined
      ? before?.effect === true
        ? 'the one before took effect, as the cluster shows.'
        : 'how the one before ended is told with the step.'
      : `the one before failed: ${before.failure.what}`;
  return [`This is attempt ${attempt}; ${how}`];
}

function confirmText(state: RunState, question: Question & { kind: 'confirm' }): QuestionText {
  const again = attemptBefore(state, question);
  const step = plannedStep(state.plan, question.step);
  if (step.kind === 'rewrite-secrets') return rewriteText(state, question, again);
  if (question.expected === undefined) {
    return {
      ask: 'Press Enter to run this command.',
      because: again,
      choices: [
        { answer: 'confirm', key: 'enter', word: 'run', does: 'run', means: 'Run the command shown.' },
        skip,
      ],
    };
  }
  const { expected } = question;
  const name =
    expected === state.plan.target.clusterName ? `the cluster name, ${expected},` : `“${expected}”`;
  const ask = `Type ${name} to run it:`;
  return {
    ask,
    because: again,
    choices: [
      {
        answer: 'confirm',
        key: 'enter',
        word: 'run',
        does: 'run',
        means: 'Run the command shown, once the name is typed.',
        needs: { text: 'typed', ask },
      },
      skip,
    ],
  };
}

/** A rewrite is begun or gone on with; where the document gives a command for it, that can be chosen. */
function rewriteText(
  state: RunState,
  question: Question & { kind: 'confirm' },
  again: readonly string[],
): QuestionText {
  const [first] = stepState(state, question.step).rewrite ?? [];
  const goesOn =
    first !== undefined &&
    !first.verifies &&
    nextPass(stepState(state, question.step).rewrite ?? []).kind === 'pass';
  const dealt = goesOn ? count(first.counts.listed) : '0';
  const written = goesOn && first.endedAt !== undefined;
  const before = written
    ? [`${dealt} Secrets were dealt with before; only the verification is left, and begins anew.`]
    : dealt === '0'
      ? []
      : [`${dealt} Secrets were dealt with before; it goes on where it was.`];
  const asks = written
    ? 'Press Enter to go on with the verification of all Secrets.'
    : 'Press Enter to go on writing every Secret again.';
  return {
    ask: goesOn ? asks : 'Press Enter to write every Secret again.',
    because: [extentText(state, question.step), ...again, ...before],
    choices: [
      {
        answer: 'confirm',
        key: 'enter',
        word: goesOn ? 'continue' : 'rewrite',
        does: goesOn ? 'go on' : 'rewrite',
        means: written
          ? 'Verify that every Secret is stored as it should be.'
          : 'Write every Secret again without reading one, then verify all of them.',
      },
      ...(question.documented === true
        ? [
            {
              answer: 'confirm-documented',
              key: 'w',
              word: 'command',
              does: 'as the document says',
              means: 'Run the command shown instead, then verify every Secret.',
            } as const,
          ]
        : []),
      skip,
    ],
  };
}

/** What a rewrite is about to work on: how much, where, and how much at once. */
function extentText(state: RunState, step: string): string {
  const { header, plan, sessions } = state;
  const { context, cluster } = header;
  const { secrets, namespaces } = stepState(state, step).extent ?? {};
  const much = [
    ...(secrets === undefined ? [] : [`about ${count(secrets)} ${secrets === 1 ? 'Secret' : 'Secrets'}`]),
    ...(namespaces === undefined
      ? []
      : [`${count(namespaces)} ${namespaces === 1 ? 'namespace' : 'namespaces'} to look through`]),
  ];
  const where =
    context === undefined
      ? `cluster ${plan.target.clusterName} at ${cluster.fqdn}`
      : `context ${context.name} at ${context.server}`;
  const { maxInFlight = usualInFlight } = sessions.at(-1) ?? {};
  return `This is for ${[where, ...much].join(', ')}, with at most ${count(maxInFlight)} ${maxInFlight === 1 ? 'request' : 'requests'} at once.`;
}

function attestText(state: RunState, question: Question & { kind: 'attest' }): QuestionText {
  const step = plannedStep(state.plan, question.step);
  const statement = step.kind === 'manual' ? step.attest : step.title;
  const write: Choice['needs'] = {
    text: 'note',
    ask: question.noteRequired ? 'Your note (needed here):' : 'Your note:',
  };
  const plain: Choice = {
    answer: 'attest',
    // Not Enter: a statement is not to be given by a key pressed out of habit.
    key: 'y',
    word: 'yes',
    does: 'confirm',
    means: 'Confirm the sentence shown.',
  };
  const noted: Choice = {
    answer: 'attest',
    key: question.noteRequired ? 'y' : 'a',
    word: question.noteRequired ? 'yes' : 'note',
    does: question.noteRequired ? 'confirm' : 'confirm with a note',
    means: 'Confirm the sentence shown and add a note to the record.',
    needs: write,
  };
  return {
    ask: `Do you confirm: “${statement}”`,
    because: [],
    choices: question.noteRequired ? [noted, skip] : [plain, noted, skip],
  };
}

function failedText(state: RunState, question: Question & { kind: 'failed' }, now: Date): QuestionText {
  const earlier = earlierFailure(state, question.step, now);
  const [what = '', ...more] = failureParagraphs(question.failure);
  const next = question.detours[0];
  const detour: Choice[] =
    next === undefined
      ? []
      : [
          {
            answer: 'detour',
            key: 'g',
            word: 'go',
            does: 'go on even so',
            means: `Recommended: go on to “${titleOf(state, next)}”, which has to be done even so.`,
          },
        ];
  const { failure, noExceptions } = question;
  const passOver = failure.reason === 'refused' ? acknowledge : override;
  return {
    ask:
      noExceptions === undefined
        ? 'This step failed. What now?'
        : `This step failed. ${noneLeftOut(noExceptions)} What now?`,
    because: [earlier === undefined ? what : `${earlier}: ${what}`, ...more],
    choices: [...detour, retry, skip, ...(noExceptions === undefined ? [passOver] : [])],
  };
}

/** Why a step cannot be marked as done: in the question itself, since the answer that is missing is looked for there. */
function noneLeftOut(noExceptions: string): string {
  return `No Secret may be left out of it. ${noExceptions}`;
}

function unknownText(question: Question & { kind: 'unknown' }): QuestionText {
  const { noExceptions, failure } = question;
  const because = failure === undefined ? [] : failureParagraphs(failure);
  const { choices, ask } = unknownChoices(question);
  if (noExceptions === undefined) return { ask, because, choices };
  return {
    ask: `${ask} ${noneLeftOut(noExceptions)}`,
    because,
    choices: choices.filter(({ answer }) => answer !== 'override'),
  };
}

function unknownChoices(question: Question & { kind: 'unknown' }): Omit<QuestionText, 'because'> {
  if (question.effect === true) {
    return {
      ask: 'It took effect: the cluster shows what this step is for. Count it as done?',
      choices: [
        {
          answer: 'accept',
          key: 'enter',
          word: 'accept',
          does: 'count as done',
          means: 'It is in effect: count it as done and go on.',
        },
        runAgain,
        skip,
      ],
    };
  }
  if (question.effect === false) {
    return {
      ask: 'It did not take effect: the cluster does not show what this step is for. Run it again?',
      choices: [runAgain, skip, override],
    };
  }
  return {
    ask: 'Whether it took effect cannot be told from here. Look at the cluster, then decide.',
    choices: [
      {
        ...retry,
        key: 'l',
        word: 'look',
        does: 'look again',
        means: 'Let the tool look at the cluster again.',
      },
      { ...override, means: 'I have looked and it is in effect: count it as done (asks for a reason).' },
      { ...runAgain, means: 'I have looked and it is not: run it again (asks for confirmation first).' },
      skip,
    ],
  };
}

/** Names the asking, so that an answer is never taken for another question. Changes when the step is tried again. */
export function questionKey(state: RunState, question: Question): string {
  const step = questionStep(question);
  if (step === undefined) return question.kind;
  const progress = stepState(state, step);
  return [question.kind, step, lastAttempt(progress)?.number ?? 0, progress.attempts.length].join(' ');
}

/** The intent that gives `answer`. `text` is what was typed, the reason or the note, as the choice needs. */
export function intentFor(question: Question, answer: Answer, by: ConfirmedBy, text?: string): Intent {
  if (question.kind === 'drift') return { type: 'accept-drift', reason: text ?? '' };
  const { step } = question;
  switch (answer) {
    case 'confirm':
      return { type: 'confirm', step, by, ...(text === undefined ? {} : { typed: text }) };
    case 'confirm-documented':
      return { type: 'confirm', step, by, documented: true };
    case 'accept':
      return { type: 'accept', step, by };
    case 'acknowledge':
      return { type: 'acknowledge', step, by };
    case 'attest':
      return { type: 'attest', step, by, ...(text === undefined || text === '' ? {} : { note: text }) };
    case 'run-again':
      return { type: 'run-again', step };
    case 'retry':
      return { type: 'retry', step };
    case 'skip':
      return { type: 'skip', step, reason: text ?? '' };
    case 'override':
      return { type: 'override', step, reason: text ?? '' };
    case 'detour':
      return { type: 'detour', step: question.kind === 'failed' ? (question.detours[0] ?? step) : step };
    case 'accept-drift':
      return { type: 'accept-drift', reason: text ?? '' };
  }
}
