/**
 * Putting values into Markdown so that they are read as what they are. The result is meant to survive the dialects of
 * GitHub, Azure DevOps, ServiceNow and Jira, so it uses only what they share: entities for the characters of HTML and
 * of tables, backslashes for the rest.
 */

/** What a line break inside a one-line value is shown as. */
const lineBreak = '↵';

/**
 * Characters that have no shape or change the order of others: controls (without tab and newline), line and paragraph
 * separators, lone surrogates, and what Unicode says is not shown at all. Joiners and the choice between the looks of
 * an emoji stay, because scripts and emoji are written with them.
 */
const invisible =
  /(?![\t\n\p{Join_Control}]|[\u{FE0E}-\u{FE0F}])[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB]/gu;

/** One line of text as prose. Breaks and invisible characters are made visible; empty text gives `(empty)`. */
export function text(value: string): string {
  const line = oneLine(value);
  if (line === '') return '(empty)';
  return (
    line
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/[\\`*_{}[\]#~$]/g, '\\$&')
      // A bare address would become a link at once, and backslashes inside a link escape nothing.
      .replace(/:(?=\/\/)|(?<=www)\./gi, '\\$&')
      .replaceAll('|', '&#124;')
  );
}

/** Escapes what is special only where a line begins (`1.`, `-`, `+`, `=`, `:::`), for a line that is escaped already. */
export function atStart(line: string): string {
  return line.replace(/^(\d*)(?=[.)])|^(?=[-+=:])/, '$1\\');
}

/**
 * One line of text to the letter, as a code span. A value with a pipe becomes prose instead: dialects disagree on
 * how to write a pipe in a code span inside a table.
 */
export function codeSpan(value: string): string {
  const line = oneLine(value);
  if (line === '' || line.includes('|')) return text(line);
  const ticks = '`'.repeat(longestRun(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

/** Lines of text to the letter, in a fence longer than any in the text. `info` is one of our own words. */
export function fence(value: string, info: 'text' | 'sh' | 'diff' = 'text'): string {
  const body = visible(value).replace(/\n+$/, '');
  const ticks = '`'.repeat(Math.max(3, longestRun(body) + 1));
  return `${ticks}${info}\n${body}\n${ticks}`;
}

/** A text as one line: breaks and what cannot be seen made visible. */
export function oneLine(value: string): string {
  return visible(value)
    .trim()
    .replace(/[^\S\n]*\n\s*/g, ` ${lineBreak} `)
    .replaceAll('\t', ' ');
}

/** Line ends made `\n`, and what cannot be seen written as `⟨U+001B⟩`. */
export function visible(value: string): string {
  return value
    .replace(/\r\n?/g, '\n')
    .replace(
      invisible,
      (found) => `⟨U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
    );
}

/** Length of the longest run of backticks. */
function longestRun(value: string): number {
  let longest = 0;
  for (const [run] of value.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}
