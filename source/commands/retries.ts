/** What Azure or the disk made us wait for: told while it happens, and kept until it is recorded. */
import type { Waits } from '../engine/ports.ts';

export class Retries implements Waits {
  readonly #listeners = new Set<(text: string) => void>();
  #untold: string[] = [];

  readonly add = (text: string): void => {
    // Many requests may meet the same at once; it is recorded once.
    if (!this.#untold.includes(text)) this.#untold.push(text);
    for (const listener of this.#listeners) listener(text);
  };

  subscribe(listener: (text: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What has been added since the last time this was asked. */
  take(): string[] {
    return this.#untold.splice(0);
  }
}
