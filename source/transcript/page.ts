/**
 * What a change record is written on: a page of some format. `report.ts` says what stands on it, in what order; a page
 * decides what that looks like, and escapes everything that is handed in.
 */
import type { DiffLine } from './diff.ts';
import type { Entry } from './model.ts';
import type { Phrase } from './phrase.ts';

/** What a row or a line means for the eye. Never said by a colour alone: its words say it as well. */
export type Tone = 'good' | 'warn' | 'bad' | 'quiet';

/** A name and what there is to say to it, each on a line of its own where the format has room for it. */
export type Fact = readonly [name: string | Phrase, ...values: Phrase[]];

export interface Page {
  /** Secrets found in lines that had none in their parts. */
  readonly redactions: number;
  /** Lines that what the operator wants out was found in only now. */
  readonly redactionsAsked: number;
  /** `anchor` is a word of ours by which the heading can be referred to. */
  heading(level: 1 | 2 | 3 | 4 | 5, phrase: Phrase, anchor?: string): void;
  /** Something no reader may miss, led by a word of ours. */
  banner(lead: string, phrase: Phrase): void;
  /** How the run ended, in its own words. */
  outcome(tone: Tone, phrase: Phrase): void;
  paragraph(phrase: Phrase): void;
  bullet(phrase: Phrase, more?: readonly Phrase[]): void;
  /** Something that happened, with its time. */
  entry(entry: Pick<Entry, 'time' | 'phrase' | 'more'>): void;
  facts(rows: readonly Fact[]): void;
  /** `tones` are those of the rows, in order. */
  table(head: readonly string[], rows: readonly (readonly Phrase[])[], tones?: readonly Tone[]): void;
  /** Lines of text to the letter; `sh` is a command. */
  fence(body: string, info: 'text' | 'sh'): void;
  diff(lines: readonly DiffLine[]): void;
  /** What a command printed, under a line that says so; may be folded away where the format can. */
  output(lead: Phrase, body: string): void;
}
