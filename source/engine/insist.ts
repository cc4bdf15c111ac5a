import type { Clock, RunningCommand, StopSignal } from './ports.ts';

/** A command that was asked to end is asked more firmly after this long. */
const patienceMs = 10_000;
const firmness: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGKILL'];

/** Ends one command: SIGINT, then SIGTERM, then SIGKILL, each when asked again or after ten seconds. */
export class Insistence {
  readonly #clock: Clock;
  readonly #command: RunningCommand;
  #asked = 0;
  #waiting: AbortController | undefined;

  constructor(clock: Clock, command: RunningCommand) {
    this.#clock = clock;
    this.#command = command;
  }

  /** Whether the command has been asked to end at all. */
  get begun(): boolean {
    return this.#asked > 0;
  }

  /** Asks, or asks more firmly. Goes on asking by itself until `stop`. */
  async ask(): Promise<void> {
    this.#waiting?.abort();
    const waiting = new AbortController();
    this.#waiting = waiting;
    while (!waiting.signal.aborted) {
      const signal = firmness[this.#asked];
      if (signal === undefined) return;
      this.#asked += 1;
      this.#command.signal(signal);
      try {
        await this.#clock.sleep(patienceMs, waiting.signal);
      } catch {
        return;
      }
    }
  }

  /** The command has ended. */
  stop(): void {
    this.#waiting?.abort();
  }
}
