/** The state of the screen: a plain zustand store. Only `session.ts` and `press.ts` change it. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { HomeData } from './app.ts';
import type { Clusters } from './clusters/clusters.ts';
import type { Form } from './form/form.ts';
import type { RunKind } from './home/items.ts';
import { type Picking, untouched } from './list/list.ts';
import type { RunUi } from './run/run-ui.ts';

export type Place =
  /** `data` is absent while it is read; `expanded`: kinds of runs of which all are listed. */
  | { screen: 'home'; data?: HomeData | undefined; list: Picking; expanded: ReadonlySet<RunKind> }
  | { screen: 'clusters'; clusters: Clusters }
  | { screen: 'form'; form: Form }
  | { screen: 'opening'; what: string }
  | { screen: 'problem'; what: string; next: string }
  | { screen: 'run'; ui: RunUi };

export interface TuiState {
  place: Place;
  help: boolean;
  /** Rows the help or the summary is scrolled down. */
  scroll: number;
  /** Grows when the output shown has grown. */
  outputSeen: number;
}

/** The home screen before anything is read. */
export const homePlace: Extract<Place, { screen: 'home' }> = {
  screen: 'home',
  list: untouched,
  expanded: new Set(),
};

export type TuiStore = StoreApi<TuiState>;

export function createTuiStore(place: Place): TuiStore {
  return createStore<TuiState>(() => ({ place, help: false, scroll: 0, outputSeen: 0 }));
}

/** Changes the run screen; does nothing when another screen is shown. */
export function updateRun(store: TuiStore, change: (ui: RunUi) => RunUi): void {
  const { place } = store.getState();
  if (place.screen !== 'run') return;
  const ui = change(place.ui);
  if (ui !== place.ui) store.setState({ place: { screen: 'run', ui } });
}

/** Changes the form; does nothing when another screen is shown. */
export function updateForm(store: TuiStore, change: (form: Form) => Form): void {
  const { place } = store.getState();
  if (place.screen === 'form') store.setState({ place: { screen: 'form', form: change(place.form) } });
}

/** Changes the mark or the words of the list shown; does nothing when none is. */
export function updateList(store: TuiStore, change: (list: Picking) => Picking): void {
  const { place } = store.getState();
  if (place.screen === 'home') store.setState({ place: { ...place, list: change(place.list) } });
  if (place.screen === 'clusters') {
    const { clusters } = place;
    store.setState({
      place: { ...place, clusters: { ...clusters, list: change(clusters.list), refused: undefined } },
    });
  }
  if (place.screen === 'form') updateForm(store, (form) => ({ ...form, list: change(form.list) }));
}

/** The run screen, when it is the one shown. */
export function runOf(state: TuiState): RunUi | undefined {
  return state.place.screen === 'run' ? state.place.ui : undefined;
}
