/** From a cluster to the runbook for it. Pure. */
import type { ClusterChoice, RunbookChoice } from '../app.ts';
import { aboutCluster, clusterLabel } from './label.ts';
import { openForm, type Form, withCluster } from '../form/form.ts';
import { aboutRunbook } from '../home/items.ts';
import { type ListItem, type Picking, untouched } from '../list/list.ts';

/** The clusters there are, and the runbooks for the one that was chosen. */
export interface Clusters {
  runbooks: readonly RunbookChoice[];
  /** Absent while they are read. */
  found?: readonly ClusterChoice[] | undefined;
  /** The cluster whose runbooks are shown; absent: the clusters are. */
  chosen?: ClusterChoice | undefined;
  list: Picking;
  /** The name of the cluster that was chosen and that nothing can be begun on. */
  refused?: string | undefined;
}

/** The clusters before they are read. */
export function openClusters(runbooks: readonly RunbookChoice[]): Clusters {
  return { runbooks, list: untouched };
}

export interface ClusterItem extends ListItem {
  /** What choosing it leads to; absent when it leads nowhere. */
  what:
    | { kind: 'cluster'; cluster: ClusterChoice }
    | { kind: 'start'; form: Form }
    | { kind: 'nothing'; cluster: ClusterChoice };
}

/** What there is to choose: a cluster, or one of the runbooks for the cluster chosen. */
export function clusterItems({ runbooks, found = [], chosen }: Clusters): ClusterItem[] {
  if (chosen !== undefined) {
    return runbooksFor(chosen, runbooks).map((runbook) => ({
      value: runbook.id,
      label: `Start    ${runbook.title}`,
      title: runbook.title,
      about: aboutRunbook(runbook),
      what: { kind: 'start', form: formFor(runbook, chosen) },
    }));
  }
  return found.map((cluster) => {
    const fitting = runbooksFor(cluster, runbooks);
    const stuck = cluster.unavailable ?? cluster.blocked;
    const [only, ...more] = fitting;
    const what = ((): ClusterItem['what'] => {
      if (stuck !== undefined || only === undefined) return { kind: 'nothing', cluster };
      if (more.length > 0) return { kind: 'cluster', cluster };
      return { kind: 'start', form: formFor(only, cluster) };
    })();
    return {
      value: `${cluster.resourceGroup}/${cluster.name}/${cluster.unavailable ?? ''}`,
      label: clusterLabel(cluster, found),
      title: cluster.name,
      about: aboutCluster(cluster, fitting),
      what,
    };
  });
}

/** Those of the runbooks offered that are for a cluster. */
export function runbooksFor({ runbooks }: ClusterChoice, offered: readonly RunbookChoice[]): RunbookChoice[] {
  return offered.filter(({ id }) => runbooks.includes(id));
}

/** A runbook's form with the cluster filled in, wherever the runbook asks for one. */
function formFor(runbook: RunbookChoice, cluster: ClusterChoice): Form {
  const at = runbook.parameters.findIndex(({ pick }) => pick === 'cluster');
  const form = openForm(runbook);
  return at === -1 ? form : withCluster({ ...form, at }, cluster);
}
