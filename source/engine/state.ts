/** The state of a run: what its events add up to. Computed by `reduce.ts`, never changed anywhere else. */
import type { Plan, PlannedStep } from '../plan/model.ts';
import type { ClusterSettings, ConfirmedBy, Failure, RunHeader, Session } from './events.ts';
import type { CommandExit, Difference, ProcessIdentity } from './ports.ts';
import type { RewriteExtent, RewriteState } from './rewriting.ts';

export type StepStatus =
  /** Not looked at yet. */
  | 'pending'
  /** Applies, and waits for the operator's word (or for nothing, if it needs none). */
  | 'ready'
  /** Its postcondition held before it ran. */
  | 'already-done'
  | 'confirmed'
  | 'running'
  /** The command has ended; whether it worked is being found out. */
  | 'settling'
  /** Started, and how it ended is not known: the tool was interrupted. */
  | 'unknown'
  /** Looked into after an interruption or an error: the operator decides. */
  | 'investigated'
  /** A warning check that did not hold. */
  | 'warned'
  | 'failed'
  | 'succeeded'
  | 'accepted'
  | 'acknowledged'
  | 'attested'
  | 'skipped'
  | 'overridden'
  | 'not-applicable';

/** A step in one of these is behind us. */
const settledStatuses: ReadonlySet<StepStatus> = new Set<StepStatus>([
  'succeeded',
  'accepted',
  'acknowledged',
  'attested',
  'skipped',
  'overridden',
  'not-applicable',
]);

export interface Attempt {
  number: number;
  /** Absent while the attempt is confirmed but has not started. */
  startedAt?: string | undefined;
  endedAt?: string | undefined;
  confirmed?:
    | {
        by: ConfirmedBy;
        typed?: string | undefined;
        at: string;
        operator: string;
        /** By the command the document gives, where the tool has a way of its own. */
        documented?: boolean | undefined;
      }
    | undefined;
  command?: readonly (readonly string[])[] | undefined;
  identity?: ProcessIdentity | undefined;
  exit?: CommandExit | undefined;
  tolerated?: string | undefined;
  toleratedLines?: number | undefined;
  cancelled: boolean;
  /** Set when the tool was interrupted while this attempt ran. */
  interrupted: boolean;
  /** What `done-when` said when the attempt was looked into. */
  effect?: boolean | null | undefined;
  failure?: Failure | undefined;
  outcome?: 'succeeded' | 'failed' | 'took-effect' | undefined;
}

export interface StepState {
  id: string;
  status: StepStatus;
  attempts: readonly Attempt[];
  /** What a check found, for display. */
  value?: string | undefined;
  /** Why it was skipped or overridden, or the note of an attestation. */
  reason?: string | undefined;
  /** Of a rewrite of all Secrets: its passes, those of earlier attempts it goes on from included. */
  rewrite?: RewriteState | undefined;
  /** Of a rewrite: what there was to write when it was looked at last. */
  extent?: RewriteExtent | undefined;
  /** Secrets written in earlier attempts that those passes do not go on from. */
  writtenBefore?: number | undefined;
  /** How the word came that acknowledged or attested it. */
  by?: ConfirmedBy | undefined;
  settledAt?: string | undefined;
  /** It ran because this step had failed; it runs again once that one has worked. */
  outOfTurnAfter?: string | undefined;
}

interface RunNote {
  time: string;
  step?: string | undefined;
  text: string;
}

export type RunStatus = 'active' | 'stopped' | 'completed';

export interface RunState {
  header: RunHeader;
  plan: Plan;
  status: RunStatus;
  stoppedBecause?: 'operator' | 'unconfirmed' | 'failed' | 'detached' | 'closed' | undefined;
  startedAt: string;
  /** Time of the last event. */
  updatedAt: string;
  sequence: number;
  sessions: readonly (Session & { startedAt: string })[];
  steps: Readonly<Record<string, StepState>>;
  captured: Readonly<Record<string, string>>;
  notes: readonly RunNote[];
  warnings: readonly RunNote[];
  /** Differences found on resume and not accepted yet. */
  drift?: readonly Difference[] | undefined;
  settings: { before?: ClusterSettings | undefined; after?: ClusterSettings | undefined };
  /** A step run out of turn because another failed. */
  detour?: { step: string; after: string } | undefined;
}

/** The planned step with this id. Throws when the plan has none, which is a defect. */
export function plannedStep(plan: Plan, id: string): PlannedStep {
  const step = plan.steps.find((candidate) => candidate.id === id);
  if (step === undefined) throw new Error(`no step "${id}" in the plan`);
  return step;
}

/** The state of a step. Throws when there is none, which is a defect. */
export function stepState(state: RunState, id: string): StepState {
  const step = Object.hasOwn(state.steps, id) ? state.steps[id] : undefined;
  if (step === undefined) throw new Error(`no step "${id}" in the run`);
  return step;
}

export function isSettled(step: StepState): boolean {
  return settledStatuses.has(step.status);
}

/** The latest attempt, if there has been one. */
export function lastAttempt(step: StepState): Attempt | undefined {
  return step.attempts.at(-1);
}
