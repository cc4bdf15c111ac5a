import type { ReactNode } from 'react';
import type { HomeData } from '../app.ts';
import type { Size } from '../layout.ts';
import { ListScreen } from '../list/ListScreen.tsx';

/** What one can do: take up a run, find a cluster's runbook, start one, look at a run. */
export function HomeScreen({
  data,
  size,
  rehearsal,
}: {
  data: HomeData | undefined;
  size: Size;
  rehearsal: boolean;
}): ReactNode {
  return (
    <ListScreen size={size} title="KMS migration for AKS clusters" invitation={invitation(data, rehearsal)} />
  );
}

function invitation(data: HomeData | undefined, rehearsal: boolean): string {
  if (data === undefined) return 'Reading runbooks and runs…';
  const { unfinished, unreadable = 0 } = data;
  const runs = unfinished.length === 1 ? 'One run is' : `${unfinished.length} runs are`;
  const told = [
    ...(unfinished.length === 0 ? [] : [`${runs} unfinished.`]),
    ...(unreadable === 0
      ? []
      : [`Unreadable: ${unreadable} (see \`runs${rehearsal ? ' --rehearse' : ''}\`).`]),
  ];
  // The question gives way to what has to be in sight in 80 columns.
  return [...(unreadable === 0 ? ['What do you want to do?'] : []), ...told].join(' ');
}
