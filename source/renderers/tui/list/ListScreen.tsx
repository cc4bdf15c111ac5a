import { Box } from 'ink';
import type { ReactNode } from 'react';
import { fieldRows } from '../detail/ask.ts';
import { contextOf } from '../keys/now.ts';
import { layout, panelColumns, panelRows, type Size } from '../layout.ts';
import { around, clamp, type Line, line, paragraph } from '../lines.ts';
import { titleRow } from '../run/header.ts';
import { Frame } from '../screen/Frame.tsx';
import { Panel } from '../screen/Panel.tsx';
import { Rows } from '../screen/Rows.tsx';
import { useSession } from '../screen/binding.tsx';
import { type CurrentList, currentList, listColumns } from './current.ts';
import { markedIndex } from './list.ts';

/** Rows kept below the list for what is said about the item marked, without the border. */
const aboutRows = { least: 5, most: 16 };

interface ListScreenProps {
  size: Size;
  title: string;
  /** One line: what is to be chosen, or that it is not there yet. */
  invitation: string;
}

/** A list to choose from, and what there is to say about the item that is marked. */
export function ListScreen({ size, title, invitation }: ListScreenProps): ReactNode {
  const session = useSession();
  const list = currentList(session, size);
  const { beside, panel } = listColumns(size);
  const { body } = layout(size);
  const about = beside
    ? { columns: size.columns - panel, height: body }
    : { columns: size.columns, height: aboutHeight(body, list?.count ?? 0) };
  const room = beside ? { columns: panel, rows: body } : { columns: size.columns, rows: body - about.height };
  const marked = list?.marked;
  return (
    <Frame
      size={size}
      header={[titleRow(title, session.app.rehearsal, size.columns), line(` ${invitation}`)]}
      context={contextOf(session, size)}
    >
      <Box height={body} flexDirection={beside ? 'row' : 'column'} overflow="hidden">
        <Box height={room.rows} width={room.columns} flexShrink={0} overflow="hidden">
          <Rows rows={list === undefined ? [] : listRows(list, room)} columns={room.columns} role="list" />
        </Box>
        {marked !== undefined && (
          <Panel
            title={marked.title ?? marked.label}
            rows={aboutLines(marked.about, about.columns - panelColumns, about.height - panelRows)}
            columns={about.columns}
            height={about.height}
          />
        )}
      </Box>
    </Frame>
  );
}

/** What a list of so many items leaves, and no less than a short description takes. */
function aboutHeight(body: number, items: number): number {
  const wanted = clamp(body - items - 1 - panelRows, aboutRows.least, aboutRows.most);
  return Math.min(wanted + panelRows, Math.max(0, body - 4));
}

/** As much as there is room for; that there is more is said. */
function aboutLines(about: readonly string[], columns: number, rows: number): Line[] {
  const all = about.flatMap((text) => paragraph(text, columns));
  return all.length <= rows ? all : [...all.slice(0, Math.max(0, rows - 1)), line('…', { tone: 'quiet' })];
}

function listRows(list: CurrentList, { columns, rows }: { columns: number; rows: number }): Line[] {
  const { listed, count, picking } = list;
  const narrowing = picking.writing || picking.words !== '';
  const field: Line[] = narrowing
    ? [
        [
          { text: ' Only with: ', bold: true },
          ...(fieldRows(picking.words, columns - 24, picking.writing)[0] ?? []),
          { text: ` ${listed.length} of ${count}`, tone: 'quiet' },
        ],
      ]
    : rows > 6
      ? [line('')]
      : [];
  if (listed.length === 0 && narrowing)
    return [...field, line(' Nothing has these words.', { tone: 'quiet' })];
  const index = markedIndex(listed, picking);
  const lines = listed.map(({ label }, at): Line => {
    const here = at === index;
    return [
      { text: here ? ' › ' : '   ', bold: true, tone: 'accent' },
      { text: label, bold: here, inverse: here },
    ];
  });
  return [...field, ...around(lines, Math.max(1, rows - field.length), index)];
}
