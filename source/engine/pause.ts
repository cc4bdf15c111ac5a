import type { Pause } from './ports.ts';

/** What the operator pauses by a key. There is something to pause only between `open` and the function it returns. */
export class PauseSwitch implements Pause {
  readonly #listeners = new Set<() => void>();
  #open = false;
  #on = false;

  get on(): boolean {
    return this.#on;
  }

  /** Something begins that can be paused; the result is called when it ends. */
  open(): () => void {
    this.#open = true;
    return () => {
      this.#open = false;
      this.#on = false;
    };
  }

  /** Pauses or goes on. Returns why not, or undefined when it is so now. */
  set(on: boolean): string | undefined {
    if (!this.#open) return 'Nothing that can be paused is going on.';
    if (this.#on === on) return undefined;
    this.#on = on;
    for (const listener of this.#listeners) listener();
    return undefined;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
