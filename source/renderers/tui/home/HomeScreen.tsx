import { type ReactNode, useState } from 'react';
import type { HomeData } from '../app.ts';
import type { Size } from '../layout.ts';
import { useSession } from '../screen/binding.tsx';
import { Browser } from './Browser.tsx';
import { type HomeItem, homeItems, type RunKind } from './items.ts';

/** What one can do: take up a run, find a cluster's runbook, start one, look at a run. */
export function HomeScreen({ data, size }: { data: HomeData | undefined; size: Size }): ReactNode {
  const session = useSession();
  const [expanded, setExpanded] = useState<ReadonlySet<RunKind>>(new Set());
  const offered = session.app.clusters !== undefined;
  const items = data === undefined ? [] : homeItems(data, offered, expanded, size.columns - 4, session.now());
  const choose = ({ what }: HomeItem): void => {
    if (what.kind === 'more') setExpanded(new Set([...expanded, what.runs]));
    else if (what.kind === 'clusters') session.showClusters(data?.runbooks ?? []);
    else if (what.kind === 'start') session.fillIn(what.runbook);
    else if (what.kind === 'resume') session.resume(what.run.runId);
    else session.lookAt(what.run.runId);
  };
  return (
    <Browser
      size={size}
      title="KMS migration for AKS clusters"
      invitation={invitation(data)}
      items={items}
      aboutTitle={aboutTitle}
      onChoose={choose}
    />
  );
}

function invitation(data: HomeData | undefined): string {
  if (data === undefined) return 'Reading runbooks and runs…';
  const { unfinished, unreadable = 0 } = data;
  const runs = unfinished.length === 1 ? 'One run is' : `${unfinished.length} runs are`;
  const told = [
    ...(unfinished.length === 0 ? [] : [`${runs} unfinished.`]),
    ...(unreadable === 0 ? [] : [`Unreadable: ${unreadable} (see \`runs\`).`]),
  ];
  return [' What do you want to do?', ...told].join(' ');
}

function aboutTitle({ what, label }: HomeItem): string {
  if (what.kind === 'more') return `${what.runs} runs`;
  if (what.kind === 'clusters') return label;
  return what.kind === 'start' ? what.runbook.title : `${what.run.runbookTitle} · ${what.run.cluster}`;
}
