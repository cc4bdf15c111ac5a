/** What a rewrite of all Secrets came to, for the change record. */
import { rewriteSummary } from '../engine/in-short.ts';
import { namespacesOf, refusedIn } from '../engine/rewriting.ts';
import type { RewriteState } from '../engine/rewriting.ts';
import type { RewriteRecord } from './model.ts';
import { between } from './time.ts';

/** Undefined when nothing was begun. */
export function rewriteRecord(
  passes: RewriteState | undefined,
  around?: Parameters<typeof rewriteSummary>[1],
): RewriteRecord | undefined {
  const first = passes?.[0];
  const last = passes?.at(-1);
  if (passes === undefined || first === undefined || last === undefined) return undefined;
  return {
    passes: passes.map(({ number, verifies, startedAt, endedAt, counts, retries, unproven }) => ({
      number,
      verifies,
      ended: endedAt !== undefined,
      duration: between(startedAt, endedAt),
      counts,
      retries,
      unproven: unproven.map(({ namespace, name }) => `${namespace}/${name}`),
    })),
    namespaces: [...namespacesOf(first)]
      .map(([name, { counts }]) => ({ name, counts }))
      .filter(({ counts }) => counts.listed > 0)
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    refused: refusedIn(last),
    refusedCount: last.counts.refused,
    summary: rewriteSummary(passes, around),
  };
}
