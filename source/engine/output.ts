/** Below this a piece is joined with the one before it, so that output that comes line by line makes few. Characters. */
const shortPiece = 32_768;

/** Whole lines that came together. */
interface Piece {
  text: string;
  count: number;
  /** Its lines, once somebody has looked. */
  lines?: readonly string[];
}

/**
 * The lines of a command's output, kept for looking at. Holds the newest `capacity` lines and some more; the whole
 * output is in the attempt's output file. Not part of state: it may be dropped and read again at any time.
 *
 * Text is divided into lines when they are looked at: of a long output most go by unseen.
 */
export class OutputBuffer {
  readonly #capacity: number;
  readonly #listeners = new Set<() => void>();
  #pieces: Piece[] = [];
  /** Lines in the pieces. */
  #held = 0;
  #partial = '';
  #dropped = 0;

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  /** Takes text as it comes; a line may arrive in pieces. */
  append(text: string): void {
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) this.#partial += text;
    else {
      this.#hold(this.#partial + text.slice(0, end), lineEnds(text));
      this.#partial = text.slice(end);
    }
    for (const listener of this.#listeners) listener();
  }

  #hold(text: string, count: number): void {
    const unheld = count - this.#capacity;
    if (unheld > 0) {
      this.#dropped += this.#held + unheld;
      this.#held = this.#capacity;
      this.#pieces = [{ text: text.slice(startOfLine(text, unheld)), count: this.#capacity }];
      return;
    }
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.text.length + text.length <= shortPiece)
      this.#pieces[this.#pieces.length - 1] = { text: last.text + text, count: last.count + count };
    else this.#pieces.push({ text, count });
    this.#held += count;
    let surplus = 0;
    for (const piece of this.#pieces) {
      if (this.#held - piece.count < this.#capacity) break;
      this.#held -= piece.count;
      this.#dropped += piece.count;
      surplus += 1;
    }
    if (surplus > 0) this.#pieces = this.#pieces.slice(surplus);
  }

  /** Forgets everything, for an output that is told from its beginning again. */
  clear(): void {
    this.#pieces = [];
    this.#held = 0;
    this.#partial = '';
    this.#dropped = 0;
  }

  /** Lines there have been, including dropped ones and an unfinished last one. */
  get length(): number {
    return this.#dropped + this.#held + (this.#partial === '' ? 0 : 1);
  }

  /** Lines no longer held; `slice` starts after them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Lines `from` (0 is the first there ever was) up to `to`, as far as they are still held. */
  slice(from: number, to: number): string[] {
    const found: string[] = [];
    let first = this.#dropped;
    for (const piece of this.#pieces) {
      if (first >= to) return found;
      if (first + piece.count > from) {
        piece.lines ??= piece.text.slice(0, -1).split('\n');
        for (const line of piece.lines.slice(Math.max(0, from - first), to - first)) found.push(line);
      }
      first += piece.count;
    }
    if (this.#partial !== '' && from <= first && first < to) found.push(this.#partial);
    return found;
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

/** How many lines end in the text. */
function lineEnds(text: string): number {
  let count = 0;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) count += 1;
  return count;
}

/** Where a line begins; the first is 0. */
function startOfLine(text: string, line: number): number {
  let start = 0;
  for (let number = 0; number < line; number += 1) start = text.indexOf('\n', start) + 1;
  return start;
}
