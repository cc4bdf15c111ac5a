/** What a cluster is, and the runbook for it. */
import type { Cluster } from '../adapters/azure/cluster.ts';
import { encryptionText, fittingRunbooks, readEncryption } from '../engine/encryption.ts';
import type { Fitting } from '../engine/encryption.ts';
import type { Target } from '../plan/model.ts';
import { problem } from './finding.ts';
import type { Finding } from './finding.ts';
import type { LookFacts } from './look-facts.ts';

const about = 'cluster';

/** Looks at how the cluster encrypts its secrets. `fitting` is absent when that could not be looked at. */
export async function diagnoseCluster(
  target: Target,
  facts: LookFacts,
): Promise<{ finding: Finding; fitting?: Fitting }> {
  const what = `cluster ${target.clusterName}`;
  const { values, failures } = await facts.read(['cluster']);
  const failure = failures.get('cluster');
  if (failure !== undefined) return { finding: problem(about, what, failure) };
  if (values.cluster === undefined) return { finding: { about, what, status: 'unknown' } };
  const cluster = values.cluster as Cluster;
  const encryption = readEncryption(cluster, cluster.encryptionShown);
  const found = `${encryption.version ?? '?'}, ${encryptionText(encryption)}`;
  return { finding: { about, what, status: 'ok', found }, fitting: fittingRunbooks(cluster, encryption) };
}

/**
 * Which of the tool's runbooks the cluster is for. `asked` is the one that is asked about: what keeps the cluster from
 * it, its own checks say.
 */
export function diagnoseFitting({ runbooks, blocked, fix, note }: Fitting, asked?: string): Finding {
  const what = 'runbook for it';
  if (runbooks.length === 0) {
    const status = asked === undefined ? 'missing' : 'warning';
    return { about, what, status, found: `none: ${blocked}`, fix };
  }
  const those = `${runbooks.join(' or ')}${note === undefined ? '' : ` (${note})`}`;
  if (asked === undefined || runbooks.includes(asked)) return { about, what, status: 'ok', found: those };
  return { about, what, status: 'warning', found: `${those}; not ${asked}` };
}
