/**
 * What a renderer sees of a run, and what it may say. The terminal screen and the plain lines use the same two
 * things: a view to draw and intents to send. A renderer computes nothing the view does not say.
 */
import type { ConfirmedBy } from './events.ts';
import type { Decision } from './decide.ts';
import type { OutputBuffer } from './output.ts';
import type { RewriteView } from './ports.ts';
import type { RunState } from './state.ts';

/** What an operator says. The engine takes it only if it answers what is being asked; see `IntentRefused`. */
export type Intent =
  /** Run the step. `typed` is what was typed when the step asks for a typed confirmation. */
  | {
      type: 'confirm';
      step: string;
      by: ConfirmedBy;
      typed?: string | undefined;
      /** By the command the document gives, where the question offers it. */
      documented?: boolean | undefined;
    }
  /** It is (already) in effect: count it as done. */
  | { type: 'accept'; step: string; by: ConfirmedBy }
  /** It is in effect or its end is unknown, and it shall run (again). Asks for the step's confirmation next. */
  | { type: 'run-again'; step: string }
  | { type: 'acknowledge'; step: string; by: ConfirmedBy }
  | { type: 'attest'; step: string; by: ConfirmedBy; note?: string | undefined }
  | { type: 'retry'; step: string }
  | { type: 'skip'; step: string; reason: string }
  /** Mark as done although it failed. */
  | { type: 'override'; step: string; reason: string }
  /** Go on to a step whose `even-if-failed` names the failed one. */
  | { type: 'detour'; step: string }
  | { type: 'accept-drift'; reason: string }
  | { type: 'note'; step?: string | undefined; text: string }
  /** Stop here; the run can be resumed. Refused while a command runs: detach or cancel it. */
  | { type: 'stop'; reason?: 'operator' | 'unconfirmed' | 'failed' | 'closed' | undefined }
  /** While a command runs: leave it running and stop. */
  | { type: 'detach' }
  /** While Secrets are rewritten: send nothing until told to go on. */
  | { type: 'pause' }
  | { type: 'go-on' }
  /** While something runs: end it. A command gets SIGINT, then SIGTERM, then SIGKILL, on its whole tree. */
  | { type: 'cancel' };

/** What goes on right now and is not worth a journal line. */
export interface Activity {
  step: string;
  /** One line: `running`, `waiting for Azure: cluster is Updating`, `reading cluster`, `looking for the command`. */
  doing: string;
  /** ISO 8601; what the elapsed time on screen counts from. */
  since: string;
  /** Milliseconds this usually takes, when the runbook says so. */
  normal?: number | undefined;
  /** A command is running, so `detach` and `cancel` make sense. */
  command: boolean;
  /** Set when the command has run past its `timeout`; it goes on until the operator says otherwise. */
  overdue: boolean;
  /** What the command asks of the operator and waits for, in its own words: to sign in with a browser. */
  asks?: string | undefined;
  /** Secrets are being rewritten or verified: how far that is. It can be paused. */
  rewrite?: RewriteView | undefined;
}

export interface RunView {
  state: RunState;
  decision: Decision;
  /** The question of `decision` is open: an answer sent now is taken. False while the last answer is acted on. */
  asking: boolean;
  activity?: Activity | undefined;
}

export type RunOutcome = 'completed' | 'stopped' | 'failed';

export interface RunController {
  view(): RunView;
  /** Called after every change of the view; returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
  /** Answers at once with why an intent does not fit, or undefined when it was taken. */
  send(intent: Intent): string | undefined;
  /** Cleaned output of an attempt, live or from an earlier session. Undefined when there was none. */
  output(step: string, attempt: number): OutputBuffer | undefined;
  /** Settles when the run has completed or stopped. Rejects only with a `ToolError` or a defect. */
  readonly finished: Promise<RunOutcome>;
}
