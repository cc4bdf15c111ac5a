/**
 * The lines of a command's output, kept for looking at. Holds the newest `capacity` lines; the whole output is in
 * the attempt's output file. Not part of state: it may be dropped and read again at any time.
 */
export class OutputBuffer {
  readonly #capacity: number;
  readonly #listeners = new Set<() => void>();
  #lines: string[] = [];
  #partial = '';
  #dropped = 0;

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  /** Takes text as it comes; a line may arrive in pieces. */
  append(text: string): void {
    const pieces = (this.#partial + text).split('\n');
    this.#partial = pieces.pop() ?? '';
    for (const piece of pieces) this.#lines.push(piece);
    // Trimmed in bulk, so that a long output costs one copy per capacity's worth of lines.
    if (this.#lines.length > this.#capacity * 2) {
      const surplus = this.#lines.length - this.#capacity;
      this.#lines = this.#lines.slice(surplus);
      this.#dropped += surplus;
    }
    for (const listener of this.#listeners) listener();
  }

  /** Forgets everything, for an output that is told from its beginning again. */
  clear(): void {
    this.#lines = [];
    this.#partial = '';
    this.#dropped = 0;
  }

  /** Lines there have been, including dropped ones and an unfinished last one. */
  get length(): number {
    return this.#dropped + this.#lines.length + (this.#partial === '' ? 0 : 1);
  }

  /** Lines no longer held; `slice` starts after them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Lines `from` (0 is the first there ever was) up to `to`, as far as they are still held. */
  slice(from: number, to: number): string[] {
    const start = Math.max(0, from - this.#dropped);
    const end = Math.max(0, to - this.#dropped);
    const held = this.#lines.slice(start, end);
    if (this.#partial !== '' && end > this.#lines.length && start <= this.#lines.length)
      held.push(this.#partial);
    return held;
  }

  /** The last `count` lines. */
  tail(count: number): string[] {
    return this.slice(this.length - count, this.length);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
