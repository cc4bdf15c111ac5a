import type { Activity } from './controller.ts';
import type { RunContext } from './context.ts';
import type { Clock } from './ports.ts';
import { redact } from './redaction.ts';

/** What goes on right now, and what the world makes it wait for. Not worth a journal line; gone with the process. */
export class Doing {
  readonly #clock: Clock;
  readonly #changed: () => void;
  #activity: Activity | undefined;
  /** The step the last activity was about. */
  #last: string | undefined;
  #waiting: string | undefined;
  #waitingSince = '';

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
    const [activity, waiting, step] = [this.#activity, this.#waiting, this.#last];
    if (waiting === undefined || step === undefined) return activity;
    if (activity !== undefined) return { ...activity, doing: `${activity.doing} – ${waiting}` };
    return { step, doing: waiting, since: this.#waitingSince, command: false, overdue: false };
  }

  /** Begins something, or says more of it; see `RunContext.doing`. `command`: a command runs. */
  say(command: boolean, ...[step, text, more = {}]: Parameters<RunContext['doing']>): void {
    this.#waiting = undefined;
    this.#last = step;
    const before = this.step === step ? this.#activity : undefined;
    this.#activity = {
      step,
      doing: redact(text),
      since: more.since ?? before?.since ?? this.#clock.now().toISOString(),
      normal: more.normal ?? before?.normal,
      command,
      overdue: more.overdue ?? before?.overdue ?? false,
      asks: command ? ('asks' in more ? more.asks : before?.asks) : undefined,
      rewrite: more.rewrite,
    };
    this.#changed();
  }

  /** What it has to wait for now; undefined when it goes on. */
  wait(text: string | undefined): void {
    if (this.#waiting === text) return;
    this.#waiting = text;
    this.#waitingSince = this.#clock.now().toISOString();
    this.#changed();
  }

  end(): void {
    this.#activity = undefined;
    this.#waiting = undefined;
    this.#changed();
  }
}
