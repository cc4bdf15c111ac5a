/** Steps and attempts of a run, each with what happened in it. */
import type { Attempt, RunState, StepState, StepStatus } from '../engine/state.ts';
import { isSettled, stepState } from '../engine/state.ts';
import { knownWords } from '../engine/words.ts';
import { displayCommand } from '../plan/command.ts';
import type { PlannedStep } from '../plan/model.ts';
import { attemptResult, runHere } from './attempts.ts';
import type { Excerpt } from './excerpt.ts';
import type { AttemptRecord, StepName, StepRecord } from './model.ts';
import { code, say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { rewriteRecord } from './rewriting.ts';
import type { PlacedEntry } from './timeline.ts';
import { between } from './time.ts';

/** Where the journal keeps an attempt's output, from the run's directory. */
function outputPath(step: string, attempt: number): string {
  return `output/${step}-${attempt}.log`;
}

/** What is shown of an attempt's output. */
export interface ShownOutput {
  /** Absent when it is not what the command printed. */
  excerpt?: Excerpt | undefined;
}

/** The record of one step. `output` gives what is shown of an attempt's, already free of secrets. */
export function stepRecord(
  planned: PlannedStep,
  name: StepName,
  state: RunState,
  entries: readonly PlacedEntry[],
  output: (attempt: number) => ShownOutput | undefined,
): StepRecord {
  const step = stepState(state, name.id);
  const first = entries.findIndex(({ attempt }) => attempt !== undefined);
  const groups = groupByAttempt(first === -1 ? [] : entries.slice(first));
  const attempts = [...groups].map(([number, own]) =>
    attemptRecord(
      step.attempts.find((attempt) => attempt.number === number) ?? {
        number,
        cancelled: false,
        interrupted: false,
      },
      name.id,
      own,
      output(number),
    ),
  );
  const durations = attempts.flatMap(({ duration }) => duration ?? []);
  return {
    ...name,
    kind: planned.kind,
    purpose: purposeOf(planned),
    checks: planned.kind === 'check' ? oneLine(planned.check.source) : undefined,
    irreversible: planned.irreversible,
    status: step.status,
    result: resultOf(planned, step),
    duration: durations.length === 0 ? undefined : durations.reduce((sum, each) => sum + each),
    planned:
      planned.kind === 'run' && step.attempts.length === 0 && (!isSettled(step) || step.status === 'skipped')
        ? displayCommand(knownWords(state, planned.pipeline))
        : undefined,
    entries: (first === -1 ? entries : entries.slice(0, first)).map(({ entry }) => entry),
    attempts,
    rewrite: rewriteRecord(step.rewrite, { ...planned, ...step }),
  };
}

/** What became of a step, in a few words. */
export function resultOf(planned: PlannedStep, step: StepState): Phrase {
  const words = statusWords(planned, step);
  if ((step.status === 'skipped' || step.status === 'overridden') && step.reason !== undefined) {
    return say`${words}: ${step.reason}`;
  }
  if (step.status === 'succeeded' && step.value !== undefined)
    return say`${words}, found ${code(step.value)}`;
  return [words];
}

const words: Readonly<Record<Exclude<StepStatus, 'accepted' | 'already-done'>, string>> = {
  pending: 'not done',
  ready: 'not started, waiting for confirmation',
  confirmed: 'confirmed, not started',
  running: 'started, end not known',
  settling: 'command ended, outcome not known',
  unknown: 'interrupted, outcome not known',
  investigated: 'looked into, waiting for a decision',
  warned: 'warning, not yet accepted',
  failed: 'FAILED',
  succeeded: 'done',
  acknowledged: 'warning acknowledged',
  attested: 'attested',
  skipped: 'SKIPPED',
  overridden: 'MARKED AS DONE without proof',
  'not-applicable': 'does not apply',
};

function statusWords(planned: PlannedStep, step: StepState): string {
  if (step.status === 'succeeded' && planned.kind === 'check') return 'passed';
  if (step.status === 'accepted') {
    return step.attempts.at(-1)?.outcome === 'took-effect'
      ? 'done, found to have taken effect'
      : found(step, 'in effect already, not run');
  }
  if (step.status === 'already-done') return `${found(step, 'in effect before it ran')}, not yet accepted`;
  if (step.status === 'pending' && step.attempts.length > 0) {
    const { outcome } = step.attempts.at(-1) ?? {};
    return outcome === 'succeeded' || outcome === 'took-effect'
      ? 'done out of turn, to be done again'
      : 'not done, to be tried again';
  }
  return words[step.status];
}

/** Of a step that was found in effect before a command was sent: whether this run had sent one earlier. */
function found(step: StepState, otherwise: string): string {
  const here = runHere(step);
  return here === undefined ? otherwise : `${here}, then found in effect`;
}

function attemptRecord(
  attempt: Attempt,
  step: string,
  entries: readonly PlacedEntry[],
  output: ShownOutput | undefined,
): AttemptRecord {
  const { command, exit } = attempt;
  return {
    number: attempt.number,
    result: attemptResult(attempt),
    duration: between(attempt.startedAt, attempt.endedAt ?? exit?.endedAt),
    entries: entries.map(({ entry }) => entry),
    command: command === undefined ? undefined : displayCommand(command),
    exit,
    commandDuration: between(attempt.startedAt, exit?.endedAt),
    outputFile: command === undefined ? undefined : outputPath(step, attempt.number),
    output: output?.excerpt,
    outputAltered: output !== undefined && output.excerpt === undefined,
  };
}

/** An entry without an attempt of its own stays with the attempt before it. */
function groupByAttempt(entries: readonly PlacedEntry[]): Map<number, PlacedEntry[]> {
  const groups = new Map<number, PlacedEntry[]>();
  let current = 0;
  for (const placed of entries) {
    current = placed.attempt ?? current;
    const group = groups.get(current);
    if (group === undefined) groups.set(current, [placed]);
    else group.push(placed);
  }
  return groups;
}

function purposeOf(planned: PlannedStep): string | undefined {
  const purpose = planned.kind === 'manual' ? planned.instruction : planned.text;
  return purpose === undefined ? undefined : oneLine(purpose);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
