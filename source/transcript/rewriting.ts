/** What a rewrite of all Secrets came to, for the change record. */
import { namespacesOf, refusedIn } from '../engine/rewriting.ts';
import type { RefusedSecrets, RewriteCounts, RewriteState } from '../engine/rewriting.ts';
import { between } from './time.ts';

export interface RewriteRecord {
  passes: readonly {
    number: number;
    verifies: boolean;
    ended: boolean;
    /** Milliseconds, interruptions included; absent while it has not ended. */
    duration?: number | undefined;
    counts: RewriteCounts;
    retries: number;
    /** Secrets that were changed again at each look of a verification. */
    unproven: readonly string[];
  }[];
  /** Of the pass that wrote, else of the first verification: those that hold Secrets, by name. */
  namespaces: readonly { name: string; counts: RewriteCounts }[];
  /** Of the last pass. */
  refused: readonly RefusedSecrets[];
  refusedCount: number;
}

/** Undefined when nothing was begun. */
export function rewriteRecord(passes: RewriteState | undefined): RewriteRecord | undefined {
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
  };
}
