/**
 * Answers as a Table without the objects themselves. It is the one form in which the API server tells of a Secret
 * without sending its metadata, and so without the annotation in which `kubectl apply` keeps a copy of its values:
 * each row has the cells of `kubectl get` (name, type, number of values, age) and nothing else. A list's Table carries
 * the list's resourceVersion and continue token, a single object's Table that object's own resourceVersion.
 * Source: "Receiving resources as Tables" in the Kubernetes API concepts; `asTable` and `GenerateTable` in kubernetes/kubernetes.
 */
import type { KubernetesReply } from './client.ts';

/** The `accept` header for it. The query has to have `withoutObjects` as well. */
export const asTable = 'application/json;as=Table;g=meta.k8s.io;v=v1';
export const withoutObjects = 'includeObject=None';

interface TableAnswer {
  metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  rows?: readonly { cells?: readonly unknown[] }[];
}

/** The part of a Table that anything here looks at. */
export interface Table {
  resourceVersion: string | undefined;
  /** Where the list goes on; absent when it has come to its end. Also in a 410, as far as the server gives a new one. */
  continue: string | undefined;
  /** How many more there are after this page; absent when the server does not count them. */
  remaining: number | undefined;
  /** The first cell of each row: a name. */
  names: readonly string[];
}

export function readTable({ body }: KubernetesReply): Table {
  const { metadata, rows } = (body ?? {}) as TableAnswer;
  return {
    resourceVersion: metadata?.resourceVersion,
    continue: metadata?.continue || undefined,
    remaining: metadata?.remainingItemCount,
    names: (rows ?? []).map(({ cells }) => String(cells?.[0] ?? '')),
  };
}
