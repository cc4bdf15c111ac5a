/** The window's title, and when to call an operator who has turned away. */
import { plannedStep } from '../../engine/state.ts';
import { place as placeIn } from '../status.ts';
import { type RunUi, stepAt } from './run/run-ui.ts';
import type { Session } from './session.ts';
import { runOf, type TuiState } from './store.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds without a key after which the operator is taken to be elsewhere. */
const awayAfter = 20_000;

const tool = 'aks-kms-runbook';

/** Keeps the title true, and calls when there is something to say to somebody who is not looking. Returns what ends it. */
export function watchForAttention(session: Session, terminal: Terminal): () => void {
  terminal.title(titleFor(session.store.getState()));
  return session.store.subscribe((state, before) => {
    terminal.title(titleFor(state));
    const reason = reasonToCall(runOf(before), runOf(state));
    const quietFor = session.now().getTime() - session.lastKeyAt;
    if (reason !== undefined && quietFor >= awayAfter) terminal.call(`${tool}: ${reason}`);
  });
}

/** Where a run is, in the few words of a tab: `▸ 4 of 9 · blue`; what waits for the operator begins with `!`. */
export function titleFor({ place }: TuiState): string {
  if (place.screen !== 'run') return tool;
  const { ui } = place;
  const { state, activity } = ui.view;
  const mark = ui.asked !== undefined ? '!' : activity !== undefined ? '▸' : '';
  const where = state.status === 'completed' ? 'completed' : placeIn(state, stepAt(ui));
  const parts = [
    where,
    state.plan.target.clusterName,
    tool,
    ...(state.header.rehearsal ? ['rehearsal'] : []),
  ];
  return [mark, parts.filter((part) => part !== '').join(' · ')].join(' ').trim();
}

/** What has come up between two looks at a run that an operator would want to know of; undefined when nothing has. */
export function reasonToCall(before: RunUi | undefined, ui: RunUi | undefined): string | undefined {
  if (ui === undefined || before === undefined || ui.mode === 'past') return undefined;
  const { state, activity } = ui.view;
  const cluster = state.plan.target.clusterName;
  const said = (what: string): string => (cluster === '' ? what : `${cluster}: ${what}`);
  const step = `“${plannedStep(state.plan, stepAt(ui)).title}”`;
  if (state.status === 'completed' && before.view.state.status !== 'completed')
    return said('the run is completed.');
  if (ui.asked !== undefined && ui.asked.asking !== before.asked?.asking) {
    const failed = ui.asked.question.kind === 'failed';
    return said(failed ? `${step} failed.` : `${step} waits for you.`);
  }
  if (activity?.asks !== undefined && before.view.activity?.asks === undefined)
    return said(`${step} asks you to sign in.`);
  if (activity?.overdue === true && before.view.activity?.overdue !== true)
    return said(`${step} takes longer than it should.`);
  return undefined;
}
