/** What goes on right now, as rows. */
import type { Activity } from '../../../engine/controller.ts';
import type { OutputBuffer } from '../../../engine/output.ts';
import { between, duration, roughDuration } from '../../time.ts';
import { cut } from '../../text.ts';
import { type Line, line, paragraph } from '../lines.ts';

/** What is being done, for how long, and how long is normal. */
export function activityRows(activity: Activity, columns: number, now: Date, busy: string): Line[] {
  const rows = paragraph(`${busy} ${activity.doing}`, columns, { tone: 'busy', bold: true });
  rows.push(...paragraph(`  ${elapsed(activity, now)}`, columns));
  if (activity.overdue) {
    const what = 'It goes on until it ends or you end it (ctrl-c asks what to do).';
    rows.push(...paragraph(`  Longer than this step should take. ${what}`, columns, { tone: 'warn' }));
  }
  return rows;
}

/** `1m12s so far, normally about 5m`. */
export function elapsed(activity: Activity, now: Date): string {
  const time = between(activity.since, now.toISOString());
  const normal = activity.normal === undefined ? '' : `, normally about ${roughDuration(activity.normal)}`;
  return `${duration(time)} so far${normal}`;
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
