/** Long output, shortened for reading; the whole stays in the run's directory. */
import { createHash } from 'node:crypto';
import type { AttemptRecord } from './model.ts';

/** What of an output is shown. */
export type Excerpt = NonNullable<AttemptRecord['output']>;

/** Lines shown in full; a longer output keeps this many in all, from both its ends. */
const shownLines = 60;
/** Of those, from the beginning. The end is where commands say how it went. */
const shownFirst = 20;
/** Characters of a line that are shown. */
const shownColumns = 1000;

/**
 * Shortens an output of `lines` lines. `text` is all of it, or its last lines when not all is held. Lines left out,
 * and ends of very long lines, are counted where they were.
 */
export function excerpt(text: string, lines: number): Excerpt {
  const held = text.replace(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n');
  if (held.length === 1 && held[0] === '' && lines <= 1) return shown('', 0, 0);
  const missing = Math.max(0, lines - held.length);
  const total = missing + held.length;
  if (missing === 0 && total <= shownLines) return shown(held.map(cutLine).join('\n'), total, 0);
  const first = missing === 0 ? held.slice(0, shownFirst) : [];
  const last = held.slice(-(shownLines - shownFirst));
  const leftOut = total - first.length - last.length;
  const mark = `[… ${leftOut} ${leftOut === 1 ? 'line' : 'lines'} left out here …]`;
  return shown([...first, mark, ...last].map(cutLine).join('\n'), total, leftOut);
}

/** All of an output, as it was kept. */
export function whole(text: string, lines: number): Excerpt {
  return shown(text, lines, 0);
}

function shown(text: string, lines: number, leftOut: number): Excerpt {
  return { text, lines, leftOut, sha256: createHash('sha256').update(text).digest('hex') };
}

function cutLine(line: string): string {
  if (line.length <= shownColumns) return line;
  // Never between the two halves of a surrogate pair.
  const kept = line.slice(0, shownColumns).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept} [… ${line.length - kept.length} more characters]`;
}
