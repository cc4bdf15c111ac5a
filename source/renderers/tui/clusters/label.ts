/** A cluster in the words of a list. Pure. */
import { width } from '../../text.ts';
import type { ClusterChoice, RunbookChoice } from '../app.ts';

/** A cluster in one line, its columns under those of the others. */
export function clusterLabel(cluster: ClusterChoice, all: readonly ClusterChoice[]): string {
  const padded = (name: 'name' | 'resourceGroup'): string =>
    cluster[name] + ' '.repeat(Math.max(...all.map((other) => width(other[name]))) - width(cluster[name]));
  return `${padded('name')}  ${padded('resourceGroup')}  ${cluster.detail}`;
}

/** What is in a cluster's way, and the runbooks for it. */
export function aboutCluster(cluster: ClusterChoice, fitting: readonly RunbookChoice[] = []): string[] {
  const stuck = cluster.unavailable ?? cluster.blocked;
  return [
    ...(stuck === undefined ? [] : [`! ${stuck}`]),
    ...fitting.map(({ title }) => `${stuck === undefined ? 'Runbook' : 'Runbook then'}: ${title}`),
    `In resource group ${cluster.resourceGroup}: ${cluster.detail}.`,
  ];
}
