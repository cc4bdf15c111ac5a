/** The list of sections and steps, as rows. Finished sections fold where the list would not fit; `z` folds any. */
import { isSettled, type RunState, stepState } from '../../../engine/state.ts';
import { duration } from '../../time.ts';
import { statusLook, stepDuration } from '../../status.ts';
import { around, type Line, line, spread } from '../lines.ts';

export interface Checklist {
  state: RunState;
  /** The step shown beside the list; its row is marked. */
  shown: string;
  /** The step the run is at. */
  at: string;
  /** Sections the operator has folded (true) or unfolded, by title. */
  folded: Folded;
  /** The step something goes on with, and the glyph that says so. */
  busy?: { step: string; glyph: string } | undefined;
  now: Date;
  /** Statuses as words, for a screen reader. */
  words: boolean;
}

export type Folded = Readonly<Record<string, boolean>>;

type Section = RunState['plan']['sections'][number];

/** Milliseconds: what takes less is not worth the columns. */
const shortest = 1000;
/** Columns from which on the steps carry their numbers, as in the record. */
const numbered = 36;

/** The part of the list around the step shown, in `rows` rows of `columns` columns. */
export function checklistRows(list: Checklist, columns: number, rows: number): Line[] {
  const { sections, steps } = list.state.plan;
  const crowded = sections.length + steps.length > rows;
  const all: Line[] = [];
  let focus = 0;
  for (const section of sections) {
    const here = section.steps.includes(list.shown);
    if (isFolded(list, section, crowded)) {
      if (here) focus = all.length;
      all.push(foldedRow(list, section, here, columns));
      continue;
    }
    all.push(line(section.title, { bold: true }));
    for (const id of section.steps) {
      if (id === list.shown) focus = all.length;
      all.push(stepRow(list, id, columns));
    }
  }
  return around(all, rows, focus);
}

/** As the operator said; else when it is finished, nobody looks at it, and rows are scarce. */
function isFolded({ state, shown, at, folded }: Checklist, section: Section, crowded: boolean): boolean {
  if (section.steps.length === 0) return false;
  const said = folded[section.title];
  if (said !== undefined) return said;
  const finished = section.steps.every((id) => isSettled(stepState(state, id)));
  return crowded && finished && !section.steps.includes(shown) && !section.steps.includes(at);
}

/** The steps one goes through with the arrows: of a section folded by hand only one, for the whole of it. */
export function reachable(plan: RunState['plan'], folded: Folded, shown: string): string[] {
  return plan.sections.flatMap(({ title, steps }) => {
    if (folded[title] !== true) return steps;
    return steps.includes(shown) ? [shown] : steps.slice(0, 1);
  });
}

/** A section in one row: what has become of its steps, and how long they took together. */
function foldedRow(list: Checklist, section: Section, here: boolean, columns: number): Line {
  const { state, now } = list;
  const progress = section.steps.map((id) => stepState(state, id));
  const over = progress.filter(isSettled).length;
  const took = progress.reduce((sum, step) => sum + (stepDuration(step, now) ?? 0), 0);
  const worst = progress
    .map(({ status }) => statusLook(status))
    .find(({ tone }) => tone === 'bad' || tone === 'warn');
  const busy = section.steps.includes(list.busy?.step ?? '') ? list.busy?.glyph : undefined;
  const tone = worst?.tone ?? (over === progress.length ? 'good' : 'plain');
  return spread(
    [
      { text: here ? '›' : ' ', bold: true, tone: 'accent' },
      { text: `${busy ?? worst?.glyph ?? (over === progress.length ? '✔' : '+')} `, tone, bold: here },
      { text: section.title, bold: true, inverse: here },
    ],
    [
      {
        text: `${over} of ${progress.length}${took < shortest ? '' : ` ${duration(took)}`}`,
        tone: 'quiet',
      },
    ],
    columns,
  );
}

function stepRow(list: Checklist, id: string, columns: number): Line {
  const progress = list.state.steps[id];
  const step = list.state.plan.steps.find((step) => step.id === id);
  const title = step?.title ?? id;
  if (progress === undefined) return line(title);
  const look = statusLook(progress.status);
  const final = step?.irreversible !== undefined && progress.status === 'pending';
  const glyph = list.busy?.step === id ? list.busy.glyph : final ? '⚠' : look.glyph;
  const took = stepDuration(progress, list.now) ?? 0;
  const number = list.state.plan.steps.findIndex((step) => step.id === id) + 1;
  const shown = id === list.shown;
  const style = { tone: look.tone, bold: shown };
  const words = `${look.word}${final ? ', cannot be undone' : ''}: `;
  return spread(
    [
      { text: shown ? '›' : ' ', bold: true, tone: 'accent' },
      { text: list.words ? words : `${glyph} `, ...style },
      { text: columns < numbered ? '' : `${String(number).padStart(2)} `, tone: 'quiet' },
      { text: title, bold: shown, tone: look.tone === 'quiet' ? 'quiet' : 'plain', inverse: shown },
    ],
    took < shortest ? [] : [{ text: duration(took), tone: 'quiet' }],
    columns,
  );
}
