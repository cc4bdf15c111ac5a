/** Blocks of Markdown. Whatever is handed in stays inside its block; what a line looks like is decided here only. */
import { atStart, codeSpan, fence, text } from './escape.ts';
import type { Entry } from './model.ts';
import { say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { Scrubber } from './scrub.ts';
import { showTime } from './time.ts';

export class Writer {
  readonly #blocks: string[] = [];
  readonly #scrubber = new Scrubber();
  /** Lines of the list being written. */
  #list: string[] = [];

  /** Secrets found in lines that had none in their parts. */
  get redactions(): number {
    return this.#scrubber.count;
  }

  heading(level: 1 | 2 | 3 | 4 | 5, phrase: Phrase): void {
    this.#block(`${'#'.repeat(level)} ${this.#inline(phrase)}`);
  }

  /** A paragraph, led by one of our own words in bold if two are given. */
  paragraph(phrase: Phrase): void;
  paragraph(lead: string, phrase: Phrase): void;
  paragraph(first: string | Phrase, second?: Phrase): void {
    if (typeof first === 'string') this.#block(`**${first}** ${this.#inline(second ?? [])}`);
    else this.#block(this.#inline(first));
  }

  bullet(phrase: Phrase, more: readonly Phrase[] = []): void {
    this.#list.push(`- ${this.#inline(phrase)}`, ...more.map((each) => `  - ${this.#inline(each)}`));
  }

  /** Something that happened, as a bullet with its time. */
  entry({ time, phrase, more }: Pick<Entry, 'time' | 'phrase' | 'more'>): void {
    this.bullet(say`${showTime(time)} – ${phrase}`, more);
  }

  table(head: readonly string[], rows: readonly (readonly Phrase[])[]): void {
    const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map((cell) => this.#inline(cell)))];
    this.#block(lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n'));
  }

  fence(body: string, info: 'text' | 'sh' | 'diff'): void {
    this.#block(fence(this.#scrubber.text(body), info));
  }

  toString(): string {
    this.#endList();
    return `${this.#blocks.join('\n\n')}\n`;
  }

  /** The parts of a line are looked through for secrets together: a name may be in one and its value in the next. */
  #inline(phrase: Phrase): string {
    const whole = phrase.map((part) => (typeof part === 'string' ? part : part.code)).join('');
    const clean = this.#scrubber.text(whole);
    if (clean !== whole) return atStart(text(clean));
    const line = phrase
      .map((part) => (typeof part === 'string' ? piece(part) : codeSpan(part.code)))
      .join('');
    return atStart(line.trim());
  }

  #block(block: string): void {
    this.#endList();
    this.#blocks.push(block);
  }

  #endList(): void {
    if (this.#list.length > 0) this.#blocks.push(this.#list.join('\n'));
    this.#list = [];
  }
}

/** Prose inside a line: spaces at its ends join it to its neighbours and must stay. */
function piece(value: string): string {
  const trimmed = value.trim();
  if (trimmed === '') return value === '' ? '' : ' ';
  return `${/^\s/.test(value) ? ' ' : ''}${text(trimmed)}${/\s$/.test(value) ? ' ' : ''}`;
}
