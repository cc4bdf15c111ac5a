/**
 * A line of text being typed. The cursor is always at its end: names, reasons and search words are short.
 *
 * A line break never counts as Enter when it arrives together with other characters, pasted or not: such a chunk
 * is text. A terminal delivers Enter pressed by hand on its own, so nothing typed is lost, and a clipboard that
 * ends in a line break cannot answer a question.
 */
import { clean } from '../../text.ts';
import type { Stroke } from '../strokes.ts';

/** What is typed never grows past this; no name or reason needs it, and a wrong paste can be megabytes. */
export const longestField = 500;

/** The text after a stroke, or undefined when the stroke is not one that edits. */
export function edit(text: string, stroke: Stroke): string | undefined {
  if (stroke.text !== undefined) return (text + typed(stroke.text)).slice(0, longestField);
  switch (stroke.key) {
    case 'backspace':
      return [...text].slice(0, -1).join('');
    case 'ctrl-u':
      return '';
    case 'ctrl-w':
      return text.trimEnd().replace(/\S+$/, '');
    default:
      return undefined;
  }
}

/** Typed or pasted characters as one line: line breaks inside become spaces, those at the end are dropped. */
function typed(text: string): string {
  return clean(text.replace(/[\r\n]+$/, '').replaceAll(/[\r\n]+/g, ' '));
}
