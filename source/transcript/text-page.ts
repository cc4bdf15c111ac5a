/** The change record as lines of plain text, for a terminal. Lines are as long as they are: whoever shows them wraps. */
import type { DiffLine } from './diff.ts';
import { oneLine, visible } from './escape.ts';
import type { ChangeRecord, Entry } from './model.ts';
import type { Fact, Page, Tone } from './page.ts';
import { phraseText, say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { overview, report } from './report.ts';
import { Scrubber } from './scrub.ts';
import { showTime } from './time.ts';

/** A whole record. */
export function reportLines(record: ChangeRecord): string[] {
  const page = new TextPage();
  report(page, record);
  return page.lines;
}

/** What a change manager reads of it. */
export function overviewLines(record: ChangeRecord): string[] {
  const page = new TextPage();
  overview(page, record);
  return page.lines;
}

const headings = {
  1: (text: string) => text,
  2: (text: string) => `═══ ${text} ═══`,
  3: (text: string) => `── ${text} ──`,
  4: (text: string) => `▸ ${text}`,
  5: (text: string) => `  ▹ ${text}`,
} as const;

class TextPage implements Page {
  readonly lines: string[] = [];
  readonly #scrubber = new Scrubber();
  /** The last line is one of a list. */
  #listing = false;

  get redactions(): number {
    return this.#scrubber.secrets;
  }

  get redactionsAsked(): number {
    return this.#scrubber.asked;
  }

  heading(level: 1 | 2 | 3 | 4 | 5, phrase: Phrase): void {
    this.#block([headings[level](this.#inline(phrase))]);
  }

  banner(lead: string, phrase: Phrase): void {
    this.#block([`${lead} ${this.#inline(phrase)}`]);
  }

  outcome(_tone: Tone, phrase: Phrase): void {
    this.#block([`Outcome: ${this.#inline(phrase)}`]);
  }

  paragraph(phrase: Phrase): void {
    this.#block([this.#inline(phrase)]);
  }

  bullet(phrase: Phrase, more: readonly Phrase[] = []): void {
    if (!this.#listing) this.#block([]);
    this.#listing = true;
    this.lines.push(`  - ${this.#inline(phrase)}`, ...more.map((each) => `      - ${this.#inline(each)}`));
  }

  entry({ time, phrase, more }: Pick<Entry, 'time' | 'phrase' | 'more'>): void {
    this.bullet(say`${showTime(time)} – ${phrase}`, more);
  }

  facts(rows: readonly Fact[]): void {
    this.#block(
      rows.flatMap(([name, ...values]) => {
        const head = typeof name === 'string' ? name : this.#inline(name);
        const lines = values.map((value) => this.#inline(value));
        return lines.length === 1
          ? [`${head}: ${lines[0]}`]
          : [`${head}:`, ...lines.map((line) => `  - ${line}`)];
      }),
    );
  }

  table(head: readonly string[], rows: readonly (readonly Phrase[])[]): void {
    const told = rows.map((row) => row.map((cell) => this.#inline(cell)));
    this.#block([head, ...told].map((cells) => `  ${cells.join(' · ')}`));
  }

  fence(body: string): void {
    const text = visible(this.#scrubber.text(body)).replace(/\n+$/, '');
    this.#block(text.split('\n').map((line) => `    ${line}`));
  }

  diff(lines: readonly DiffLine[]): void {
    this.fence(lines.map(({ mark, text }) => `${mark} ${text}`).join('\n'));
  }

  output(lead: Phrase, body: string): void {
    this.paragraph(lead);
    this.fence(body);
  }

  #inline(phrase: Phrase): string {
    return oneLine(this.#scrubber.text(phraseText(phrase)));
  }

  #block(lines: readonly string[]): void {
    this.#listing = false;
    if (this.lines.length > 0) this.lines.push('');
    this.lines.push(...lines);
  }
}
