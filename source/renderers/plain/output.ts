/** The output of commands as lines, each told once, as it comes. */
import type { RunController } from '../../engine/controller.ts';
import type { OutputBuffer } from '../../engine/output.ts';
import { lastAttempt, type StepState } from '../../engine/state.ts';
import { clean } from '../text.ts';

interface Followed {
  buffer: OutputBuffer;
  told: number;
  unsubscribe: () => void;
}

export class OutputTeller {
  readonly #controller: RunController;
  readonly #write: (line: string) => void;
  readonly #grown: () => void;
  /** By step and attempt. Absent: not followed yet; undefined: told to its end. */
  readonly #followed = new Map<string, Followed | undefined>();

  /** `grown` is called whenever there is more to tell. What has ended in `state` is not told. */
  constructor(controller: RunController, write: (line: string) => void, grown: () => void) {
    this.#controller = controller;
    this.#write = write;
    this.#grown = grown;
    for (const step of Object.values(controller.view().state.steps)) {
      for (const attempt of step.attempts)
        if (attempt.outcome !== undefined) this.#followed.set(`${step.id} ${attempt.number}`, undefined);
    }
  }

  /** Tells what a step's latest attempt has printed since. An unfinished line waits for its end or the command's. */
  tell(step: StepState): void {
    const attempt = lastAttempt(step);
    if (attempt?.command === undefined) return;
    const key = `${step.id} ${attempt.number}`;
    const followed = this.#followed.has(key)
      ? this.#followed.get(key)
      : this.#follow(key, step.id, attempt.number);
    if (followed === undefined) return;
    const ended = attempt.exit !== undefined || attempt.outcome !== undefined;
    this.#tell(followed, ended ? followed.buffer.length : followed.buffer.length - 1);
    if (!ended) return;
    followed.unsubscribe();
    this.#followed.set(key, undefined);
  }

  stop(): void {
    for (const followed of this.#followed.values()) followed?.unsubscribe();
  }

  #follow(key: string, step: string, number: number): Followed | undefined {
    const buffer = this.#controller.output(step, number);
    if (buffer === undefined) return undefined;
    const followed = { buffer, told: 0, unsubscribe: buffer.subscribe(this.#grown) };
    this.#followed.set(key, followed);
    return followed;
  }

  #tell(followed: Followed, to: number): void {
    const { buffer, told } = followed;
    if (to <= told) return;
    const missed = Math.max(0, Math.min(buffer.dropped, to) - told);
    if (missed > 0)
      this.#write(`  | … ${missed} lines came faster than they could be shown; the output file has them.`);
    for (const text of buffer.slice(told + missed, to)) this.#write(`  | ${clean(text)}`);
    followed.told = to;
  }
}
