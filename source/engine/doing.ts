import type { Activity } from './controller.ts';
import type { RunContext } from './context.ts';
import type { Clock } from './ports.ts';
import { redact } from './redaction.ts';

/** What goes on right now, and what the world makes it wait for. Not worth a journal line; gone with the process. */
export class Doing {
  readonly #clock: Clock;
  readonly #changed: () => void;
  #activity: Activity | undefined;
  #waiting: string | undefined;

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** The step it is about, if anything goes on. */
  get step(): string | undefined {
    return this.#activity?.step;
  }

  /** For the screen. */
  shown(): Activity | undefined {
    const [activity, waiting] = [this.#activity, this.#waiting];
    if (activity === undefined || waiting === undefined) return activity;
    return { ...activity, doing: `${activity.doing} – ${waiting}` };
  }

  /** Begins something, or says more of it; see `RunContext.doing`. `command`: a command runs. */
  say(command: boolean, ...[step, text, more = {}]: Parameters<RunContext['doing']>): void {
    this.#waiting = undefined;
    const before = this.step === step ? this.#activity : undefined;
    this.#activity = {
      step,
      doing: redact(text),
      since: more.since ?? before?.since ?? this.#clock.now().toISOString(),
      normal: more.normal ?? before?.normal,
      command,
      overdue: more.overdue ?? before?.overdue ?? false,
    };
    this.#changed();
  }

  /** What it has to wait for now; undefined when it goes on. */
  wait(text: string | undefined): void {
    this.#waiting = text;
    this.#changed();
  }

  end(): void {
    this.#activity = undefined;
    this.#waiting = undefined;
    this.#changed();
  }
}
