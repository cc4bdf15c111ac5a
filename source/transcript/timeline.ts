/** The records of a journal in words, each under the step it belongs to. */
import type { JournalRecord, Operator, RunEvent } from '../engine/events.ts';
import type { Entry, StepName } from './model.ts';
import { refer, say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { tell } from './tell.ts';
import type { Told } from './tell.ts';
import { showTime } from './time.ts';

/** An entry and where it goes. */
export interface PlacedEntry extends Entry {
  attempt?: number | undefined;
  notable: boolean;
}

export interface Timeline {
  /** Entries of the run as a whole. */
  history: readonly PlacedEntry[];
  /** By step id; entries without an attempt of their own belong to the attempt before them, if any. */
  steps: ReadonlyMap<string, readonly PlacedEntry[]>;
  notable: readonly PlacedEntry[];
}

/**
 * Tells every record once, and a stop or a resumption also under each step whose attempt it interrupted.
 * `names` are the plan's steps by id.
 */
export function timeline(records: readonly JournalRecord[], names: ReadonlyMap<string, StepName>): Timeline {
  const history: PlacedEntry[] = [];
  const steps = new Map<string, PlacedEntry[]>();
  const notable: PlacedEntry[] = [];
  const open = new Map<string, number>();
  let operator: Operator = { name: '', localUser: '', host: '' };
  let last: JournalRecord | undefined;

  const nameOf = (id: string): Phrase => refer(names.get(id) ?? { number: 0, id, title: id });
  const under = (step: string, entry: PlacedEntry): void => {
    const list = steps.get(step);
    if (list === undefined) steps.set(step, [entry]);
    else list.push(entry);
  };

  for (const record of records) {
    const { event } = record;
    if (event.type === 'run.started' || event.type === 'run.resumed') operator = event.session.operator;
    const told = tell(event, { operator, nameOf });
    if (told === undefined) {
      last = record;
      continue;
    }
    const entry = place(record, told, names);
    if (event.type === 'run.resumed') {
      entry.notable = true;
      entry.more = [...entry.more, ...interruption(last, [...open.keys()].map(nameOf))];
    }
    if (told.step === undefined) history.push(entry);
    else under(told.step, entry);
    if (entry.notable) notable.push(entry);
    if (event.type === 'run.stopped' || event.type === 'run.resumed') {
      for (const [step, attempt] of open) under(step, { ...entry, attempt });
    }
    keepOpen(open, event);
    if (!precedesSession(event)) last = record;
  }
  return { history, steps, notable };
}

function place(record: JournalRecord, told: Told, names: ReadonlyMap<string, StepName>): PlacedEntry {
  return {
    sequence: record.sequence,
    time: record.time,
    step: told.step === undefined ? undefined : names.get(told.step),
    attempt: told.attempt,
    phrase: told.phrase,
    more: told.more ?? [],
    detail: told.detail,
    notable: told.notable,
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
  for (const step of open) lines.push(say`Its outcome was not known and had to be looked into: ${step}.`);
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
