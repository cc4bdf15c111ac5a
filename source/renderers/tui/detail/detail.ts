/** One step in full, as rows: what it is, what it runs, what became of it, and what is asked or goes on. */
import type { Activity } from '../../../engine/controller.ts';
import type { OutputBuffer } from '../../../engine/output.ts';
import { leftUndone } from '../../../engine/left-undone.ts';
import { rewriteText } from '../../../plan/describe.ts';
import type { PlannedStep } from '../../../plan/model.ts';
import {
  type Attempt,
  lastAttempt,
  plannedStep,
  type RunState,
  type StepState,
  stepState,
} from '../../../engine/state.ts';
import type { Expression } from '../../../runbook/model.ts';
import { commandLines } from '../../command.ts';
import { questionStep, questionText } from '../../questions.ts';
import { clockTime, duration, localTime, roughDuration } from '../../time.ts';
import { rewriteSummary } from '../../../engine/in-short.ts';
import { foundAgain, statusLook, stepDuration } from '../../status.ts';
import { wrapCommand } from '../../text.ts';
import { blank, hanging, type Line, line, paragraph, prefixed, scrolled, scrollRange } from '../lines.ts';
import type { Question } from '../../../engine/decide.ts';
import { type RunUi, stepAt, stepShown } from '../run/run-ui.ts';
import { activityRows, tailRows } from './activity.ts';
import { askRows, dialogRows } from './ask.ts';

/** Statuses of a step that is still to be run. */
export const notRunYet: ReadonlySet<StepState['status']> = new Set(['pending', 'ready'] as const);

/** Questions about something that did not go as it should. */
const goneWrong: ReadonlySet<Question['kind']> = new Set(['failed', 'warning', 'unknown'] as const);

/** Rows an error's own words may take beside a question. */
const longestReason = 6;

export interface DetailInput {
  ui: RunUi;
  output(step: string, attempt: number): OutputBuffer | undefined;
  now: Date;
  /** The turning mark beside what goes on. */
  busy: string;
}

/** The detail in at most `rows` rows of `columns` columns. What is asked is always among them. */
export function detailRows(input: DetailInput, columns: number, rows: number): Line[] {
  const { body, below, anchor, gap } = compose(input, columns, rows);
  const kept = below.slice(Math.max(0, below.length - rows));
  const room = Math.max(0, rows - below.length - gap.length);
  return [...scrolled(body, room, anchor, input.ui.scroll), ...gap, ...kept];
}

/** How many positions the detail can be scrolled, and from which of its ends they are counted. */
export function detailScrollRange(
  input: DetailInput,
  columns: number,
  rows: number,
): { range: number; anchor: 'top' | 'bottom' } {
  const { body, below, anchor, gap } = compose(input, columns, rows);
  return { range: scrollRange(body.length, Math.max(0, rows - below.length - gap.length)), anchor };
}

interface Composed {
  body: Line[];
  below: Line[];
  anchor: 'top' | 'bottom';
  /** Between the two, where there is room for it. */
  gap: Line[];
}

function compose(input: DetailInput, columns: number, rows: number): Composed {
  const { body, below, anchor } = parts(input, columns, rows);
  const roomy = body.length + below.length < rows || rows - below.length > 6;
  return { body, below, anchor, gap: roomy && below.length > 0 ? [blank] : [] };
}

function parts(input: DetailInput, columns: number, rows: number): Omit<Composed, 'gap'> {
  const { ui } = input;
  const id = stepShown(ui);
  const step = plannedStep(ui.view.state.plan, id);
  const progress = stepState(ui.view.state, id);
  const asked = ui.asked !== undefined && id === stepAt(ui);
  if (asked && ui.asked?.question.kind === 'drift') {
    const below = belowRows(input, id, columns, rows, 0);
    return { body: reasons(ui, columns, input.now), below, anchor: 'bottom' };
  }
  const goesOn = ui.view.activity?.step === id;
  const status = [
    ...statusRows(progress, columns, input.now, goesOn ? ui.view.activity : undefined, asked),
    ...foundRows(step, progress, columns),
  ];
  const why = asked ? reasons(ui, columns, input.now) : [];
  // What went wrong comes first: it is read before everything else.
  const first = asked && ui.asked !== undefined && goneWrong.has(ui.asked.question.kind);
  const needed = blocks([
    first ? why : [],
    ...about(step, progress, columns),
    effectRows(step, progress, columns),
    commandBlock(ui, step, columns),
    warning(ui.view.state, step, columns),
    first ? [] : why,
  ]);
  const more = blocks([
    ...sectionText(ui.view.state.plan, id, columns),
    needed,
    ...history(ui, step, progress, columns, asked),
  ]);
  const below = belowRows(input, id, columns, rows, needed.length + 1);
  // What tells the story but does not bear on what is asked or goes on gives way first.
  const spare = (asked || goesOn) && 1 + more.length + 1 + below.length > rows;
  return { body: [...status, ...(spare ? needed : more)], below, anchor: asked && !first ? 'bottom' : 'top' };
}

function belowRows(input: DetailInput, id: string, columns: number, rows: number, needed: number): Line[] {
  const { ui } = input;
  const { activity } = ui.view;
  const message =
    ui.message === undefined ? [] : paragraph(ui.message, columns, { tone: 'warn', bold: true });
  if (ui.dialog !== undefined) {
    const asks = [...dialogRows(ui.dialog, columns), ...message];
    // What goes on while this is asked stays in sight.
    const goesOn = ui.dialog.kind === 'leave' && activity?.rewrite !== undefined && activity.step === id;
    if (!goesOn) return asks;
    return [...activityRows(activity, columns, input.now, input.busy, ui.view.state), blank, ...asks];
  }
  if (ui.asked !== undefined && id === stepAt(ui))
    return [...askRows(ui, ui.asked, columns, rows), ...message];
  if (activity?.step !== id) return message;
  const doing = activityRows(activity, columns, input.now, input.busy, ui.view.state);
  const attempt = lastAttempt(stepState(ui.view.state, id));
  const output = attempt === undefined ? undefined : input.output(id, attempt.number);
  // The newest lines take what the step leaves, and at least a few rows.
  const room = Math.max(5, rows - needed - 1 - doing.length - message.length);
  return [...doing, ...tailRows(output, columns, Math.min(room, rows - doing.length)), ...message];
}

function statusRows(
  progress: StepState,
  columns: number,
  now: Date,
  activity: Activity | undefined,
  asked: boolean,
): Line[] {
  const found = foundAgain(progress, activity, now);
  if (found !== undefined) return paragraph(`▸ ${found}`, columns, { tone: 'busy', bold: true });
  // How an earlier attempt went says nothing of the one that is about to be begun.
  return asked && progress.status === 'ready'
    ? [line('▸ waiting for you', { tone: 'busy', bold: true })]
    : [statusRow(progress, now)];
}

/** What a check found, whole: it may be the one thing to note down, as a key's address. */
function foundRows(step: PlannedStep, { value }: StepState, columns: number): Line[] {
  if (step.kind !== 'check' || value === undefined) return [];
  return hanging({ text: 'found: ', tone: 'quiet' }, value, columns);
}

function statusRow(progress: StepState, now: Date): Line {
  const look = statusLook(progress.status);
  const took = stepDuration(progress, now);
  const number = progress.attempts.length;
  const ended = lastAttempt(progress)?.endedAt;
  const parts = [
    ...(took === undefined ? [] : [duration(took)]),
    ...(number > 1 ? [`attempt ${number}`] : []),
    ...(progress.status === 'failed' && ended !== undefined ? [`at ${localTime(ended, now)}`] : []),
  ];
  return [
    { text: `${look.glyph} ${look.word}`, tone: look.tone, bold: true },
    { text: parts.map((part) => ` · ${part}`).join(''), tone: 'quiet' },
  ];
}

function about(step: PlannedStep, progress: StepState, columns: number): Line[][] {
  const text = step.text === undefined ? [] : paragraph(step.text, columns);
  switch (step.kind) {
    case 'manual':
      return [text, paragraph(step.instruction, columns)];
    case 'rewrite-secrets':
      return [text, paragraph(rewriteText(step, chosenOf(progress)), columns)];
    default:
      return [text];
  }
}

/** The document's command was chosen, for the attempt that goes on or was the last. */
function chosenOf(progress: StepState): boolean {
  return !notRunYet.has(progress.status) && lastAttempt(progress)?.confirmed?.documented === true;
}

/** What comes of running it, before it is run: whether anything is changed, and how long it takes. */
function effectRows(step: PlannedStep, progress: StepState, columns: number): Line[] {
  if (step.kind !== 'run' || !notRunYet.has(progress.status)) return [];
  const effect = step.changes
    ? ({ mark: '! ', tone: 'warn', text: 'Changes the cluster.' } as const)
    : ({ mark: '✔ ', tone: 'good', text: 'Only reads: nothing is changed.' } as const);
  const parts = [
    effect.text,
    ...(step.normal === undefined ? [] : [`Usually takes about ${roughDuration(step.normal)}.`]),
  ];
  return hanging({ text: effect.mark, tone: effect.tone, bold: true }, parts.join(' '), columns);
}

/**
 * What the document says where a section begins, with the sections before it that have no steps of their own: shown
 * with the section's first step.
 */
function sectionText(plan: RunState['plan'], id: string, columns: number): Line[][] {
  const at = plan.sections.findIndex(({ steps }) => steps[0] === id);
  if (at === -1) return [];
  const before = plan.sections.slice(0, at).findLastIndex(({ steps }) => steps.length > 0);
  return plan.sections
    .slice(before + 1, at + 1)
    .filter(({ text }) => text !== undefined)
    .map(({ title, text = '' }) => [
      ...paragraph(title, columns, { bold: true, tone: 'quiet' }),
      ...paragraph(text, columns, { tone: 'quiet' }),
    ]);
}

function commandBlock(ui: RunUi, step: PlannedStep, columns: number): Line[] {
  const lines = wrapCommand(commandLines(ui.view.state, step), columns).map((text) =>
    line(text, { tone: 'accent' }),
  );
  // What the document gives for it stands there to be chosen, and is not what happens otherwise.
  const other = step.kind === 'rewrite-secrets' && lines.length > 0;
  return other ? [...paragraph('The document gives this command for it:', columns), ...lines] : lines;
}

/** Set apart by a bar at its side and by its words, so that it is not passed over without colours. */
function warning(state: RunState, step: PlannedStep, columns: number): Line[] {
  if (step.irreversible === undefined || !notRunYet.has(stepState(state, step.id).status)) return [];
  const bar = { text: '┃ ', tone: 'bad', bold: true } as const;
  return [
    [bar, { text: '⚠ CANNOT BE UNDONE', tone: 'bad', bold: true }],
    ...prefixed(bar, step.irreversible, columns, { bold: true }),
    ...leftUndone(state, step.id).flatMap((left) =>
      prefixed(bar, `⚠ ${left}`, columns, { bold: true, tone: 'bad' }),
    ),
  ];
}

function reasons(ui: RunUi, columns: number, now: Date): Line[] {
  const { asked } = ui;
  if (asked === undefined) return [];
  const bad = asked.question.kind === 'failed' || asked.question.kind === 'drift';
  const { because } = questionText(ui.view.state, asked.question, now);
  return because.flatMap((text, index) =>
    index === 0 || questionStep(asked.question) === undefined
      ? hanging({ text: bad ? '✘ ' : '! ', tone: bad ? 'bad' : 'warn', bold: true }, text, columns, {
          bold: true,
        })
      : shortened(text, columns),
  );
}

/**
 * The end of an error's own words when they are many: the whole of them is in the output. They are what has several
 * lines; what is said of an error, and what to do, is never left out.
 */
function shortened(text: string, columns: number): readonly Line[] {
  const rows = paragraph(text, columns);
  return !text.includes('\n') || rows.length <= longestReason
    ? rows
    : [line('…', { tone: 'quiet' }), ...rows.slice(1 - longestReason)];
}

function history(
  ui: RunUi,
  step: PlannedStep,
  progress: StepState,
  columns: number,
  asked: boolean,
): Line[][] {
  const { state } = ui.view;
  const quiet = { tone: 'quiet' } as const;
  const reason =
    progress.reason === undefined ? [] : paragraph(`Reason or note: ${progress.reason}`, columns);
  const commands = step.kind === 'run' || step.kind === 'rewrite-secrets';
  const told = commands || progress.attempts.length > 1 ? progress.attempts : [];
  const attempts = told.flatMap((attempt) => paragraph(attemptText(attempt, asked), columns, quiet));
  const notes = state.notes
    .filter((note) => note.step === step.id)
    .flatMap((note) => paragraph(`Note, ${clockTime(note.time)}: ${note.text}`, columns, quiet));
  const conditions = conditionsOf(step).flatMap(([label, { source }]) => [
    ...paragraph(`${label}:`, columns, quiet),
    ...prefixed({ text: '  ' }, source, columns, quiet),
  ]);
  const summary = progress.rewrite && rewriteSummary(progress.rewrite, { ...step, ...progress });
  const rewritten = summary === undefined ? [] : paragraph(summary, columns);
  return [rewritten, reason, attempts, notes, conditions];
}

/** What is evaluated for a step, as the runbook has it. */
function conditionsOf(step: PlannedStep): [string, Expression][] {
  return [
    ...(step.kind === 'check' ? [['Checks', step.check] satisfies [string, Expression]] : []),
    ...(step.kind === 'wait' ? [['Waits until', step.until] satisfies [string, Expression]] : []),
    ...(step.doneWhen === undefined ? [] : [['Done when', step.doneWhen] satisfies [string, Expression]]),
  ];
}

function attemptText(attempt: Attempt, asked: boolean): string {
  const { confirmed, exit, failure, tolerated } = attempt;
  const parts = [
    ...(confirmed === undefined ? [] : [`confirmed by ${confirmed.operator}, ${clockTime(confirmed.at)}`]),
    ...(attempt.startedAt === undefined ? [] : [`started ${clockTime(attempt.startedAt)}`]),
    ...(exit === undefined
      ? []
      : [exit.code === null ? `ended by ${exit.signal ?? 'itself'}` : `exit status ${exit.code}`]),
    ...(confirmed?.documented === true ? ['by the command of the document'] : []),
    ...(tolerated === undefined ? [] : [`its error is harmless: ${tolerated}`]),
    ...(attempt.interrupted ? ['interrupted'] : []),
    ...(failure === undefined || asked ? [] : [`failed: ${failure.what}`]),
  ];
  return `Attempt ${attempt.number}: ${parts.length === 0 ? 'no record' : parts.join('; ')}`;
}

/** Blocks of rows with an empty row between them. */
function blocks(all: readonly (readonly Line[])[]): Line[] {
  return all
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index === 0 ? block : [blank, ...block]));
}
