import { type ReactNode, useState } from 'react';
import { Browser } from '../home/Browser.tsx';
import type { Size } from '../layout.ts';
import { useSession } from '../screen/binding.tsx';
import { type ClusterItem, type Clusters, clusterItems } from './clusters.ts';

/** The clusters that can be seen and what applies to each; a cluster leads to its runbooks. */
export function ClustersScreen({ clusters, size }: { clusters: Clusters; size: Size }): ReactNode {
  const session = useSession();
  const [refused, setRefused] = useState<string>();
  const choose = ({ what, label }: ClusterItem): void => {
    if (what.kind === 'nothing') setRefused(label);
    if (what.kind === 'start') session.goOn(what.form);
    if (what.kind === 'cluster') session.chooseCluster(what.cluster);
  };
  const { found, chosen } = clusters;
  return (
    <Browser
      // Two lists: what was marked in one says nothing of the other.
      key={chosen === undefined ? 'clusters' : 'runbooks'}
      size={size}
      title="Clusters"
      invitation={
        refused === undefined || chosen !== undefined
          ? invitation(found?.length, chosen?.name)
          : `! Nothing can be begun on ${refused.split(' ')[0]} now.`
      }
      items={clusterItems(clusters)}
      aboutTitle={({ what, label }) =>
        what.kind === 'start' && chosen !== undefined ? what.form.runbook.title : label
      }
      onChoose={choose}
    />
  );
}

function invitation(found: number | undefined, chosen: string | undefined): string {
  if (found === undefined) return 'Looking for your clusters…';
  if (found === 0) return 'The signed-in account can see no clusters.';
  return chosen === undefined ? 'Which cluster?' : `Which runbook for ${chosen}? Nothing is changed yet.`;
}
