/**
 * The change record as Markdown, to be pasted into a ticket as it is. Whatever is handed in stays inside its block; what
 * a line looks like is decided here only.
 */
import type { DiffLine } from './diff.ts';
import { atStart, codeSpan, fence, text } from './escape.ts';
import type { ChangeRecord, Entry } from './model.ts';
import type { Fact, Page, Tone } from './page.ts';
import { partText, phraseText, say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { report } from './report.ts';
import { Scrubber } from './scrub.ts';
import type { Redact } from './scrub.ts';
import { showTime } from './time.ts';

/**
 * The record as Markdown (GitHub's dialect, limited to what Azure DevOps, ServiceNow and Jira also read). The same
 * record always gives the same bytes. Every line is looked through for secrets once more before it is escaped.
 */
export function toMarkdown(record: ChangeRecord, redactMore?: Redact): string {
  const page = new MarkdownPage(redactMore);
  report(page, record);
  return page.toString();
}

/** What stands between the values of a fact. */
const between = ' · ';

class MarkdownPage implements Page {
  readonly #blocks: string[] = [];
  readonly #scrubber: Scrubber;
  /** Lines of the list being written. */
  #list: string[] = [];

  constructor(redactMore: Redact | undefined) {
    this.#scrubber = new Scrubber(redactMore);
  }

  get redactions(): number {
    return this.#scrubber.secrets;
  }

  get redactionsAsked(): number {
    return this.#scrubber.asked;
  }

  heading(level: 1 | 2 | 3 | 4 | 5, phrase: Phrase): void {
    this.#block(`${'#'.repeat(level)} ${this.#inline(phrase)}`);
  }

  banner(lead: string, phrase: Phrase): void {
    this.#block(`**${lead}** ${this.#inline(phrase)}`);
  }

  outcome(_tone: Tone, phrase: Phrase): void {
    this.#block(`**Outcome:** ${this.#inline(phrase)}`);
  }

  paragraph(phrase: Phrase): void {
    this.#block(this.#inline(phrase));
  }

  bullet(phrase: Phrase, more: readonly Phrase[] = []): void {
    this.#list.push(`- ${this.#inline(phrase)}`, ...more.map((each) => `  - ${this.#inline(each)}`));
  }

  entry({ time, phrase, more }: Pick<Entry, 'time' | 'phrase' | 'more'>): void {
    this.bullet(say`${showTime(time)} – ${phrase}`, more);
  }

  facts(rows: readonly Fact[]): void {
    this.table(
      ['Item', 'Details'],
      rows.map(([name, ...values]) => [
        typeof name === 'string' ? [name] : name,
        values.reduce<Phrase>(
          (all, value, index) => (index === 0 ? value : say`${all}${between}${value}`),
          [],
        ),
      ]),
    );
  }

  table(head: readonly string[], rows: readonly (readonly Phrase[])[]): void {
    const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map((cell) => this.#inline(cell)))];
    this.#block(lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n'));
  }

  fence(body: string, info: 'text' | 'sh'): void {
    this.#block(fence(this.#scrubber.text(body), info));
  }

  diff(lines: readonly DiffLine[]): void {
    const body = lines.map(({ mark, text }) => `${mark} ${text}`).join('\n');
    this.#block(fence(this.#scrubber.text(body), 'diff'));
  }

  output(lead: Phrase, body: string): void {
    this.paragraph(lead);
    this.fence(body, 'text');
  }

  toString(): string {
    this.#endList();
    return `${this.#blocks.join('\n\n')}\n`;
  }

  /** The parts of a line are looked through for secrets together: a name may be in one and its value in the next. */
  #inline(phrase: Phrase): string {
    const whole = phraseText(phrase);
    const clean = this.#scrubber.text(whole);
    if (clean !== whole) return atStart(text(clean));
    const line = phrase
      .map((part) =>
        typeof part === 'object' && 'code' in part ? codeSpan(part.code) : piece(partText(part)),
      )
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
