/** Redaction of a whole structure, with a count of what it found. */
import { redact } from '../engine/redaction.ts';

/** Redacts strings wherever they are. An object met twice is redacted, and counted, once. */
export class Scrubber {
  #count = 0;
  readonly #seen = new WeakMap<object, unknown>();

  /** Texts something was taken out of so far. */
  get count(): number {
    return this.#count;
  }

  text(value: string): string {
    const clean = redact(value);
    if (clean !== value) this.#count += 1;
    return clean;
  }

  /** A copy of plain data with every string in it redacted; names of properties stay as they are. */
  data<T>(value: T): T {
    return this.#copy(value) as T;
  }

  #copy(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (this.#seen.has(value)) return this.#seen.get(value);
    const copy = Array.isArray(value)
      ? value.map((item) => this.#copy(item))
      : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#copy(item)]));
    this.#seen.set(value, copy);
    return copy;
  }
}
