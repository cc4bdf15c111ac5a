/** A rewrite of all Secrets as Markdown: its passes, the counts by namespace, and what was refused, by name. */
import { addCounts, noCounts } from '../engine/rewriting.ts';
import type { RewriteCounts } from '../engine/rewriting.ts';
import type { Writer } from './markdown-writer.ts';
import { code, say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import type { RewriteRecord } from './rewriting.ts';
import { showDuration } from './time.ts';

/** Namespaces listed one by one; the journal has them all. */
const mostNamespaces = 200;

export function rewriteTables(
  out: Writer,
  { passes, namespaces, refused, refusedCount }: RewriteRecord,
): void {
  out.paragraph(
    say`Secrets were written again by empty patches, and nothing of them but their names was received. A patch of a Secret that is under the current key writes nothing: a verification shows how many had to be written, which has to be none but those that somebody else wrote in that moment.`,
  );
  out.table(
    [
      'Pass',
      'Secrets',
      'Written',
      'Current already',
      'Deleted meanwhile',
      'Refused',
      'Sent again',
      'Duration',
    ],
    passes.map(({ number, verifies, ended, counts, retries, duration }): Phrase[] => [
      say`${number}, ${verifies ? 'verification' : 'rewrite'}${ended ? '' : ' (not finished)'}`,
      ...cells(counts),
      say`${retries}`,
      [duration === undefined ? '–' : showDuration(duration)],
    ]),
  );
  for (const { number, unproven } of passes) {
    if (unproven.length === 0) continue;
    out.paragraph(say`Changed again at each look of pass ${number}:`);
    out.fence(unproven.join('\n'), 'text');
  }
  if (namespaces.length > 0) {
    const rest = namespaces.slice(mostNamespaces);
    const sum = rest.reduce((all, { counts }) => addCounts(all, counts), noCounts);
    out.paragraph(say`By namespace, in pass ${passes[0]?.number ?? 1}:`);
    out.table(
      ['Namespace', 'Secrets', 'Written', 'Current already', 'Deleted meanwhile', 'Refused'],
      [
        ...namespaces
          .slice(0, mostNamespaces)
          .map(({ name, counts }): Phrase[] => [[code(name)], ...cells(counts)]),
        ...(rest.length === 0 ? [] : [[say`${rest.length} more namespaces`, ...cells(sum)]]),
      ],
    );
  }
  if (refused.length === 0) return;
  out.paragraph(say`Refused by the API server, ${refusedCount} in all:`);
  for (const { namespace, names, message } of refused) {
    out.bullet(say`${code(namespace)}: ${message}`, [say`${names.length}: ${code(names.join(', '))}`]);
  }
}

function cells({ listed, rewritten, current, gone, refused }: RewriteCounts): Phrase[] {
  return [listed, rewritten, current, gone, refused].map((count) => say`${count}`);
}
