/** How far the detail can be scrolled in a window of a given size. */
import { detailScrollRange } from '../detail/detail.ts';
import { layout, panelColumns, panelRows, type Size } from '../layout.ts';
import type { Session } from '../session.ts';
import type { RunUi } from './run-ui.ts';

/** The positions there are, from which end, and how many make a page. */
export function detailRange(
  session: Session,
  ui: RunUi,
  size: Size,
): { range: number; anchor: 'top' | 'bottom'; page: number } {
  const { right, body } = layout(size);
  const rows = body - panelRows;
  const input = { ui, output: session.output, now: session.now(), busy: '▸' };
  return {
    ...detailScrollRange(input, right - panelColumns, rows),
    page: Math.max(1, Math.floor(rows / 2)),
  };
}
