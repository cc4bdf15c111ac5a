import { isSettled, plannedStep } from './state.ts';
import type { Attempt, RunState, StepState, StepStatus } from './state.ts';
import type { JournalRecord, RunEvent } from './events.ts';
import { addProgress, beginPass, endPass, nextPass } from './rewriting.ts';

/** The events that change one step and nothing else. */
type StepEvent = Exclude<
  Extract<RunEvent, { step: string; type: `step.${string}` | `command.${string}` | `rewrite.${string}` }>,
  { type: 'step.detoured' }
>;

/**
 * The state after one more record. Pure: replaying a journal always gives the same state. Throws only when the
 * records do not belong together (no `run.started` first, a step the plan does not have).
 */
export function reduce(state: RunState | undefined, record: JournalRecord): RunState {
  const { event, time } = record;
  if (event.type === 'run.started') {
    if (state !== undefined) throw new Error(`record ${record.sequence}: the run has started already`);
    return begin(event, record);
  }
  if (state === undefined) throw new Error(`record ${record.sequence}: the run has not started yet`);
  const next: RunState = { ...state, updatedAt: time, sequence: record.sequence };
  switch (event.type) {
    case 'run.resumed':
      return {
        ...next,
        status: 'active',
        stoppedBecause: undefined,
        drift: undefined,
        sessions: [...state.sessions, { ...event.session, startedAt: time }],
        steps: mapSteps(state.steps, interrupted),
      };
    case 'run.lock-taken-over':
    case 'run.journal-repaired':
      return next;
    case 'run.drifted':
      return { ...next, drift: event.differences };
    case 'run.drift-accepted':
      return { ...next, drift: undefined };
    case 'run.settings-observed':
      return { ...next, settings: { ...state.settings, [event.moment]: event.settings } };
    case 'run.noted':
      return { ...next, notes: [...state.notes, { time, step: event.step, text: event.text }] };
    case 'run.warned':
      return { ...next, warnings: [...state.warnings, { time, step: event.step, text: event.text }] };
    case 'run.stopped':
      return { ...next, status: 'stopped', stoppedBecause: event.reason };
    case 'run.completed':
      return { ...next, status: 'completed' };
    case 'step.detoured':
      return {
        ...changeStep(next, event.step, (step) => ({ ...step, outOfTurnAfter: event.after })),
        detour: { step: event.step, after: event.after },
      };
    case 'value.captured':
      return { ...next, captured: { ...state.captured, [event.name]: event.value } };
    default:
      if (!('step' in event))
        throw new Error(`the event “${(event as RunEvent).type}” is not known to this version`);
      return settleTurns(
        changeStep(next, event.step, (step) => reduceStep(step, event, time, next)),
        event.step,
      );
  }
}

/** The state after all of `records`. */
export function replay(records: Iterable<JournalRecord>): RunState | undefined {
  let state: RunState | undefined;
  for (const record of records) state = reduce(state, record);
  return state;
}

function begin(event: Extract<RunEvent, { type: 'run.started' }>, record: JournalRecord): RunState {
  const { header, session } = event;
  return {
    header,
    plan: header.plan,
    status: 'active',
    startedAt: record.time,
    updatedAt: record.time,
    sequence: record.sequence,
    sessions: [{ ...session, startedAt: record.time }],
    steps: Object.fromEntries(
      header.plan.steps.map(({ id }): [string, StepState] => [id, { id, status: 'pending', attempts: [] }]),
    ),
    captured: {},
    notes: [],
    warnings: [],
    settings: {},
  };
}

function reduceStep(step: StepState, event: StepEvent, time: string, state: RunState): StepState {
  switch (event.type) {
    case 'step.assessed':
      if (!event.applies) return settle(step, 'not-applicable', time);
      return {
        ...step,
        status: event.alreadyDone === true ? 'already-done' : 'ready',
        extent: event.extent ?? step.extent,
      };
    case 'step.confirmed': {
      const confirmed = {
        by: event.by,
        typed: event.typed,
        at: time,
        operator: state.sessions.at(-1)?.operator.name ?? '',
        documented: event.documented,
      };
      return withAttempt({ ...step, status: 'confirmed' }, event.attempt, (attempt) => ({
        ...attempt,
        confirmed,
      }));
    }
    case 'step.started': {
      const rewrite = continued(step.rewrite, event.command);
      const dropped = rewrite === undefined ? (step.rewrite ?? []) : [];
      const written = dropped.reduce((sum, { counts }) => sum + counts.rewritten, step.writtenBefore ?? 0);
      const writtenBefore = written === 0 ? undefined : written;
      return withAttempt(
        { ...step, status: 'running', rewrite, writtenBefore },
        event.attempt,
        (attempt) => ({
          ...attempt,
          startedAt: time,
          command: event.command,
        }),
      );
    }
    case 'command.spawned':
      return withAttempt(step, event.attempt, (attempt) => ({ ...attempt, identity: event.identity }));
    case 'command.exited':
      return withAttempt({ ...step, status: 'settling' }, event.attempt, (attempt) => ({
        ...attempt,
        exit: event.exit,
        tolerated: event.tolerated,
        toleratedLines: event.toleratedLines,
      }));
    case 'command.cancelled':
      return withAttempt(step, event.attempt, (attempt) => ({ ...attempt, cancelled: true }));
    case 'step.cluster-busy':
    case 'step.cluster-settled':
    case 'step.verified':
      return step;
    case 'step.investigated':
      return withAttempt({ ...step, status: 'investigated' }, event.attempt, (attempt) => ({
        ...attempt,
        effect: event.effect,
        failure: event.failure,
      }));
    case 'step.succeeded':
      return settle(
        withAttempt({ ...step, value: event.value }, event.attempt, (attempt) => ({
          ...attempt,
          endedAt: time,
          outcome: 'succeeded',
          failure: undefined,
        })),
        'succeeded',
        time,
      );
    case 'step.failed': {
      const planned = plannedStep(state.plan, step.id);
      const warned =
        planned.kind === 'check' && planned.severity === 'warning' && event.failure.reason === 'check';
      return withAttempt({ ...step, status: warned ? 'warned' : 'failed' }, event.attempt, (attempt) => ({
        ...attempt,
        endedAt: time,
        outcome: 'failed',
        // What an earlier look said has been overtaken.
        effect: undefined,
        failure: event.failure,
      }));
    }
    case 'step.accepted':
      return settle(
        event.why === 'already' ? step : concludeAttempt(step, 'took-effect', time),
        'accepted',
        time,
      );
    case 'step.acknowledged':
      return settle({ ...step, by: event.by }, 'acknowledged', time);
    case 'step.attested':
      return settle({ ...step, reason: event.note, by: event.by }, 'attested', time);
    case 'step.skipped':
      return settle({ ...step, reason: event.reason }, 'skipped', time);
    case 'step.overridden':
      return settle({ ...step, reason: event.reason }, 'overridden', time);
    case 'step.retried':
      return { ...step, status: step.status === 'investigated' ? 'unknown' : 'pending' };
    case 'rewrite.begun': {
      const { pass: number, verifies } = event;
      return { ...step, rewrite: beginPass(step.rewrite ?? [], { number, verifies, time }) };
    }
    case 'rewrite.progressed':
      return { ...step, rewrite: addProgress(step.rewrite ?? [], event) };
    case 'rewrite.pass-ended':
      return { ...step, rewrite: endPass(step.rewrite ?? [], time, event.unproven) };
    case 'rewrite.paused':
    case 'rewrite.continued':
      return step;
    case 'step.rerun-chosen':
      return { ...concludeAttempt(step, 'failed', time), status: 'ready' };
    default:
      throw new Error(`the event “${(event as RunEvent).type}” is not known to this version`);
  }
}

/** What of a rewrite the next attempt goes on from: one of the tool's own that has not come to its end. */
function continued(rewrite: StepState['rewrite'], command: Attempt['command']): StepState['rewrite'] {
  if (rewrite === undefined || command !== undefined || rewrite[0]?.verifies === true) return undefined;
  return nextPass(rewrite).kind === 'pass' ? rewrite : undefined;
}

function settle(step: StepState, status: StepStatus, time: string): StepState {
  return { ...step, status, settledAt: time };
}

/** Closes the last attempt, if it is still open. */
function concludeAttempt(step: StepState, outcome: Attempt['outcome'], time: string): StepState {
  const last = step.attempts.at(-1);
  if (last === undefined || last.outcome !== undefined) return step;
  return withAttempt(step, last.number, (attempt) => ({ ...attempt, outcome, endedAt: time }));
}

/** What a step is when the tool is started again: nothing it was in the middle of may be taken for granted. */
function interrupted(step: StepState): StepState {
  switch (step.status) {
    case 'running':
    case 'settling':
    case 'unknown': {
      const number = step.attempts.at(-1)?.number ?? 1;
      const marked = withAttempt(step, number, (attempt) => ({ ...attempt, interrupted: true }));
      // Only a command can have gone on without us; anything else is simply looked at again.
      const command = step.attempts.at(-1)?.command !== undefined;
      return { ...marked, status: command ? 'unknown' : 'pending' };
    }
    case 'investigated':
      return { ...step, status: 'unknown' };
    case 'confirmed':
      // The word was given to a sitting that ended before acting on it: it is asked for again.
      return { ...step, status: 'pending', attempts: step.attempts.slice(0, -1) };
    case 'ready':
    case 'already-done':
    case 'warned':
      return { ...step, status: 'pending' };
    default:
      return step;
  }
}

/** Ends a detour whose step is settled, and puts steps that ran out of turn back once their cause is settled. */
function settleTurns(state: RunState, changed: string): RunState {
  const step = state.steps[changed];
  if (step === undefined || !isSettled(step)) return state;
  const detour = state.detour?.step === changed ? undefined : state.detour;
  if (step.status === 'skipped') return { ...state, detour };
  const steps = mapSteps(state.steps, (other) =>
    other.outOfTurnAfter === changed && isSettled(other) && other.status !== 'skipped'
      ? {
          ...other,
          status: 'pending',
          outOfTurnAfter: undefined,
          settledAt: undefined,
          rewrite: undefined,
          writtenBefore: undefined,
        }
      : other,
  );
  return { ...state, detour, steps };
}

function withAttempt(step: StepState, number: number, change: (attempt: Attempt) => Attempt): StepState {
  const attempts = [...step.attempts];
  const index = attempts.findIndex((attempt) => attempt.number === number);
  const before: Attempt = attempts[index] ?? { number, cancelled: false, interrupted: false };
  if (index === -1) attempts.push(change(before));
  else attempts[index] = change(before);
  return { ...step, attempts };
}

function changeStep(state: RunState, id: string, change: (step: StepState) => StepState): RunState {
  const step = Object.hasOwn(state.steps, id) ? state.steps[id] : undefined;
  if (step === undefined) throw new Error(`no step "${id}" in the plan`);
  return { ...state, steps: { ...state.steps, [id]: change(step) } };
}

function mapSteps(steps: RunState['steps'], change: (step: StepState) => StepState): RunState['steps'] {
  return Object.fromEntries(Object.entries(steps).map(([id, step]) => [id, change(step)]));
}
