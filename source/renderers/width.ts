/** Text as a terminal shows it, as far as that takes no wrapping: what only lists something loads no more than this. */
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/**
 * Controls, and characters that show nothing themselves but change how others are drawn or read: bidirectional
 * overrides, joiners (terminals do not agree on how wide a joined character is), variation selectors, fillers.
 */
const invisible = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]|\p{Default_Ignorable_Code_Point}/gu;

/**
 * The last line of defence before text reaches a screen: no escape sequences, no controls, tabs as two spaces.
 * Line breaks stay.
 */
export function clean(text: string): string {
  if (/^[\n\u0020-\u007e]*$/.test(text)) return text;
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n'))
    .replaceAll('\t', '  ')
    .replaceAll(invisible, '');
}

/** Columns a line of clean text takes. */
export function width(text: string): number {
  return stringWidth(text);
}
