/** Text made to break out of wherever it is put. */
import * as fc from 'fast-check';
import type { JournalRecord } from '../../source/engine/events.ts';
import { header, Journal } from './fixtures.ts';
import { completedRun, troubledRun } from './journals.ts';

/** What means something to one Markdown dialect or another, to a terminal, or to the redactor. */
const pieces = fc.constantFrom(
  '\n',
  '\r',
  '\r\n',
  '\n\n',
  '\n# Heading',
  '\n- item',
  '\n---',
  '\n===',
  '\n> quote',
  '\n    code',
  '\n1. one',
  '1. one',
  '2) two',
  '- item',
  '+ item',
  '=== ',
  '`',
  '``',
  '```',
  '\n```\n',
  '~~~',
  '\n````diff',
  'http://e/',
  'www.e.x',
  '|',
  ' | ',
  '\\|',
  '\\',
  '\\\\',
  '\\`',
  '`|`',
  '\n| --- | --- |\n',
  '<b>',
  '</table>',
  '<!--',
  '-->',
  '<script>alert(1)</script>',
  '&lt;',
  '&#96;',
  '&',
  '![x](http://e/)',
  '[a](b)',
  '[[_TOC_]]',
  '*',
  '**',
  '_',
  '__',
  '~~',
  '$',
  '$$',
  '{code}',
  '{noformat}',
  '#12',
  '@team',
  ':::',
  'h1. ',
  '\t',
  ' ',
  '\u0000',
  '\u001B[31m',
  '\u202E',
  '\u2028',
  '\u0085',
  '\u200B',
  '\uD800',
  'password=',
  'data:',
  '"data": {',
  'token: abc',
  'Bearer 0123456789',
  '[redacted]',
);

/** Any text, mostly of those pieces. */
export const hostile = fc
  .array(fc.oneof({ weight: 4, arbitrary: pieces }, fc.string({ unit: 'binary', maxLength: 6 })), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

/** What the engine itself goes by; everything else in a journal is somebody's text. */
const words = new Set([
  ...header.plan.steps.flatMap(({ id, kind }) => [id, kind]),
  ...[...completedRun().records, ...troubledRun().records].map(({ event }) => event.type),
  'key',
  'typed',
  'enter',
  'type',
  'blocking',
  'warning',
  'optional',
  'before',
  'after',
  'operator',
  'check',
  'exit',
  'lost',
]);

/** The journal with every text in it replaced by what `change` makes of it. */
export function rewritten(journal: Journal, change: (text: string) => string): Journal {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return words.has(value) ? value : change(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, item]): [string, unknown] => [
      key,
      // Made different from every output, since a detail that the output shows is not shown twice.
      key === 'detail' ? `detail ${change(String(item))}` : walk(item),
    ]);
    return Object.fromEntries('azureKeyVaultKms' in value ? [...entries, [change('key'), true]] : entries);
  };
  const changed = new Journal();
  changed.records.push(...(walk(journal.records) as JournalRecord[]));
  for (const [name, { text, lines }] of journal.outputs)
    changed.outputs.set(name, { text: `> ${change(text)}`, lines });
  return changed;
}
