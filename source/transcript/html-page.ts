/**
 * The change record as one HTML file that needs nothing else: no script, no picture, no request. It reads on a screen,
 * light or dark, and prints. Everything handed in is escaped here.
 */
import type { DiffLine } from './diff.ts';
import { oneLine, visible } from './escape.ts';
import { style } from './html-style.ts';
import type { ChangeRecord, Entry } from './model.ts';
import type { Fact, Page, Tone } from './page.ts';
import { partText, phraseText } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { report } from './report.ts';
import { Scrubber } from './scrub.ts';
import type { Redact } from './scrub.ts';
import { showTime } from './time.ts';

/** Lines of an output that is not folded away. */
const unfolded = 20;

/** Nothing may be loaded or run, whatever the record holds; only the style of the file itself applies. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * The record as an HTML file. The same record always gives the same bytes. Every line is looked through for secrets
 * once more before it is escaped.
 */
export function toHtml(record: ChangeRecord, redactMore?: Redact): string {
  const page = new HtmlPage(redactMore);
  report(page, record);
  return page.toString();
}

class HtmlPage implements Page {
  readonly #scrubber: Scrubber;
  readonly #parts: string[] = [];
  readonly #contents: { anchor: string; title: string; part: boolean }[] = [];
  /** Levels of the sections that are open. */
  readonly #open: number[] = [];
  /** The list being written. */
  #list: 'ul' | 'ol' | undefined;
  #title = '';

  constructor(redactMore: Redact | undefined) {
    this.#scrubber = new Scrubber(redactMore);
  }

  get redactions(): number {
    return this.#scrubber.secrets;
  }

  get redactionsAsked(): number {
    return this.#scrubber.asked;
  }

  heading(level: 1 | 2 | 3 | 4 | 5, phrase: Phrase, anchor?: string): void {
    this.#endList();
    if (level === 1) {
      this.#title = this.#plain(phrase);
      this.#parts.push(`<h1>${this.#inline(phrase)}</h1>`);
      return;
    }
    this.#closeSections(level);
    this.#open.push(level);
    if (anchor !== undefined && level < 4)
      this.#contents.push({ anchor, title: this.#plain(phrase), part: level > 2 });
    this.#parts.push(
      `<section class="level-${level}"${anchor === undefined ? '' : ` id="${anchor}"`}>`,
      `<h${level}>${this.#inline(phrase)}</h${level}>`,
    );
  }

  banner(lead: string, phrase: Phrase): void {
    this.#block(`<p class="banner"><strong>${lead}</strong> ${this.#inline(phrase)}</p>`);
  }

  outcome(tone: Tone, phrase: Phrase): void {
    this.#block(`<p class="outcome ${tone}"><strong>Outcome:</strong> ${this.#inline(phrase)}</p>`);
  }

  paragraph(phrase: Phrase): void {
    this.#block(`<p>${this.#inline(phrase)}</p>`);
  }

  bullet(phrase: Phrase, more: readonly Phrase[] = []): void {
    this.#beginList('ul');
    this.#parts.push(`<li>${this.#inline(phrase)}${this.#under(more)}</li>`);
  }

  entry({ time, phrase, more }: Pick<Entry, 'time' | 'phrase' | 'more'>): void {
    this.#beginList('ol');
    this.#parts.push(
      `<li><time>${this.#plain([showTime(time)])}</time><div>${this.#inline(phrase)}${this.#under(more)}</div></li>`,
    );
  }

  facts(rows: readonly Fact[]): void {
    const lines = rows.map(([name, ...values]) => {
      const told = values.map((value) => this.#inline(value));
      const cell =
        told.length === 1 ? told[0] : `<ul>${told.map((line) => `<li>${line}</li>`).join('')}</ul>`;
      const head = typeof name === 'string' ? escape(name) : this.#inline(name);
      return `<tr><th scope="row">${head}</th><td>${cell}</td></tr>`;
    });
    this.#block(`<table class="facts"><tbody>\n${lines.join('\n')}\n</tbody></table>`);
  }

  table(head: readonly string[], rows: readonly (readonly Phrase[])[], tones: readonly Tone[] = []): void {
    const titles = head.map((title) => `<th scope="col">${escape(title)}</th>`).join('');
    const lines = rows.map((row, index) => {
      const tone = tones[index];
      // On a narrow screen each cell stands on a line of its own, under its column's name.
      const cells = row.map(
        (cell, column) => `<td data-column="${escape(head[column] ?? '')}">${this.#inline(cell)}</td>`,
      );
      return `<tr${tone === undefined ? '' : ` class="${tone}"`}>${cells.join('')}</tr>`;
    });
    this.#block(
      `<table class="rows"><thead><tr>${titles}</tr></thead><tbody>\n${lines.join('\n')}\n</tbody></table>`,
    );
  }

  fence(body: string, info: 'text' | 'sh'): void {
    this.#block(this.#pre(body, info));
  }

  diff(lines: readonly DiffLine[]): void {
    const body = lines.map(({ mark, text }) => {
      const kind = mark === '+' ? 'new' : mark === '-' ? 'gone' : 'kept';
      return `<span class="${kind}">${mark} ${escape(visible(this.#scrubber.text(text)))}\n</span>`;
    });
    this.#block(`<pre class="diff">${body.join('')}</pre>`);
  }

  output(lead: Phrase, body: string): void {
    const open = body.split('\n', unfolded + 1).length <= unfolded ? ' open' : '';
    this.#block(
      `<details${open}><summary>${this.#inline(lead)}</summary>\n${this.#pre(body, 'text')}</details>`,
    );
  }

  toString(): string {
    this.#endList();
    this.#closeSections(0);
    const [title = '', ...body] = this.#parts;
    return [
      '<!DOCTYPE html>',
      '<html lang="en">',
      '<head>',
      '<meta charset="utf-8">',
      `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
      '<meta name="viewport" content="width=device-width, initial-scale=1">',
      '<meta name="color-scheme" content="light dark">',
      `<title>${this.#title}</title>`,
      `<style>\n${style}</style>`,
      '</head>',
      '<body>',
      `<header>\n${title}\n${this.#navigation()}\n</header>`,
      `<main>\n${body.join('\n')}\n</main>`,
      '</body>',
      '</html>',
      '',
    ].join('\n');
  }

  #navigation(): string {
    const links = this.#contents.map(
      ({ anchor, title, part }) => `<li${part ? ' class="part"' : ''}><a href="#${anchor}">${title}</a></li>`,
    );
    return `<nav aria-label="Contents"><ul>\n${links.join('\n')}\n</ul></nav>`;
  }

  #pre(body: string, info: 'text' | 'sh'): string {
    const text = visible(this.#scrubber.text(body)).replace(/\n+$/, '');
    // The line break before the text is not a part of it (HTML, "pre").
    return `<pre class="${info}">\n${escape(text)}</pre>`;
  }

  #under(more: readonly Phrase[]): string {
    if (more.length === 0) return '';
    return `<ul>${more.map((each) => `<li>${this.#inline(each)}</li>`).join('')}</ul>`;
  }

  /** The parts of a line are looked through for secrets together: a name may be in one and its value in the next. */
  #inline(phrase: Phrase): string {
    const whole = phraseText(phrase);
    const clean = this.#scrubber.text(whole);
    if (clean !== whole) return escape(oneLine(clean));
    return phrase
      .map((part) => {
        const text = escape(pieceOf(partText(part)));
        if (typeof part === 'string') return text;
        if ('code' in part) return text === '' ? '(empty)' : `<code>${text}</code>`;
        return part.step > 0 ? `<a href="#step-${Number(part.step)}">${text}</a>` : text;
      })
      .join('');
  }

  #plain(phrase: Phrase): string {
    return escape(oneLine(this.#scrubber.text(phraseText(phrase))));
  }

  #block(block: string): void {
    this.#endList();
    this.#parts.push(block);
  }

  #beginList(kind: 'ul' | 'ol'): void {
    if (this.#list === kind) return;
    this.#endList();
    this.#list = kind;
    this.#parts.push(kind === 'ol' ? '<ol class="timeline">' : '<ul>');
  }

  #endList(): void {
    if (this.#list !== undefined) this.#parts.push(`</${this.#list}>`);
    this.#list = undefined;
  }

  #closeSections(level: number): void {
    while ((this.#open.at(-1) ?? -1) >= Math.max(level, 1)) {
      this.#open.pop();
      this.#parts.push('</section>');
    }
  }
}

/** One line of a text whose spaces at its ends join it to its neighbours and stay. */
function pieceOf(value: string): string {
  const line = oneLine(value);
  if (line === '') return value === '' ? '' : ' ';
  return `${/^\s/.test(value) ? ' ' : ''}${line}${/\s$/.test(value) ? ' ' : ''}`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML shows it, between tags and in quoted attributes alike. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
