/** The list on screen, whichever screen that is: what is on it, and what choosing from it does. */
import { clusterItems } from '../clusters/clusters.ts';
import { pickerItems } from '../form/form.ts';
import { homeItems, type RunKind } from '../home/items.ts';
import { layout, type Size } from '../layout.ts';
import type { Session } from '../session.ts';
import type { TuiState } from '../store.ts';
import { type ListItem, markedIndex, narrowed, type Picking } from './list.ts';

export interface CurrentList {
  /** Those that have the words it is narrowed by. */
  listed: readonly ListItem[];
  /** How many there are in all. */
  count: number;
  picking: Picking;
  /** The item marked; undefined when none is listed. */
  marked: ListItem | undefined;
  /** Goes on with the item marked. */
  choose(): void;
}

/** The words and mark of the list on screen; undefined when there is no list. */
export function pickingOf({ place }: TuiState): Picking | undefined {
  if (place.screen === 'home') return place.list;
  if (place.screen === 'clusters') return place.clusters.found && place.clusters.list;
  return place.screen === 'form' && Array.isArray(place.form.clusters) ? place.form.list : undefined;
}

/** The list on screen in a window of `size`; undefined when there is none. */
export function currentList(
  session: Pick<Session, 'app' | 'store' | 'now' | 'chooseAtHome' | 'chooseOfClusters' | 'pickCluster'>,
  size: Size,
): CurrentList | undefined {
  const state = session.store.getState();
  const { place } = state;
  const picking = pickingOf(state);
  if (picking === undefined) return undefined;
  switch (place.screen) {
    case 'home': {
      const { data, expanded } = place;
      const offered = session.app.clusters !== undefined;
      const { columns } = listColumns(size);
      // Who looks for a run by words means any of them.
      const shown = picking.words.trim() === '' ? expanded : allKinds;
      const items = data === undefined ? [] : homeItems(data, offered, shown, columns, session.now());
      return list(items, picking, (item) => session.chooseAtHome(item));
    }
    case 'clusters':
      return list(clusterItems(place.clusters), picking, (item) => session.chooseOfClusters(item));
    case 'form':
      return list(pickerItems(place.form), picking, (item) => session.pickCluster(item));
    default:
      return undefined;
  }
}

const allKinds: ReadonlySet<RunKind> = new Set<RunKind>(['unfinished', 'finished']);

function list<T extends ListItem>(
  items: readonly T[],
  picking: Picking,
  choose: (item: T) => void,
): CurrentList {
  const listed = narrowed(items, picking);
  const marked = listed[markedIndex(listed, picking)];
  return {
    listed,
    count: items.length,
    picking,
    marked,
    choose: () => {
      if (marked !== undefined) choose(marked);
    },
  };
}

/** Columns of the list and of a label in it, and whether what is said about the item marked stands beside the list or below it. */
export function listColumns(size: Size): { panel: number; columns: number; beside: boolean } {
  const beside = !layout(size).narrow && size.columns >= 110;
  const panel = beside ? Math.max(titleColumns, Math.floor(size.columns / 2)) : size.columns;
  return { panel, columns: panel - labelMargin, beside };
}

/** What the documents' titles take: they differ in their last words. */
const titleColumns = 66;

/** A space at either side, and the mark. */
const labelMargin = 4;
