/** A rewrite of all Secrets in a change record: its passes, the counts by namespace, and what was refused, by name. */
import { addCounts, noCounts } from '../engine/rewriting.ts';
import type { RewriteCounts } from '../engine/rewriting.ts';
import type { ChangeRecord, RewriteRecord } from './model.ts';
import type { Page } from './page.ts';
import { capital, code, refer, say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { showDuration } from './time.ts';

/** Namespaces listed one by one; the journal has them all. */
const mostNamespaces = 200;

export function rewriteTables(
  page: Page,
  { passes, namespaces, refused, refusedCount }: RewriteRecord,
): void {
  const written =
    passes[0]?.verifies === true
      ? 'Once the command had ended, every Secret was sent an empty patch'
      : 'Secrets were written again by empty patches';
  page.paragraph(
    say`${written}, and nothing of them but their names was received. A patch of a Secret that is under the current key writes nothing: a verification shows how many had to be written, which has to be none but those that somebody else wrote in that moment.`,
  );
  page.table(
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
    page.paragraph(say`Changed again at each look of pass ${number}:`);
    page.fence(unproven.join('\n'), 'text');
  }
  if (namespaces.length > 0) {
    const rest = namespaces.slice(mostNamespaces);
    const sum = rest.reduce((all, { counts }) => addCounts(all, counts), noCounts);
    page.paragraph(say`By namespace, in pass ${passes[0]?.number ?? 1}:`);
    page.table(
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
  page.paragraph(say`Refused by the API server, ${refusedCount} in all:`);
  for (const { namespace, names, message } of refused) {
    page.bullet(say`${code(namespace)}: ${message}`, [
      // A name after "Secret:" reads as a secret and would be taken out.
      say`${names.length}, by name ${code(names.join(', '))}`,
    ]);
  }
}

/** Names that are listed wherever Secrets are told of; more are counted, and listed at their step. */
const mostNames = 5;

/** Secrets of a namespace, by name where they are few: `payments`: `db`. */
export function whichSecrets(namespace: string, names: readonly string[], listed?: number): Phrase {
  if (names.length <= mostNames) return say`${code(namespace)}: ${code(names.join(', '))}`;
  return say`${names.length === listed ? 'All ' : ''}${names.length} Secrets of ${code(namespace)}`;
}

/** What a rewrite has left: what was not written or verified when its step was ended, and Secrets that were refused. */
export function leftAsStored({ sections }: ChangeRecord): { phrase: Phrase; more: Phrase[] }[] {
  return sections.flatMap(({ steps }) =>
    steps.flatMap(({ rewrite, unverified, ...step }) => {
      const open =
        unverified === undefined ? [] : [{ phrase: say`${capital(refer(step))}: ${unverified}`, more: [] }];
      if (rewrite === undefined || rewrite.refusedCount === 0) return open;
      const sizes = new Map(rewrite.namespaces.map(({ name, counts }) => [name, counts.listed]));
      const [which, are] = rewrite.refusedCount === 1 ? ['Secret', 'is'] : ['Secrets', 'are'];
      return [
        ...open,
        {
          phrase: say`${capital(refer(step))}: ${rewrite.refusedCount} ${which} that the API server refused to write ${are} still stored as before, not under the current key`,
          more: rewrite.refused.map(({ namespace, names }) =>
            whichSecrets(namespace, names, sizes.get(namespace)),
          ),
        },
      ];
    }),
  );
}

function cells({ listed, rewritten, current, gone, refused }: RewriteCounts): Phrase[] {
  return [listed, rewritten, current, gone, refused].map((count) => say`${count}`);
}
