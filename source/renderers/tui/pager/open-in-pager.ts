import { ToolError } from '../../../runbook/errors.ts';
import type { Session } from '../session.ts';
import { runOf, updateRun } from '../store.ts';
import type { Suspension } from '../suspension.ts';

/** Has the operator's own pager show the output on screen. The run goes on meanwhile. */
export function openInPager(session: Session, suspension: Pick<Suspension, 'lend'>): void {
  const { store, app } = session;
  const ui = runOf(store.getState());
  const of = ui?.pager?.of;
  if (ui === undefined || of?.kind !== 'output' || app.pageOutput === undefined) return;
  const { runId } = ui.view.state.header;
  const work = (): Promise<void> => app.pageOutput?.(runId, of.step, of.attempt) ?? Promise.resolve();
  suspension.lend(work).catch((error: unknown) => {
    if (!(error instanceof ToolError)) return session.fail(error);
    updateRun(store, (ui) => ({ ...ui, message: `${error.message} ${error.next}` }));
  });
}
