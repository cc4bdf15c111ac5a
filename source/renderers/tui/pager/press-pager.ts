/** What the keys do while an output or the record is read. */
import { stepState } from '../../../engine/state.ts';
import type { Action } from '../keys/table.ts';
import { layout, panelColumns, panelRows, type Size } from '../layout.ts';
import type { Session } from '../session.ts';
import { runOf, updateRun } from '../store.ts';
import { find, type Lines, type Page, type Pager, scroll, toEnd, toStart } from './pager.ts';

/** Columns before the text: whether a line was found, or goes on from the row above. */
const gutter = 2;

/** Carries out `action` on what is read; false when it is not for that. */
export function pressPager(session: Session, pager: Pager, action: Action, size: Size): boolean {
  if (!forPagers.has(action)) return false;
  press(session, pager, action, size);
  return true;
}

const forPagers: ReadonlySet<Action> = new Set<Action>([
  'close',
  'earlier-attempt',
  'later-attempt',
  'up',
  'down',
  'page-up',
  'page-down',
  'first',
  'last',
  'search',
  'submit',
  'search-next',
  'search-back',
  'next-error',
  'earlier-error',
  'wrap',
]);

function press(session: Session, pager: Pager, action: Action, size: Size): void {
  const output = session.lines(pager.of);
  const page = pageIn(size, pager);
  const set = (next: Pager | undefined): void => updateRun(session.store, (ui) => ({ ...ui, pager: next }));
  // What is not found in the lines held may be in those before them.
  const found = (next: Pager): void => {
    const missed = next.search !== undefined && next.search.at === undefined && (output?.dropped ?? 0) > 0;
    const message = missed
      ? 'Only the newest lines were searched; v opens the whole of it in your pager.'
      : undefined;
    updateRun(session.store, (ui) => ({ ...ui, pager: next, message }));
  };
  if (action === 'close') return set(pager.searching === undefined ? undefined : withoutSearchField(pager));
  if (action === 'earlier-attempt') return set(otherAttempt(session, pager, -1));
  if (action === 'later-attempt') return set(otherAttempt(session, pager, 1));
  if (output === undefined) return;
  switch (action) {
    case 'up':
      return set(scroll(pager, output, page, -1));
    case 'down':
      return set(scroll(pager, output, page, 1));
    case 'page-up':
      return set(scroll(pager, output, page, Math.min(-1, 1 - page.rows)));
    case 'page-down':
      return set(scroll(pager, output, page, Math.max(1, page.rows - 1)));
    case 'first':
      return set(toStart(pager, output));
    case 'last':
      return set(toEnd(pager));
    case 'search':
      return set({ ...pager, searching: '' });
    case 'submit':
      return found(search(pager, output, pageIn(size, withoutSearchField(pager))));
    case 'search-next':
    case 'search-back':
      if (pager.search === undefined) return;
      return found(find(pager, output, page, pager.search, action === 'search-next' ? 1 : -1));
    case 'next-error':
    case 'earlier-error':
      return found(find(pager, output, page, { for: 'errors' }, action === 'next-error' ? 1 : -1));
    case 'wrap':
      return set({ ...pager, cut: pager.cut !== true });
    default:
  }
}

/** The room for it in a window of this size, with `foot` rows of something else below it. */
export function pageIn(size: Size, pager: Pager, foot = 0): Page {
  const rows = layout(size).body - panelRows - (pager.searching === undefined ? 0 : 1) - foot;
  return {
    rows: Math.max(1, rows),
    columns: Math.max(2, size.columns - panelColumns - gutter),
    prose: pager.of.kind !== 'output',
    cut: pager.cut,
  };
}

function search(pager: Pager, output: Lines, page: Page): Pager {
  const words = pager.searching?.trim() ?? '';
  const closed = withoutSearchField(pager);
  return words === '' ? closed : find(closed, output, page, { for: 'words', words }, 1);
}

function withoutSearchField(pager: Pager): Pager {
  return { ...pager, searching: undefined };
}

function otherAttempt(session: Session, pager: Pager, by: 1 | -1): Pager {
  const ui = runOf(session.store.getState());
  const { of } = pager;
  if (ui === undefined || of.kind !== 'output') return pager;
  const { attempts } = stepState(ui.view.state, of.step);
  const attempt = attempts.find(({ number }) => number === of.attempt + by);
  return attempt === undefined ? pager : { of: { ...of, attempt: attempt.number }, top: 'end' };
}
