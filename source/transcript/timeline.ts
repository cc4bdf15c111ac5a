/** The records of a journal in words, each under the step it belongs to. */
import type { JournalRecord, Operator, RunEvent } from '../engine/events.ts';
import { reduce } from '../engine/reduce.ts';
import { stepState } from '../engine/state.ts';
import type { RunState, StepState } from '../engine/state.ts';
import type { Entry, StepName } from './model.ts';
import { refer, say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { tell } from './tell.ts';
import type { Told } from './tell.ts';
import { showDuration, showTime, wentBack } from './time.ts';

/** An entry of a step and the attempt it goes to. */
export interface PlacedEntry {
  entry: Entry;
  attempt?: number | undefined;
}

export interface Timeline {
  /** Entries of the run as a whole. */
  history: readonly Entry[];
  /** By step id; entries without an attempt of their own belong to the attempt before them, if any. */
  steps: ReadonlyMap<string, readonly PlacedEntry[]>;
  notable: readonly Entry[];
}

/**
 * Tells every record once, where the clock went back, and a stop or a resumption also under each step whose attempt it interrupted.
 * `names` are the plan's steps by id.
 */
export function timeline(records: readonly JournalRecord[], names: ReadonlyMap<string, StepName>): Timeline {
  const history: Entry[] = [];
  const steps = new Map<string, PlacedEntry[]>();
  const notable: Entry[] = [];
  const open = new Map<string, number>();
  let operator: Operator = { name: '', localUser: '', host: '' };
  let state: RunState | undefined;
  let last: JournalRecord | undefined;
  let before: JournalRecord | undefined;

  const nameOf = (id: string): Phrase => refer(names.get(id) ?? { number: 0, id, title: id });
  const under = (step: string, placed: PlacedEntry): void => {
    const list = steps.get(step);
    if (list === undefined) steps.set(step, [placed]);
    else list.push(placed);
  };

  for (const record of records) {
    const { event } = record;
    if (event.type === 'run.started' || event.type === 'run.resumed') operator = event.session.operator;
    const back = before && wentBack(before.time, record.time);
    before = record;
    if (back !== undefined) {
      const phrase = say`The clock went back by ${showDuration(back)}: times before this and after it do not add up.`;
      const entry = { sequence: record.sequence, time: record.time, phrase, more: [] };
      history.push(entry);
      notable.push(entry);
    }
    const told = tell(event, { operator, nameOf, before: stepBefore(state) });
    state = reduce(state, record);
    if (told === undefined) {
      last = record;
      continue;
    }
    const resumed = event.type === 'run.resumed';
    const entry = entryOf(
      record,
      told,
      names,
      resumed ? interruption(last, [...open.keys()].map(nameOf)) : [],
    );
    if (told.step === undefined) history.push(entry);
    else under(told.step, { entry, attempt: told.attempt });
    if (told.notable || resumed) notable.push(entry);
    if (event.type === 'run.stopped' || resumed) {
      for (const [step, attempt] of open) under(step, { entry, attempt });
    }
    keepOpen(open, event);
    if (!precedesSession(event)) last = record;
  }
  return { history, steps, notable };
}

function stepBefore(state: RunState | undefined): (step: string) => StepState {
  return (step) => {
    if (state === undefined) throw new Error(`step "${step}" before the run has started`);
    return stepState(state, step);
  };
}

function entryOf(
  record: JournalRecord,
  told: Told,
  names: ReadonlyMap<string, StepName>,
  more: readonly Phrase[],
): Entry {
  return {
    sequence: record.sequence,
    time: record.time,
    step: told.step === undefined ? undefined : names.get(told.step),
    phrase: told.phrase,
    more: [...(told.more ?? []), ...more],
    detail: told.detail,
  };
}

/** What a resumption says about the end of the session before it. */
function interruption(last: JournalRecord | undefined, open: readonly Phrase[]): Phrase[] {
  const lines: Phrase[] = [];
  if (last !== undefined && last.event.type !== 'run.stopped') {
    lines.push(
      say`The session before it was interrupted without a word; its last record is of ${showTime(last.time)}.`,
    );
  }
  for (const step of open) lines.push(say`The outcome of ${step} was not known and had to be looked into.`);
  return lines;
}

/** Whether a session that begins wrote this before it said so. */
export function precedesSession({ type }: RunEvent): boolean {
  return type === 'run.lock-taken-over' || type === 'run.journal-repaired';
}

/** Follows which steps have an attempt that began and whose end is not known. */
function keepOpen(open: Map<string, number>, event: RunEvent): void {
  switch (event.type) {
    case 'step.started':
      open.set(event.step, event.attempt);
      break;
    case 'step.succeeded':
    case 'step.failed':
    case 'step.accepted':
    case 'step.skipped':
    case 'step.overridden':
    case 'step.rerun-chosen':
      open.delete(event.step);
      break;
    default:
  }
}
