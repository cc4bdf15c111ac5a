/** The list of sections and steps, as rows. */
import type { RunState } from '../../../engine/state.ts';
import { duration } from '../../time.ts';
import { statusLook, stepDuration } from '../../status.ts';
import { around, type Line, line, spread } from '../lines.ts';

export interface Checklist {
  state: RunState;
  /** The step shown beside the list; its row is marked. */
  shown: string;
  /** The step something goes on with, and the glyph that says so. */
  busy?: { step: string; glyph: string } | undefined;
  now: Date;
  /** Statuses as words, for a screen reader. */
  words: boolean;
}

/** Milliseconds: what takes less is not worth the columns. */
const shortest = 1000;
/** Columns from which on the steps carry their numbers, as in the record. */
const numbered = 36;

/** The part of the list around the step shown, in `rows` rows of `columns` columns. */
export function checklistRows(list: Checklist, columns: number, rows: number): Line[] {
  const all: Line[] = [];
  let focus = 0;
  for (const section of list.state.plan.sections) {
    all.push(line(section.title, { bold: true }));
    for (const id of section.steps) {
      if (id === list.shown) focus = all.length;
      all.push(stepRow(list, id, columns));
    }
  }
  return around(all, rows, focus);
}

function stepRow(list: Checklist, id: string, columns: number): Line {
  const progress = list.state.steps[id];
  const title = list.state.plan.steps.find((step) => step.id === id)?.title ?? id;
  if (progress === undefined) return line(title);
  const look = statusLook(progress.status);
  const glyph = list.busy?.step === id ? list.busy.glyph : look.glyph;
  const took = stepDuration(progress, list.now) ?? 0;
  const number = list.state.plan.steps.findIndex((step) => step.id === id) + 1;
  const shown = id === list.shown;
  const style = { tone: look.tone, bold: shown };
  return spread(
    [
      { text: shown ? '›' : ' ', bold: true, tone: 'accent' },
      { text: list.words ? `${look.word}: ` : `${glyph} `, ...style },
      { text: columns < numbered ? '' : `${String(number).padStart(2)} `, tone: 'quiet' },
      { text: title, bold: shown, tone: look.tone === 'quiet' ? 'quiet' : 'plain', inverse: shown },
    ],
    took < shortest ? [] : [{ text: duration(took), tone: 'quiet' }],
    columns,
  );
}
