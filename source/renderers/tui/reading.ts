/** Scrolling what is only read: the help and the summary. */
import { contextBeneath } from './keys/now.ts';
import type { Action } from './keys/table.ts';
import { helpRows } from './help/help.ts';
import { layout, panelColumns, panelRows, type Size } from './layout.ts';
import { clamp, scrollRange } from './lines.ts';
import type { Session } from './session.ts';
import { summaryRows } from './summary/rows.ts';

/** Scrolls by a row or a page and stays within the text. False: that is not on screen, or not what `action` is. */
export function scrollReading(session: Session, action: Action, size: Size): boolean {
  const { store } = session;
  const { help, place, scroll } = store.getState();
  const summary = place.screen === 'run' && place.ui.summary && place.ui.pager === undefined;
  if (!help && !summary) return false;
  const room = layout(size).body - panelRows;
  const page = Math.max(1, room - 2);
  const moves: Partial<Record<Action, number>> = { up: -1, down: 1, 'page-up': -page, 'page-down': page };
  const by = moves[action];
  if (by === undefined) return help;
  const range = scrollRange(rowCount(session, size), room);
  store.setState({ scroll: clamp(Math.min(scroll, range) + by, 0, range) });
  return true;
}

function rowCount(session: Session, size: Size): number {
  const { help, place } = session.store.getState();
  const columns = size.columns - panelColumns;
  if (help) return helpRows(contextBeneath(session, size), columns).length;
  if (place.screen !== 'run') return 0;
  const { state } = place.ui.view;
  return summaryRows(state, session.places(state), columns).length;
}
