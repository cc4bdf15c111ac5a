import { ToolError } from '../../../runbook/errors.ts';
import type { Session } from '../session.ts';
import { runOf, updateRun } from '../store.ts';

/** Has the record of the run on screen written to files, and says where they are. */
export function exportRecord(session: Session): void {
  const { store, app } = session;
  const ui = runOf(store.getState());
  if (ui === undefined) return;
  const { runId } = ui.view.state.header;
  const say = (message: string): void =>
    updateRun(store, (ui) => (ui.view.state.header.runId === runId ? { ...ui, message } : ui));
  say('Writing the record…');
  app.exportRecord(runId).then(
    (files) => say(`Written: ${files.join(' and ')}`),
    (error: unknown) => {
      if (error instanceof ToolError) say(`${error.message} ${error.next}`);
      else session.fail(error);
    },
  );
}
