import type { Position } from './model.ts';

/** A stretch of a file's text: offset and length in UTF-16 units. */
export interface Span {
  offset: number;
  length: number;
}

/** The text of a file and where its lines are. */
export class SourceFile {
  /** The path relative to the folder of the runbook, with forward slashes. */
  readonly name: string;
  readonly text: string;
  readonly #lineStarts: number[] = [0];

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1))
      this.#lineStarts.push(index + 1);
  }

  /** Line and column, from 1; columns count characters (code points). Offsets outside the text are moved into it. */
  position(offset: number): Position {
    const inside = Math.max(0, Math.min(offset, this.text.length));
    const line = this.lineAt(inside);
    const before = this.text.slice(this.#lineStarts[line], inside);
    return { file: this.name, line: line + 1, column: characters(before) + 1 };
  }

  /** The text of the line an offset is in, without its line break. */
  lineText(offset: number): string {
    const line = this.lineAt(Math.max(0, Math.min(offset, this.text.length)));
    const end = this.#lineStarts[line + 1];
    return this.text.slice(this.#lineStarts[line], end).replace(/\r?\n$/, '');
  }

  /** The line an offset is in, from 0; quicker to have than its position. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Length in characters rather than UTF-16 units. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
