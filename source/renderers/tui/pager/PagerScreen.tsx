import { Box } from 'ink';
import type { ReactNode } from 'react';
import { plannedStep } from '../../../engine/state.ts';
import { layout, panelColumns, type Size } from '../layout.ts';
import { contextOf } from '../keys/now.ts';
import { type Line, line, paragraph, type Span } from '../lines.ts';
import { fieldRows } from '../detail/ask.ts';
import { runHeader } from '../run/header.ts';
import type { RunUi } from '../run/run-ui.ts';
import { Frame } from '../screen/Frame.tsx';
import { Panel } from '../screen/Panel.tsx';
import { useSession } from '../screen/binding.tsx';
import { fits, type Lines, matches, pageOf, type Pager, type PageRow } from './pager.ts';
import { pageIn } from './press-pager.ts';

/** The output of an attempt, or the record of the run, in full. Only the lines in sight are taken from it. */
export function PagerScreen({ ui, pager, size }: { ui: RunUi; pager: Pager; size: Size }): ReactNode {
  const session = useSession();
  const { body } = layout(size);
  const lines = session.lines(pager.of);
  const columns = size.columns - panelColumns;
  const message =
    ui.message === undefined ? [] : paragraph(ui.message, columns, { tone: 'warn', bold: true });
  const page = pageIn(size, pager, message.length);
  const rows = lines === undefined ? [] : pageOf(pager, lines, page);
  const search: Line[] =
    pager.searching === undefined
      ? []
      : [[{ text: 'Search: ', bold: true }, ...(fieldRows(pager.searching, columns - 8, true)[0] ?? [])]];
  const foot = [...message, ...search];
  return (
    <Frame size={size} header={runHeader(ui.view.state, size.columns)} context={contextOf(session, size)}>
      <Box height={body}>
        <Panel
          title={`${position(pager, lines, rows)} · ${whatIsRead(ui, pager)}`}
          rows={[...pageLines(pager, rows, foot.length === 0 ? 0 : page.rows), ...foot]}
          columns={size.columns}
          height={body}
        />
      </Box>
    </Frame>
  );
}

function whatIsRead({ view }: RunUi, { of }: Pager): string {
  if (of.kind === 'record') return 'the record of the run';
  if (of.kind === 'story') return 'the run so far';
  return `attempt ${of.attempt} · ${plannedStep(view.state.plan, of.step).title}`;
}

/** The rows in sight; at least `room`, so that what is below them stays at the foot. */
function pageLines(pager: Pager, rows: readonly PageRow[], room: number): Line[] {
  if (rows.length === 0) return [line('No output yet.', { tone: 'quiet' })];
  const { search } = pager;
  const inLine = rows.filter(({ line }) => line === search?.at);
  // What is broken between two rows is in neither.
  const first = inLine.find(({ text }) => search !== undefined && fits(text, search)) ?? inLine[0];
  const marked = rows.map((each): Line => {
    const { row, text } = each;
    const found = each.line === search?.at;
    const goesOn = row > 0 && pager.of.kind === 'output';
    const mark = goesOn ? '↳ ' : each === first ? '› ' : '  ';
    return [{ text: mark, bold: found, tone: found ? 'plain' : 'quiet' }, ...highlighted(text, pager.search)];
  });
  const missing = Math.max(0, room - marked.length);
  return [...marked, ...Array.from({ length: missing }, () => line(''))];
}

/** A row with what was searched for standing out. */
function highlighted(text: string, search: Pager['search']): Line {
  const places = search === undefined ? [] : matches(text, search);
  const spans: Span[] = [];
  let done = 0;
  for (const [start, end] of places) {
    spans.push(
      { text: text.slice(done, start) },
      { text: text.slice(start, end), inverse: true, bold: true },
    );
    done = end;
  }
  return [...spans, { text: text.slice(done) }];
}

function position(pager: Pager, lines: Lines | undefined, rows: readonly PageRow[]): string {
  if (lines === undefined) return 'no output';
  const dropped = lines.dropped > 0 ? `, the first ${lines.dropped} are in the output file only` : '';
  const first = rows[0]?.line ?? -1;
  const last = rows.at(-1)?.line ?? -1;
  return `lines ${first + 1}–${last + 1} of ${lines.length}${foundText(pager)}${dropped}`;
}

function foundText({ search }: Pager): string {
  if (search === undefined) return '';
  const what = search.for === 'errors' ? 'errors' : `“${search.words}”`;
  if (search.at !== undefined) return ` · ${what} ${search.index}/${search.count}`;
  return search.for === 'errors' ? ' · no errors found' : ` · ${what} not found`;
}
