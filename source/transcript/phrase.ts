/**
 * Sentences of the change record before they have a format: our own words and other people's text, with values that
 * must be read to the letter marked as such. Each page escapes both in its own way.
 */
import type { StepName } from './model.ts';

/**
 * A piece of a line: text, a value shown to the letter in a fixed-width font, or a step that is referred to by its
 * number.
 */
export type PhrasePart =
  | string
  | { readonly code: string }
  | { readonly step: number; readonly text: string };

/** Pieces of one line of text, in order. */
export type Phrase = readonly PhrasePart[];

/** Marks a value that must be read to the letter: an id, a name, a typed word. */
export function code(value: string): { readonly code: string } {
  return { code: value };
}

/** A phrase from a template. Values may be text, numbers, marked values or whole phrases. */
export function say(
  strings: TemplateStringsArray,
  ...values: readonly (PhrasePart | number | Phrase)[]
): Phrase {
  const parts: PhrasePart[] = [];
  for (const [index, text] of strings.entries()) {
    if (text !== '') parts.push(text);
    const value = values[index];
    if (value === undefined || value === '') continue;
    if (typeof value === 'number') parts.push(String(value));
    else if (Array.isArray(value)) parts.push(...(value as Phrase));
    else parts.push(value as PhrasePart);
  }
  return parts;
}

/** How a step is referred to: `step 4, “Enable PMK”`. */
export function refer({ number, title }: StepName): Phrase {
  return [{ step: number, text: `step ${number}, “${title}”` }];
}

/** A phrase of ours with its first letter large. */
export function capital(phrase: Phrase): Phrase {
  const [first, ...rest] = phrase;
  if (typeof first === 'string') return [large(first), ...rest];
  return first !== undefined && 'step' in first ? [{ ...first, text: large(first.text) }, ...rest] : phrase;
}

/** The text of a piece. */
export function partText(part: PhrasePart): string {
  if (typeof part === 'string') return part;
  return 'code' in part ? part.code : part.text;
}

/** The text of a phrase. */
export function phraseText(phrase: Phrase): string {
  return phrase.map(partText).join('');
}

function large(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
