/** What goes on right now, as rows. */
import type { Activity } from '../../../engine/controller.ts';
import type { OutputBuffer } from '../../../engine/output.ts';
import type { RewriteView } from '../../../engine/ports.ts';
import { lastAttempt, type RunState, stepState } from '../../../engine/state.ts';
import { bar, doneText, paceText } from '../../rewriting.ts';
import { elapsed, signInAsked } from '../../status.ts';
import { cut } from '../../text.ts';
import { type Line, line, paragraph } from '../lines.ts';

/** What is being done, for how long, and how long is normal. */
export function activityRows(
  activity: Activity,
  columns: number,
  now: Date,
  busy: string,
  state: RunState,
): Line[] {
  const rows = paragraph(`${busy} ${activity.doing}`, columns, { tone: 'busy', bold: true });
  if (activity.asks !== undefined) {
    rows.unshift(
      ...paragraph(`! ${signInAsked}`, columns, { tone: 'warn', bold: true }),
      ...paragraph(activity.asks, columns, { bold: true }),
    );
  }
  const { status } = stepState(state, activity.step);
  const exit = lastAttempt(stepState(state, activity.step))?.exit;
  if (!activity.command && exit !== undefined && (status === 'settling' || status === 'unknown')) {
    const how =
      exit.code === null
        ? `was ended by ${exit.signal ?? 'a signal'}`
        : `ended with exit status ${exit.code}`;
    rows.push(
      ...paragraph(
        `  The command ${how}. What became of its change is being looked at; nothing is sent.`,
        columns,
      ),
    );
  }
  if (activity.rewrite !== undefined) rows.push(...rewriteRows(activity.rewrite, columns));
  rows.push(...paragraph(`  ${elapsed(activity, now, state)}`, columns));
  if (activity.overdue) {
    const what = 'It goes on until it ends or you end it (ctrl-c asks what to do).';
    rows.push(...paragraph(`  Longer than this step should take. ${what}`, columns, { tone: 'warn' }));
  }
  return rows;
}

/** Columns of the bar at most: it is read at a glance. */
const barColumns = 40;

/** How far a rewrite is: a bar, the figures, and how to go on when it is paused. */
function rewriteRows(view: RewriteView, columns: number): Line[] {
  const drawn: Line = [
    { text: '  ' },
    { text: bar(view, Math.max(0, Math.min(barColumns, columns - 2))), tone: 'busy' },
  ];
  return [
    ...(view.total === undefined ? [] : [drawn]),
    ...paragraph(`  ${doneText(view)}`, columns, { bold: true }),
    ...paragraph(`  ${paceText(view)}`, columns),
    ...(view.paused
      ? paragraph('  Paused: nothing is sent until you go on (p).', columns, { tone: 'warn' })
      : []),
  ];
}

/** The newest lines of an output in at most `rows` rows. */
export function tailRows(output: OutputBuffer | undefined, columns: number, rows: number): Line[] {
  if (output === undefined || output.length === 0 || rows < 2) return [];
  const more = output.length > rows - 1 ? ` (${output.length} lines, o shows all)` : '';
  return [
    line(`output${more}`, { tone: 'quiet' }),
    ...output.tail(rows - 1).map((text) => line(`│ ${cut(text, columns - 2)}`, { tone: 'quiet' })),
  ];
}
