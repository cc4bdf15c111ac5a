import type { ReactNode } from 'react';
import type { Size } from '../layout.ts';
import { ListScreen } from '../list/ListScreen.tsx';
import type { Clusters } from './clusters.ts';

/** The clusters that can be seen and what applies to each; a cluster leads to its runbooks. */
export function ClustersScreen({ clusters, size }: { clusters: Clusters; size: Size }): ReactNode {
  return <ListScreen size={size} title="Clusters" invitation={invitation(clusters)} />;
}

function invitation({ found, chosen, refused }: Clusters): string {
  if (found === undefined) return 'Looking for your clusters…';
  if (found.length === 0) return 'The signed-in account can see no clusters.';
  if (refused !== undefined) return `! Nothing can be begun on ${refused} now.`;
  return chosen === undefined
    ? 'Which cluster?'
    : `Which runbook for ${chosen.name}? Nothing is changed yet.`;
}
