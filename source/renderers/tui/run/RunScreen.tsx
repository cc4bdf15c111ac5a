import { Box, useAnimation, useApp } from 'ink';
import { type ReactNode, useEffect } from 'react';
import { plannedStep, stepState } from '../../../engine/state.ts';
import { place } from '../../status.ts';
import { checklistRows } from '../checklist/checklist.ts';
import { detailRows } from '../detail/detail.ts';
import { layout, panelColumns, panelRows, type Size } from '../layout.ts';
import { contextOf, questionOnScreen } from '../keys/now.ts';
import { type Line, line } from '../lines.ts';
import { Frame } from '../screen/Frame.tsx';
import { Panel } from '../screen/Panel.tsx';
import { useSession, useTui } from '../screen/binding.tsx';
import { updateRun } from '../store.ts';
import { runHeader } from './header.ts';
import { notRunYet } from '../detail/detail.ts';
import { arm, type RunUi, stepAt, stepShown } from './run-ui.ts';

/** Slow enough not to distract, and not to wake a laptop's fan all night. */
const busyInterval = 500;
const busyGlyphs = ['▸', '▹'] as const;

/** The steps of a run and the one looked at. */
export function RunScreen({ ui, size }: { ui: RunUi; size: Size }): ReactNode {
  const session = useSession();
  const { help } = useTui();
  const { activity, state } = ui.view;
  const { linear = false } = size;
  // Read aloud, a screen that changes every second is never quiet.
  const { frame } = useAnimation({ interval: busyInterval, isActive: activity !== undefined && !linear });
  useArming(ui, questionOnScreen(ui, help, size));
  const { narrow, left, right, body } = layout(size);
  const now = session.now();
  const busy = busyGlyphs[frame % busyGlyphs.length] ?? '▸';
  const shown = stepShown(ui);
  const rows = body - panelRows;
  const list = {
    state,
    shown,
    at: stepAt(ui),
    folded: ui.folded,
    now,
    words: linear,
    busy: activity && { step: activity.step, glyph: busy },
  };
  const waiting = narrow ? waitingRows(ui) : [];
  const listShown = !narrow || (ui.pane === 'list' && ui.dialog === undefined);
  const checklist = (
    <Panel
      title={`step ${place(state, stepAt(ui))}`}
      rows={[...checklistRows(list, left - panelColumns, rows - waiting.length), ...waiting]}
      columns={left}
      height={body}
      role="list"
      active={narrow}
    />
  );
  const detail = (
    <Panel
      title={detailTitle(ui, narrow)}
      rows={detailRows({ ui, output: session.output, now, busy }, right - panelColumns, rows)}
      columns={right}
      height={body}
      alarm={isAlarming(ui)}
    />
  );
  return (
    <Frame size={size} header={runHeader(state, size.columns)} context={contextOf(session, size)}>
      <Box height={body} flexDirection="row">
        {listShown && checklist}
        {(!narrow || !listShown) && detail}
      </Box>
    </Frame>
  );
}

/** The step shown cannot be undone, and is still to be run. */
function isAlarming(ui: RunUi): boolean {
  const { state } = ui.view;
  const shown = stepShown(ui);
  const { irreversible } = plannedStep(state.plan, shown);
  return irreversible !== undefined && notRunYet.has(stepState(state, shown).status);
}

function detailTitle(ui: RunUi, narrow: boolean): string {
  const { state } = ui.view;
  const shown = stepShown(ui);
  if (ui.asked?.question.kind === 'drift' && shown === stepAt(ui)) return 'before the run goes on';
  return `${narrow ? `step ${place(state, shown)} · ` : ''}${plannedStep(state.plan, shown).title}`;
}

/** Where only the list is in sight: that something is asked or goes on in the step itself. */
function waitingRows(ui: RunUi): Line[] {
  const { activity } = ui.view;
  if (ui.message !== undefined) return [line(''), line(ui.message, { tone: 'warn', bold: true })];
  if (ui.asked !== undefined)
    return [line(''), line('Waiting for you: enter shows the step', { tone: 'accent', bold: true })];
  if (activity === undefined) return [];
  return [line(''), line(activity.doing, { tone: 'busy' })];
}

/**
 * A question takes answers from the moment its frame has been written to the terminal, and not before. What was
 * typed until then is still read first: two turns of the event loop pass, with a look at the keyboard between them.
 */
function useArming(ui: RunUi, onScreen: boolean): void {
  const { store } = useSession();
  const { waitUntilRenderFlush } = useApp();
  const asking = onScreen ? ui.asked?.asking : undefined;
  useEffect(() => {
    if (asking === undefined) return undefined;
    let current = true;
    const armed = (): void => {
      if (current) updateRun(store, (ui) => arm(ui, asking, true));
    };
    void waitUntilRenderFlush().then(() => setImmediate(() => setImmediate(armed)));
    return () => {
      current = false;
      updateRun(store, (ui) => arm(ui, asking, false));
    };
  }, [asking, store, waitUntilRenderFlush]);
}
