import { OutputBuffer } from './output.ts';
import type { JournalWriter } from './ports.ts';

/** How much of an earlier attempt's output is read again. */
const rereadBytes = 1_000_000;

/** What the attempts of a run have printed: live, or read again from what an earlier sitting kept. */
export class Outputs {
  readonly #journal: JournalWriter;
  readonly #buffers = new Map<string, OutputBuffer>();

  constructor(journal: JournalWriter) {
    this.#journal = journal;
  }

  /** The buffer of an attempt, empty when it is new. */
  of(step: string, attempt: number): OutputBuffer {
    const key = `${step}-${attempt}`;
    const buffer = this.#buffers.get(key) ?? new OutputBuffer();
    this.#buffers.set(key, buffer);
    return buffer;
  }

  /** The buffer of an attempt that has started; what an earlier sitting kept comes into it in a moment. */
  show(step: string, attempt: number): OutputBuffer {
    const known = this.#buffers.get(`${step}-${attempt}`);
    if (known !== undefined) return known;
    void this.load(step, attempt);
    return this.of(step, attempt);
  }

  /** Fills an attempt's buffer from what an earlier sitting kept; that it cannot be read is said in the buffer. */
  async load(step: string, attempt: number): Promise<void> {
    const buffer = this.of(step, attempt);
    const text = await this.#journal
      .readOutput(step, attempt, rereadBytes)
      .catch(() => 'The output file could not be read.\n');
    if (buffer.length === 0) buffer.append(text);
  }
}
