/**
 * A command block → words. Reads what a POSIX shell reads as plain words: quotes, backslash-newline, `$NAME`,
 * `${NAME}` and `|`. What a shell would act on beyond that is refused, so that the words are the whole meaning.
 */
import type { Pipeline, Word, WordPart } from './model.ts';
import type { TextProblem } from './problems.ts';
import type { Span } from './source-file.ts';
import {
  brokenContinuation,
  controlCharacters,
  dollarProblem,
  misplacedCharacter,
  nothingBetween,
  programProblem,
  refusedCharacter,
  secondCommand,
  strayComment,
  unclosedQuote,
} from './words-refused.ts';

export interface SplitCommand {
  /** Meaningful only without problems. */
  pipeline: Pipeline;
  /** Where each word of `pipeline` stands in the block. */
  spans: readonly (readonly Span[])[];
  /** Every `$NAME`, in order, with its place in the block. */
  names: readonly (Span & { name: string })[];
  /** Every `$NAME` in single quotes, where it is these very characters. */
  quotedNames: readonly (Span & { name: string })[];
  problems: readonly TextProblem[];
}

/** Splits a block into the commands of one pipeline and their words. Never throws. */
export function splitCommand(block: string): SplitCommand {
  return new Splitter(block).split();
}

interface OpenWord {
  offset: number;
  parts: WordPart[];
  /** What stood outside quotes up to the first quote or value, for what a shell looks at in a first word. */
  bare: string;
  bareEnded: boolean;
}

class Splitter {
  readonly #block: string;
  readonly #names: (Span & { name: string })[] = [];
  readonly #quotedNames: (Span & { name: string })[] = [];
  readonly #problems: TextProblem[] = [];
  #commands: Word[][] = [[]];
  #spans: Span[][] = [[]];
  #word: OpenWord | undefined;
  #at = 0;
  /** Offset of the `|` that waits for its command. */
  #pipe: number | undefined;
  /** Only blanks so far on this line, and the line continues no other. */
  #lineStart = true;
  /** A newline has ended the pipeline; a further word starts a second one. */
  #ended = false;

  constructor(block: string) {
    this.#block = block;
  }

  split(): SplitCommand {
    for (const problem of controlCharacters(this.#block)) this.#problems.push(problem);
    while (this.#at < this.#block.length) this.#step();
    this.#endWord();
    if (this.#pipe !== undefined) this.#problems.push(nothingBetween(this.#pipe, 'after'));
    if (this.#problems.length === 0 && this.#commands.every((command) => command.length === 0))
      this.#problems.push({ offset: 0, length: 1, message: 'there is no command here' });
    return {
      pipeline: this.#commands,
      spans: this.#spans,
      names: this.#names,
      quotedNames: this.#quotedNames,
      problems: this.#problems,
    };
  }

  #step(): void {
    const character = this.#block[this.#at] ?? '';
    switch (character) {
      case ' ':
      case '\t':
        this.#endWord();
        this.#at++;
        return;
      case '\n':
        this.#newline();
        return;
      case '\\':
        this.#backslash();
        return;
      case '|':
        this.#bar();
        return;
      case '#':
        if (this.#word === undefined) this.#comment();
        else this.#add(character);
        return;
      case "'":
        this.#singleQuoted();
        return;
      case '"':
        this.#doubleQuoted();
        return;
      case '$':
        this.#dollar();
        return;
      default:
        this.#bare(character);
    }
  }

  #newline(): void {
    this.#endWord();
    this.#at++;
    this.#lineStart = true;
    // As in a shell, a line that ends in `|` goes on.
    if (this.#pipe === undefined && this.#commands.some((command) => command.length > 0)) this.#ended = true;
  }

  #backslash(): void {
    const next = this.#block[this.#at + 1];
    if (next === '\n') {
      // A backslash-newline joins lines; what follows may even go on with the same word.
      this.#at += 2;
      this.#lineStart = false;
    } else if (next === undefined || next === ' ' || next === '\t') {
      this.#problems.push(brokenContinuation(this.#at, next === undefined));
      this.#at += 2;
    } else {
      this.#endBare();
      this.#add(next, 2);
    }
  }

  #bar(): void {
    const double = this.#block[this.#at + 1];
    if (double === '|' || double === '&') {
      this.#refuse(refusedCharacter(this.#block, this.#at, false));
      return;
    }
    this.#endWord();
    if (this.#ended || this.#commands.at(-1)?.length === 0)
      this.#problems.push(nothingBetween(this.#at, 'before', this.#ended));
    this.#pipe = this.#at;
    this.#ended = false;
    this.#lineStart = false;
    this.#commands.push([]);
    this.#spans.push([]);
    this.#at++;
  }

  #comment(): void {
    const end = this.#block.indexOf('\n', this.#at);
    const stop = end === -1 ? this.#block.length : end;
    if (!this.#lineStart) this.#problems.push(strayComment(this.#at, stop - this.#at));
    this.#at = stop;
  }

  #singleQuoted(): void {
    const start = this.#at;
    const end = this.#block.indexOf("'", start + 1);
    this.#endBare();
    if (end === -1) {
      this.#problems.push(unclosedQuote(start, "'"));
      this.#add('', this.#block.length - start);
      return;
    }
    const text = this.#block.slice(start + 1, end);
    for (const { 0: written, 1: name = '', index } of text.matchAll(/\$\{?([A-Z][A-Z0-9_]*)\}?/g))
      this.#quotedNames.push({ name, offset: start + 1 + index, length: written.length });
    this.#add(text, end + 1 - start);
  }

  #doubleQuoted(): void {
    const start = this.#at;
    this.#endBare();
    this.#add('', 1);
    while (this.#at < this.#block.length) {
      const character = this.#block[this.#at] ?? '';
      const next = this.#block[this.#at + 1];
      if (character === '"') {
        this.#at++;
        return;
      }
      if (character === '$') this.#dollar();
      else if (character === '\\' && next === '\n') this.#at += 2;
      else if (character === '\\' && next !== undefined && '$`"\\'.includes(next)) this.#add(next, 2);
      else {
        const refused = refusedCharacter(this.#block, this.#at, true);
        if (refused === undefined) this.#add(character);
        else this.#refuse(refused);
      }
    }
    this.#problems.push(unclosedQuote(start, '"'));
  }

  #dollar(): void {
    const match = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/.exec(this.#block.slice(this.#at));
    const name = match?.[1] ?? match?.[2];
    if (match === null || name === undefined) {
      this.#refuse(dollarProblem(this.#block, this.#at));
      return;
    }
    this.#names.push({ name, offset: this.#at, length: match[0].length });
    this.#endBare();
    this.#open().parts.push({ name });
    this.#at += match[0].length;
  }

  #bare(character: string): void {
    const problem =
      refusedCharacter(this.#block, this.#at, false) ??
      (this.#word === undefined ? misplacedCharacter(this.#block, this.#at) : undefined);
    if (problem !== undefined) {
      this.#refuse(problem);
      return;
    }
    const word = this.#open();
    if (!word.bareEnded) word.bare += character;
    this.#add(character);
  }

  /** Notes the problem and goes on behind it, inside a word, so that one mistake is reported once. */
  #refuse(problem: TextProblem | undefined): void {
    if (problem !== undefined) this.#problems.push(problem);
    this.#endBare();
    this.#add('', Math.max(1, problem?.length ?? 1));
  }

  #add(text: string, consumed = text.length): void {
    const { parts } = this.#open();
    const last = parts.at(-1);
    if (last !== undefined && 'text' in last) last.text += text;
    else parts.push({ text });
    this.#at += consumed;
  }

  #open(): OpenWord {
    if (this.#word === undefined) {
      if (this.#ended) {
        this.#problems.push(secondCommand(this.#block, this.#at));
        // Read on as a pipeline of its own, so that what is wrong with it is found too.
        this.#commands = [[]];
        this.#spans = [[]];
        this.#ended = false;
      }
      this.#word = { offset: this.#at, parts: [], bare: '', bareEnded: false };
      this.#lineStart = false;
      this.#pipe = undefined;
    }
    return this.#word;
  }

  #endBare(): void {
    this.#open().bareEnded = true;
  }

  #endWord(): void {
    const word = this.#word;
    if (word === undefined) return;
    this.#word = undefined;
    // Text that quotes and values left empty says nothing, unless it is all there is.
    const said = word.parts.filter((part) => 'name' in part || part.text !== '');
    const parts = said.length === 0 ? [{ text: '' }] : said;
    const command = this.#commands.at(-1);
    const span = { offset: word.offset, length: this.#at - word.offset };
    if (command?.length === 0) {
      const problem = programProblem(parts, word.bare, span);
      if (problem !== undefined) this.#problems.push(problem);
    }
    command?.push(parts);
    this.#spans.at(-1)?.push(span);
  }
}
