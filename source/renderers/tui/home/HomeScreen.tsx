import { Box } from 'ink';
import { type ReactNode, useState } from 'react';
import type { HomeData } from '../app.ts';
import { contextOf } from '../keys/now.ts';
import { layout, panelColumns, panelRows, type Size } from '../layout.ts';
import { line, paragraph } from '../lines.ts';
import { titleRow } from '../run/header.ts';
import { Frame } from '../screen/Frame.tsx';
import { Panel } from '../screen/Panel.tsx';
import { Rows } from '../screen/Rows.tsx';
import { useSession } from '../screen/binding.tsx';
import { Choices } from './Choices.tsx';
import { type HomeItem, homeItems, type RunKind } from './items.ts';

/** Rows kept for what is said about the marked item, without its border. */
const aboutRows = 5;

/** What one can do: take up a run, start one, look at one. */
export function HomeScreen({ data, size }: { data: HomeData | undefined; size: Size }): ReactNode {
  const session = useSession();
  const [marked, setMarked] = useState<string>();
  const [expanded, setExpanded] = useState<ReadonlySet<RunKind>>(new Set());
  const { columns } = size;
  const items = data === undefined ? [] : homeItems(data, expanded, columns - 4, session.now());
  const item = items.find(({ value }) => value === marked) ?? items[0];
  const { body } = layout(size);
  const aboutHeight = Math.min(aboutRows + panelRows, Math.max(0, body - 4));
  const listHeight = body - aboutHeight;
  const choose = ({ what }: HomeItem): void => {
    if (what.kind === 'more') setExpanded(new Set([...expanded, what.runs]));
    else if (what.kind === 'start') session.fillIn(what.runbook);
    else if (what.kind === 'resume') session.resume(what.run.runId);
    else session.lookAt(what.run.runId);
  };
  const about = (item?.about ?? []).flatMap((text) => paragraph(text, columns - panelColumns));
  return (
    <Frame
      size={size}
      header={[
        titleRow('KMS migration for AKS clusters', session.app.rehearsal, columns),
        line(invitation(data)),
      ]}
      context={contextOf(session, size)}
    >
      <Box
        height={listHeight}
        paddingX={1}
        paddingTop={listHeight > 6 ? 1 : 0}
        flexDirection="column"
        overflow="hidden"
      >
        {items.length > 0 && (
          <Choices
            items={items}
            columns={columns - 2}
            rows={listHeight - (listHeight > 6 ? 1 : 0)}
            active
            onMark={({ value }) => setMarked(value)}
            onChoose={choose}
          />
        )}
      </Box>
      {item === undefined ? (
        <Rows rows={[]} columns={columns} />
      ) : (
        <Panel
          title={aboutTitle(item)}
          rows={about.slice(0, aboutRows)}
          columns={columns}
          height={aboutHeight}
          active={false}
        />
      )}
    </Frame>
  );
}

function invitation(data: HomeData | undefined): string {
  if (data === undefined) return ' Reading runbooks and runs…';
  const { unfinished, unreadable = 0 } = data;
  const told = [
    ...(unfinished.length === 0 ? [] : [`${countRuns(unfinished.length, 'is', 'are')} unfinished.`]),
    ...(unreadable === 0 ? [] : [`${countRuns(unreadable, 'cannot', 'cannot')} be read: see \`runs\`.`]),
  ];
  return [' What do you want to do?', ...told].join(' ');
}

function countRuns(count: number, one: string, more: string): string {
  return count === 1 ? `One run ${one}` : `${count} runs ${more}`;
}

function aboutTitle({ what }: HomeItem): string {
  if (what.kind === 'more') return `${what.runs} runs`;
  return what.kind === 'start' ? what.runbook.title : `${what.run.runbookTitle} · ${what.run.cluster}`;
}
