/**
 * Sentences of the change record before they have a format: our own words and other people's text, with values that
 * must be read to the letter marked as such. Each renderer escapes both in its own way.
 */

import type { StepName } from './model.ts';

/** Pieces of one line of text, in order. A `code` piece is shown to the letter, in a fixed-width font. */
export type Phrase = readonly PhrasePart[];
export type PhrasePart = string | { readonly code: string };

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
    if (value === undefined) continue;
    if (typeof value === 'number') parts.push(String(value));
    else if (typeof value === 'string' || 'code' in value) parts.push(value);
    else parts.push(...value);
  }
  return parts;
}

/** How a step is referred to: `step 4, “Enable PMK”`. */
export function refer({ number, title }: StepName): Phrase {
  return say`step ${number}, “${title}”`;
}

/** A phrase of ours with its first letter large. */
export function capital(phrase: Phrase): Phrase {
  const [first, ...rest] = phrase;
  return typeof first === 'string' ? [first.charAt(0).toUpperCase() + first.slice(1), ...rest] : phrase;
}
