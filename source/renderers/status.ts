/** A step's status as a glyph and a word. The glyph never stands for something the word does not say. */
import type { Activity } from '../engine/controller.ts';
import type { PlannedStep } from '../plan/model.ts';
import { lastAttempt, type RunState, type StepState, type StepStatus } from '../engine/state.ts';
import { between, duration, localTime, roughDuration } from './time.ts';

/** What a status means for the eye; colours are chosen from it and never carry it alone. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'quiet' | 'plain';

export interface StatusLook {
  glyph: string;
  word: string;
  tone: Tone;
}

const looks: Readonly<Record<StepStatus, StatusLook>> = {
  pending: { glyph: '·', word: 'not started', tone: 'quiet' },
  ready: { glyph: '▸', word: 'next', tone: 'busy' },
  'already-done': { glyph: '=', word: 'already in effect', tone: 'busy' },
  confirmed: { glyph: '▸', word: 'about to run', tone: 'busy' },
  running: { glyph: '▸', word: 'running', tone: 'busy' },
  settling: { glyph: '▸', word: 'verifying', tone: 'busy' },
  unknown: { glyph: '?', word: 'interrupted', tone: 'warn' },
  investigated: { glyph: '?', word: 'needs your decision', tone: 'warn' },
  warned: { glyph: '!', word: 'warning', tone: 'warn' },
  failed: { glyph: '✘', word: 'failed', tone: 'bad' },
  succeeded: { glyph: '✔', word: 'done', tone: 'good' },
  accepted: { glyph: '✔', word: 'accepted as done', tone: 'good' },
  acknowledged: { glyph: '!', word: 'warning acknowledged', tone: 'warn' },
  attested: { glyph: '✔', word: 'attested', tone: 'good' },
  skipped: { glyph: '»', word: 'skipped', tone: 'warn' },
  overridden: { glyph: '≈', word: 'marked as done', tone: 'warn' },
  'not-applicable': { glyph: '–', word: 'does not apply', tone: 'quiet' },
};

export function statusLook(status: StepStatus): StatusLook {
  return looks[status];
}

/**
 * Milliseconds the latest attempt of a step took, up to `now` while it runs. Undefined when it never started, or
 * when it has no end because the tool was interrupted.
 */
export function stepDuration(step: StepState, now: Date): number | undefined {
  const attempt = lastAttempt(step);
  if (attempt?.startedAt === undefined) return undefined;
  if (attempt.endedAt !== undefined) return between(attempt.startedAt, attempt.endedAt);
  const runs = step.status === 'running' || step.status === 'settling';
  return runs ? between(attempt.startedAt, now.toISOString()) : undefined;
}

/**
 * What to say of an attempt of an earlier sitting while it is looked into or followed; undefined for any other.
 * `activity` is what goes on with the step.
 */
export function foundAgain(step: StepState, activity: Activity | undefined, now: Date): string | undefined {
  const startedAt = lastAttempt(step)?.startedAt;
  if (activity === undefined || step.status !== 'unknown' || startedAt === undefined) return undefined;
  const since = localTime(startedAt, now);
  if (activity.command) return `still running since ${since} · found again, nothing was sent again`;
  return `started ${since}, interrupted · being looked into, nothing is sent again`;
}

/** What to say before a command's own words when it asks for a sign-in. */
export const signInAsked = 'The command asks you to sign in, and goes on by itself when you have:';

/** `1m12s so far, normally about 5m`; in a rehearsal that hurries, how long that is in its time. */
export function elapsed(activity: Activity, now: Date, { sessions }: RunState): string {
  const time = duration(between(activity.since, now.toISOString()));
  if (activity.normal === undefined) return `${time} so far`;
  const { speed = 1 } = sessions.at(-1) ?? {};
  const passed = between(activity.since, now.toISOString());
  const hurried =
    speed === 1 || activity.rewrite !== undefined
      ? ''
      : ` (${duration(passed * speed)} of the rehearsal’s time)`;
  return `${time} so far${hurried}, normally about ${roughDuration(activity.normal)}`;
}

/** `4 of 9`: the place of a step in the document. */
export function place(state: RunState, id: string): string {
  return `${state.plan.steps.findIndex((step) => step.id === id) + 1} of ${state.plan.steps.length}`;
}

/** The title of a step, for a sentence that names it. */
export function titleOf(state: RunState, id: string): string {
  return state.plan.steps.find((step: PlannedStep) => step.id === id)?.title ?? id;
}
