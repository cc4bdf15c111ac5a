/** The context the keys are looked up in, from the state of the screen. */
import { lastAttempt, plannedStep, stepState } from '../../../engine/state.ts';
import { pipelineOf } from '../../../plan/command.ts';
import type { Clusters } from '../clusters/clusters.ts';
import { offersClusters } from '../form/form.ts';
import { interruptible } from '../dialog/dialog.ts';
import { layout, type Size } from '../layout.ts';
import { pickingOf } from '../list/current.ts';
import { isOpen, openChoices, type RunUi, stepAt, stepShown } from '../run/run-ui.ts';
import type { Session } from '../session.ts';
import { type Place, runOf } from '../store.ts';
import type { KeyContext } from './context.ts';

type Looked = Pick<Session, 'app' | 'store' | 'hasHome' | 'output'>;

/** Which keys work on the screen as it is. */
export function contextOf(session: Looked, size: Size): KeyContext {
  return contextAt(session, session.store.getState().help, size);
}

/** Which keys work on the screen the help lies over, once it is closed. */
export function contextBeneath(session: Looked, size: Size): KeyContext {
  const ui = runOf(session.store.getState());
  const context = contextAt(session, false, size);
  if (ui === undefined) return context;
  return { ...context, choices: openChoices(ui, questionOnScreen(ui, false, size)) };
}

function contextAt(session: Looked, help: boolean, size: Size): KeyContext {
  const state = session.store.getState();
  const { place } = state;
  const picking = pickingOf(state);
  const context: KeyContext = {
    screen: screenOf(place),
    over: help ? 'help' : picking?.writing === true ? 'filter' : undefined,
    going: 'nothing',
    rewriting: 'no',
    typing: !help && (picking === undefined ? place.screen === 'form' : picking.writing),
    choices: [],
    narrow: layout(size).narrow,
    pane: 'list',
    following: true,
    hasOutput: false,
    hasCommand: false,
    canPage: session.app.pageOutput !== undefined,
    narrowed: picking !== undefined && picking.words !== '',
    searched: false,
    live: false,
    hasHome: session.hasHome,
    offersClusters:
      place.screen === 'form' && session.app.clusters !== undefined && offersClusters(place.form),
    lastField: place.screen === 'form' && place.form.at === place.form.runbook.parameters.length - 1,
  };
  return place.screen === 'run' ? { ...context, ...runContext(session, place.ui, help, size) } : context;
}

function runContext(
  session: Pick<Session, 'output'>,
  ui: RunUi,
  help: boolean,
  size: Size,
): Omit<
  KeyContext,
  'screen' | 'narrow' | 'narrowed' | 'canPage' | 'hasHome' | 'lastField' | 'offersClusters'
> {
  const { view, dialog, pager } = ui;
  const step = stepShown(ui);
  const attempt = lastAttempt(stepState(view.state, step))?.number;
  const over = help ? 'help' : (dialog?.kind ?? (pager?.searching === undefined ? undefined : 'search'));
  const onScreen = questionOnScreen(ui, help, size);
  return {
    over,
    going: dialog?.kind === 'leave' ? dialog.what : interruptible(view.activity),
    rewriting:
      view.activity?.rewrite === undefined ? 'no' : view.activity.rewrite.paused ? 'paused' : 'going',
    typing:
      over === 'write' ||
      over === 'search' ||
      (onScreen && ui.typing && ui.asked !== undefined && isOpen(ui.asked)),
    // Not before they are heeded: the row of keys promises only what works.
    choices: ui.asked?.armed === true ? openChoices(ui, onScreen) : [],
    pane: ui.pane,
    following: step === stepAt(ui),
    hasOutput: attempt !== undefined && session.output(step, attempt) !== undefined,
    hasCommand: pipelineOf(plannedStep(view.state.plan, step)) !== undefined,
    searched: pager?.search !== undefined,
    live: ui.mode === 'live' && view.state.status === 'active',
  };
}

/** Whether the run's question is drawn: only then can a key answer it. */
export function questionOnScreen(ui: RunUi, help: boolean, size: Size): boolean {
  const { tooSmall, narrow } = layout(size);
  const covered = help || ui.dialog !== undefined || ui.pager !== undefined || ui.summary;
  const inSight = stepShown(ui) === stepAt(ui) && (!narrow || ui.pane === 'detail');
  return ui.asked !== undefined && !covered && inSight && !tooSmall;
}

function screenOf(place: Place): KeyContext['screen'] {
  if (place.screen === 'form') return choosing(place) ? 'picker' : 'form';
  if (place.screen === 'clusters') return screenOfClusters(place.clusters);
  if (place.screen !== 'run') return place.screen;
  if (place.ui.pager !== undefined) return place.ui.pager.of.kind;
  return place.ui.summary ? 'summary' : 'steps';
}

function screenOfClusters({ found, chosen }: Clusters): KeyContext['screen'] {
  if (found === undefined) return 'opening';
  return chosen === undefined ? 'clusters' : 'runbooks';
}

function choosing(place: Place & { screen: 'form' }): boolean {
  return Array.isArray(place.form.clusters);
}
