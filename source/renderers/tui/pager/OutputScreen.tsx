import { Box } from 'ink';
import type { ReactNode } from 'react';
import { plannedStep } from '../../../engine/state.ts';
import { layout, panelColumns, type Size } from '../layout.ts';
import { contextOf } from '../keys/now.ts';
import { type Line, line } from '../lines.ts';
import { fieldRows } from '../detail/ask.ts';
import { runHeader } from '../run/header.ts';
import type { RunUi } from '../run/run-ui.ts';
import { Frame } from '../screen/Frame.tsx';
import { Panel } from '../screen/Panel.tsx';
import { useSession } from '../screen/binding.tsx';
import { type Lines, pageOf, type Pager, type PageRow } from './pager.ts';
import { pageIn } from './press-pager.ts';

/** The output of an attempt in full. Only the lines in sight are taken from it. */
export function OutputScreen({ ui, pager, size }: { ui: RunUi; pager: Pager; size: Size }): ReactNode {
  const session = useSession();
  const { body } = layout(size);
  const output = session.output(pager.step, pager.attempt);
  const columns = size.columns - panelColumns;
  const page = pageIn(size, pager);
  const rows = output === undefined ? [] : pageOf(pager, output, page);
  const step = plannedStep(ui.view.state.plan, pager.step);
  const search: Line[] =
    pager.searching === undefined
      ? []
      : [[{ text: 'Search: ', bold: true }, ...(fieldRows(pager.searching, columns - 8, true)[0] ?? [])]];
  return (
    <Frame size={size} header={runHeader(ui.view.state, size.columns)} context={contextOf(session, size)}>
      <Box height={body}>
        <Panel
          title={`${position(pager, output, rows)} · attempt ${pager.attempt} · ${step.title}`}
          rows={[...pageLines(pager, rows, page.rows), ...search]}
          columns={size.columns}
          height={body}
        />
      </Box>
    </Frame>
  );
}

function pageLines(pager: Pager, rows: readonly PageRow[], room: number): Line[] {
  if (rows.length === 0) return [line('No output yet.', { tone: 'quiet' })];
  const marked = rows.map(({ line, row, text }): Line => {
    const found = pager.search?.at === line;
    const mark = row > 0 ? '↳ ' : found ? '› ' : '  ';
    return [
      { text: mark, bold: found, tone: found ? 'plain' : 'quiet' },
      { text, inverse: found },
    ];
  });
  // Fills the page, so that a search field stays at its foot.
  const missing = pager.searching === undefined ? 0 : room - marked.length;
  return [...marked, ...Array.from({ length: missing }, () => line(''))];
}

function position(pager: Pager, output: Lines | undefined, rows: readonly PageRow[]): string {
  if (output === undefined) return 'no output';
  const dropped = output.dropped > 0 ? `, the first ${output.dropped} are in the output file only` : '';
  const first = rows[0]?.line ?? -1;
  const last = rows.at(-1)?.line ?? -1;
  return `lines ${first + 1}–${last + 1} of ${output.length}${dropped}${foundText(pager)}`;
}

function foundText({ search }: Pager): string {
  if (search === undefined) return '';
  return search.at === undefined
    ? ` · “${search.words}” not found`
    : ` · “${search.words}” ${search.index}/${search.count}`;
}
