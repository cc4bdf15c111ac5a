/** What may happen next in a run, from its state alone. The loop carries it out; screens show it. */
import type { PlannedStep } from '../plan/model.ts';
import type { Failure } from './events.ts';
import type { Difference } from './ports.ts';

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
    }
  /** Its postcondition holds before it ran: accept, or run it all the same. */
  | { kind: 'already-done'; step: string }
  /** A warning check does not hold: read it and go on, try again, or stop. */
  | { kind: 'warning'; step: string; failure: Failure }
  | { kind: 'attest'; step: string; noteRequired: boolean }
  /** Retry, skip, override, stop; or go on to a step that is to be done even so. */
  | { kind: 'failed'; step: string; failure: Failure; detours: readonly string[] }
  /**
   * Interrupted or ended with an error, and looked into. `effect` true: it took effect, accept is proposed;
   * false: it did not, running it again is proposed; null: nobody can say but the operator.
   */
  | { kind: 'unknown'; step: string; attempt: number; effect: boolean | null; failure?: Failure | undefined };

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
