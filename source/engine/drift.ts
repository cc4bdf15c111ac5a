import type { RunHeader } from './events.ts';
import type { Difference } from './ports.ts';

/** What a run finds when it is taken up again. */
export interface Present {
  /** Digest of the runbook file as it is now; undefined when it cannot be loaded any more. */
  runbookDigest: string | undefined;
  operator: string;
  tenant: string;
  subscription: string;
  /** What Azure shows under the planned names, or why that cannot be read. */
  cluster: { id: string; createdAt: string | undefined } | { unreadable: string };
}

/** What a run on a kubeconfig context finds when it is taken up again. */
export interface PresentContext {
  operator: string;
  server: string;
  uid: string;
}

/** As `drift`, for a run on a cluster that is known by a kubeconfig context only. Pure. */
export function contextDrift(header: RunHeader, present: PresentContext): Difference[] {
  const all = [
    { what: 'operator', expected: header.operator.name, found: present.operator },
    { what: 'server of the context', expected: header.context?.server ?? 'none', found: present.server },
    {
      what: `uid of ${header.context?.namespace ?? 'kube-system'}`,
      expected: header.context?.uid ?? 'none',
      found: present.uid,
    },
  ];
  return all.filter(({ expected, found }) => expected !== found);
}

/** How the present differs from what the run was started with; the run goes on with the plan it recorded. Pure. */
export function drift(header: RunHeader, present: Present): Difference[] {
  const differences: Difference[] = [];
  const compare = (what: string, expected: string | undefined, found: string | undefined): void => {
    if (expected !== found) differences.push({ what, expected: expected ?? 'none', found: found ?? 'none' });
  };
  const digest = header.plan.runbook.digest;
  compare('runbook (SHA-256)', digest, present.runbookDigest ?? 'cannot be loaded');
  compare('operator', header.operator.name, present.operator);
  compare('tenant', header.tenant, present.tenant);
  compare('subscription', header.subscription?.id, present.subscription);
  const { cluster } = present;
  if ('unreadable' in cluster) {
    compare('cluster', header.cluster.id, cluster.unreadable);
    return differences;
  }
  // Azure's identifiers do not tell upper from lower case.
  compare('resource id of the cluster', header.cluster.id.toLowerCase(), cluster.id.toLowerCase());
  if (header.cluster.createdAt !== undefined) {
    compare('creation time of the cluster', header.cluster.createdAt, cluster.createdAt);
  }
  return differences;
}
