import { Box } from 'ink';
import type { ReactNode } from 'react';
import { plannedStep } from '../../../engine/state.ts';
import { clean, cut } from '../../text.ts';
import { layout, panelColumns, panelRows, type Size } from '../layout.ts';
import { contextOf } from '../keys/now.ts';
import { type Line, line } from '../lines.ts';
import { fieldRows } from '../detail/ask.ts';
import { runHeader } from '../run/header.ts';
import type { RunUi } from '../run/run-ui.ts';
import { Frame } from '../screen/Frame.tsx';
import { Panel } from '../screen/Panel.tsx';
import { useSession } from '../screen/binding.tsx';
import { firstLine, type Lines, type Pager } from './pager.ts';

/** The output of an attempt in full. Only the lines in sight are taken from it. */
export function OutputScreen({ ui, pager, size }: { ui: RunUi; pager: Pager; size: Size }): ReactNode {
  const session = useSession();
  const { body } = layout(size);
  const output = session.output(pager.step, pager.attempt);
  const columns = size.columns - panelColumns;
  const rows = pageRowsOf(body, pager);
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
          rows={[...pageLines(pager, output, rows, columns), ...search]}
          columns={size.columns}
          height={body}
        />
      </Box>
    </Frame>
  );
}

function pageRowsOf(body: number, pager: Pager): number {
  return Math.max(1, body - panelRows - (pager.searching === undefined ? 0 : 1));
}

function pageLines(pager: Pager, output: Lines | undefined, rows: number, columns: number): Line[] {
  if (output === undefined || output.length === 0) return [line('No output yet.', { tone: 'quiet' })];
  const first = firstLine(pager, output, rows);
  const lines = output.slice(first, first + rows);
  const marked = lines.map((text, index): Line => {
    if (pager.search?.at === first + index)
      return [
        { text: '› ', bold: true },
        { text: cut(text, columns - 2), inverse: true },
      ];
    return [{ text: clean(cut(text, columns)) }];
  });
  // Fills the page, so that a search field stays at its foot.
  return [
    ...marked,
    ...Array.from({ length: pager.searching === undefined ? 0 : rows - marked.length }, () => line('')),
  ];
}

function position(pager: Pager, output: Lines | undefined, rows: number): string {
  if (output === undefined) return 'no output';
  const first = firstLine(pager, output, rows);
  const last = Math.min(output.length, first + rows);
  const dropped = output.dropped > 0 ? `, the first ${output.dropped} are in the output file only` : '';
  const found =
    pager.search === undefined
      ? ''
      : pager.search.at === undefined
        ? ` · “${pager.search.words}” not found`
        : '';
  return `lines ${Math.min(first + 1, last)}–${last} of ${output.length}${dropped}${found}`;
}
