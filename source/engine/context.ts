/** What carrying out a step may use. Made by the run loop for one effect at a time. */
import type { FactName } from '../runbook/model.ts';
import type { RunEvent } from './events.ts';
import type { OutputBuffer } from './output.ts';
import type { PauseSwitch } from './pause.ts';
import type { FactValues, Ports, RewriteView, RunningCommand } from './ports.ts';
import type { RunState } from './state.ts';

export interface RunContext {
  readonly ports: Ports;
  /** Aborted when the operator cancels or stops. */
  readonly signal: AbortSignal;
  state(): RunState;
  append(event: RunEvent): Promise<void>;
  /** Rejects with a `ToolError` when nothing more can be appended. */
  checkJournal(): Promise<void>;
  /** Says what goes on, for the screen. Keeps what is not said anew while the step stays the same. */
  doing(
    step: string,
    text: string,
    more?: {
      normal?: number | undefined;
      overdue?: boolean;
      since?: string;
      asks?: string | undefined;
      rewrite?: RewriteView;
    },
  ): void;
  /** The operator's switch for what can be paused. */
  readonly pause: PauseSwitch;
  /** Reads facts anew, with the plan's parameters as `params` and the captured values. Throws `ToolError`. */
  readFacts(names: readonly FactName[]): Promise<FactValues>;
  /** The command that runs now, so that cancel and detach reach it; `starting` from the moment it is on record. */
  holdCommand(command: RunningCommand | 'starting' | undefined): void;
  /** What an attempt of this sitting has printed. */
  output(step: string, attempt: number): OutputBuffer;
  /** Fills `output` from what an earlier sitting kept. */
  loadOutput(step: string, attempt: number): Promise<void>;
}

/** The reason an effect is aborted with when the run is to stop and not just the step. */
export class Stopping extends Error {
  constructor() {
    super('the run is stopping');
    this.name = 'Stopping';
  }
}
