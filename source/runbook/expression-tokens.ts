/** Where the parts of an expression stand: the library's tree has no positions, but comes in the order of the text. */
import type { tokenize } from '@jmespath-community/jmespath';
import type { Span } from './source-file.ts';

export type ExpressionToken = ReturnType<typeof tokenize>[number];

/** Goes through the tokens of an expression, in step with the walk through its tree. */
export class TokenWalk {
  readonly #source: string;
  readonly #tokens: readonly ExpressionToken[];
  /** The number of the token after the last one found. */
  #next = 0;

  constructor(source: string, tokens: readonly ExpressionToken[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  /** The next token of a type, and with a value where one is given; the walk goes on behind it. */
  next(type: string, value?: unknown): Span {
    return this.#spanOf(
      this.#seek((token) => String(token.type) === type && (value === undefined || token.value === value)),
    );
  }

  /** The next name of this text that stands where a field (or a function) can stand. */
  nextName(name: string, call: boolean): Span & { quoted: boolean; afterDot: boolean } {
    const found = this.#seek((token, index) => {
      if (token.value !== name || !this.#type(index).endsWith('Identifier')) return false;
      if ((this.#type(index + 1) === 'Lparen') !== call) return false;
      return this.#type(index + 1) !== 'Colon' || !['Lbrace', 'Comma'].includes(this.#type(index - 1));
    });
    return {
      ...this.#spanOf(found),
      quoted: this.#type(found) === 'QuotedIdentifier',
      afterDot: this.#type(found - 1) === 'Dot',
    };
  }

  /** The token the walk has come to, without going on. */
  here(): Span {
    return this.#spanOf(this.#next);
  }

  /** The first token of a type, wherever the walk is. */
  first(type: string): Span {
    return this.#spanOf(this.#tokens.findIndex((token) => String(token.type) === type));
  }

  #seek(isIt: (token: ExpressionToken, index: number) => boolean): number {
    const found = this.#tokens.findIndex((token, index) => index >= this.#next && isIt(token, index));
    if (found !== -1) this.#next = found + 1;
    return found;
  }

  #type(index: number): string {
    return String(this.#tokens[index]?.type);
  }

  #spanOf(index: number): Span {
    const token = this.#tokens[index];
    if (token === undefined) return { offset: 0, length: 1 };
    const end = this.#tokens[index + 1]?.start ?? this.#source.length;
    return { offset: token.start, length: this.#source.slice(token.start, end).trimEnd().length };
  }
}
