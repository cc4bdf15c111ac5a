/** What the keys do in a list. */
import type { Action } from '../keys/table.ts';
import { layout, type Size } from '../layout.ts';
import type { Session } from '../session.ts';
import { updateList } from '../store.ts';
import { currentList } from './current.ts';
import { mark } from './list.ts';

/** Carries out `action` on the list shown; false when there is none, or it is not for lists. */
export function pressList(session: Session, action: Action, size: Size): boolean {
  const list = currentList(session, size);
  if (list === undefined) return false;
  const { store } = session;
  const page = Math.max(1, Math.floor(layout(size).body / 2));
  const moves: Partial<Record<Action, number | 'first' | 'last'>> = {
    up: -1,
    down: 1,
    'page-up': -page,
    'page-down': page,
    first: 'first',
    last: 'last',
  };
  const by = moves[action];
  if (by !== undefined) {
    updateList(store, (picking) => mark(list.listed, picking, by));
    return true;
  }
  switch (action) {
    case 'choose':
      list.choose();
      return true;
    case 'filter':
      updateList(store, (picking) => ({ ...picking, writing: true }));
      return true;
    case 'stop-writing':
      updateList(store, (picking) => ({ ...picking, writing: false }));
      return true;
    case 'unfilter':
      updateList(store, (picking) => ({ ...picking, words: '', writing: false }));
      return true;
    default:
      return false;
  }
}
