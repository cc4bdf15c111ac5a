/** What the run screen knows besides the run's own view: where one looks, what is being typed. Pure functions. */
import type { RunView } from '../../../engine/controller.ts';
import { currentStep, type Question } from '../../../engine/decide.ts';
import { type Choice, questionKey, questionStep, questionText } from '../../questions.ts';
import { type Folded, reachable } from '../checklist/checklist.ts';
import { clamp } from '../lines.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { type Pager, recordPager } from '../pager/pager.ts';

/** A question as the screen keeps it while it is open. */
export interface Asked {
  question: Question;
  key: string;
  /** Grows with every asking, so that an answer to one is never taken for another. */
  asking: number;
  /** Its frame has reached the terminal: only what is pressed from then on can answer it. */
  armed: boolean;
  /** The run's sequence number when an answer was sent; from then on it takes no other. */
  answeredAt?: number | undefined;
  /** The engine takes no answer at the moment. */
  closed?: boolean | undefined;
}

export interface RunUi {
  /** `past`: a run to look at. */
  mode: 'live' | 'past';
  view: RunView;
  asked?: Asked | undefined;
  /** Askings so far. */
  askings: number;
  /** The step shown; undefined follows the step the run is at. */
  selected?: string | undefined;
  folded: Folded;
  /** Which of the two is shown where there is room for one. */
  pane: 'list' | 'detail';
  /** Positions the detail is scrolled away from its anchor. */
  scroll: number;
  /** What has been typed to confirm, and whether letters go there or are keys. */
  typed: string;
  typing: boolean;
  dialog?: Dialog | undefined;
  pager?: Pager | undefined;
  summary: boolean;
  /** One line for the operator, gone with the next key. */
  message?: string | undefined;
}

/** The screen of a run just opened. */
export function openRun(mode: 'live' | 'past', view: RunView, pane: RunUi['pane'] = 'list'): RunUi {
  const ui: RunUi = {
    mode,
    view,
    askings: 0,
    folded: {},
    pane,
    scroll: 0,
    typed: '',
    typing: false,
    summary: mode === 'live' && view.state.status === 'completed',
    pager: mode === 'past' ? recordPager : undefined,
  };
  return withView(ui, view);
}

/** The screen with a newer view of the run. A new question takes the keyboard; what was typed for an old one goes. */
export function withView(ui: RunUi, view: RunView): RunUi {
  const question = view.decision.kind === 'ask' ? view.decision.question : undefined;
  const completed = view.state.status === 'completed' && ui.view.state.status !== 'completed';
  const next: RunUi = {
    ...ui,
    view,
    ...(completed ? { summary: true, dialog: undefined, pager: undefined } : {}),
    ...(hasEnded(ui.view, view) ? { message: undefined } : {}),
  };
  if (question === undefined) {
    if (ui.asked === undefined) return next;
    return { ...dropAnswering(next), asked: undefined };
  }
  const key = questionKey(view.state, question);
  const { asked } = ui;
  if (!view.asking) {
    // The last answer is being acted on, or the engine is about to ask.
    if (asked?.key !== key) return { ...dropAnswering(next), asked: undefined };
    return { ...next, asked: { ...asked, closed: true } };
  }
  const { answeredAt } = asked ?? {};
  const askedAgain = asked?.closed === true || (answeredAt !== undefined && view.state.sequence > answeredAt);
  if (asked?.key === key && !askedAgain) return { ...next, asked: { ...asked, question } };
  const asking = ui.askings + 1;
  const step = questionStep(question);
  const section = view.state.plan.sections.find(({ steps }) => step !== undefined && steps.includes(step));
  const { choices } = questionText(view.state, question);
  return {
    ...dropAnswering(next),
    askings: asking,
    asked: { question, key, asking, armed: false },
    // What is asked about is not to be found folded away.
    folded: section === undefined ? ui.folded : { ...ui.folded, [section.title]: false },
    typing: choices.some((choice) => choice.needs?.text === 'typed'),
    scroll: ui.selected === undefined ? 0 : ui.scroll,
    // Where there is room for one column only, a question is shown by itself; the list comes on demand.
    pane: ui.selected === undefined ? 'detail' : ui.pane,
  };
}

/** What went on has ended, and with it what was said about it. */
function hasEnded({ activity: before }: RunView, { activity: now }: RunView): boolean {
  if (before === undefined) return false;
  return now === undefined || now.step !== before.step || (before.command && !now.command);
}

/** Without anything begun for the question that was open. A note being written stays. */
function dropAnswering(ui: RunUi): RunUi {
  const answering = ui.dialog?.kind === 'write' && ui.dialog.choice !== undefined;
  const moot = ui.dialog?.kind === 'leave' || answering;
  return { ...ui, typed: '', typing: false, ...(moot ? { dialog: undefined } : {}) };
}

/** The step the run is at, or the last one when it is over. */
export function stepAt(ui: RunUi): string {
  const { state } = ui.view;
  return (
    (ui.asked && questionStep(ui.asked.question)) ??
    ui.view.activity?.step ??
    currentStep(state)?.id ??
    state.plan.steps.at(-1)?.id ??
    ''
  );
}

/** The step whose detail is shown. */
export function stepShown(ui: RunUi): string {
  return ui.selected ?? stepAt(ui);
}

/** Looks at another step, `by` steps on. The run is not affected; looking at its own step follows it again. */
export function look(ui: RunUi, by: number | 'first' | 'last'): RunUi {
  const shown = stepShown(ui);
  const steps = reachable(ui.view.state.plan, ui.folded, shown);
  const last = steps.length - 1;
  const index = by === 'first' ? 0 : by === 'last' ? last : clamp(steps.indexOf(shown) + by, 0, last);
  const id = steps[index];
  return { ...ui, selected: id === stepAt(ui) ? undefined : id, scroll: 0 };
}

/** Folds the section of the step shown, or unfolds it. */
export function fold(ui: RunUi): RunUi {
  const shown = stepShown(ui);
  const section = ui.view.state.plan.sections.find(({ steps }) => steps.includes(shown));
  if (section === undefined) return ui;
  return { ...ui, folded: { ...ui.folded, [section.title]: ui.folded[section.title] !== true } };
}

/** Folds every section, or unfolds every one when all are folded. */
export function foldAll(ui: RunUi): RunUi {
  const titles = ui.view.state.plan.sections.map(({ title }) => title);
  const all = titles.every((title) => ui.folded[title] === true);
  return { ...ui, folded: Object.fromEntries(titles.map((title) => [title, !all])) };
}

/** Back to the step the run is at. */
export function follow(ui: RunUi): RunUi {
  return { ...ui, selected: undefined, scroll: 0, pane: 'detail' };
}

/** The asking has reached the terminal, or has left it. */
export function arm(ui: RunUi, asking: number, armed: boolean): RunUi {
  if (ui.asked?.asking !== asking || ui.asked.armed === armed) return ui;
  return { ...ui, asked: { ...ui.asked, armed } };
}

/** An answer was sent for the open question. */
export function answered(ui: RunUi): RunUi {
  if (ui.asked === undefined) return ui;
  return {
    ...ui,
    asked: { ...ui.asked, answeredAt: ui.view.state.sequence },
    typed: '',
    dialog: undefined,
  };
}

/** The engine did not take the answer: the question is open as before. */
export function refused(ui: RunUi, why: string): RunUi {
  return {
    ...ui,
    message: why,
    ...(ui.asked === undefined ? {} : { asked: { ...ui.asked, answeredAt: undefined } }),
  };
}

/** The question takes an answer. */
export function isOpen(asked: Asked): boolean {
  return asked.answeredAt === undefined && asked.closed !== true;
}

/** Stopping here interrupts nothing: no work goes on, and no answer is being acted on. */
export function mayStop(ui: RunUi): boolean {
  return ui.view.activity === undefined && (ui.asked === undefined || isOpen(ui.asked));
}

/** The ways to answer right now: none unless the question is on screen and still open. */
export function openChoices(ui: RunUi, onScreen: boolean): readonly Choice[] {
  if (!onScreen || ui.asked === undefined || !isOpen(ui.asked)) return [];
  return questionText(ui.view.state, ui.asked.question).choices;
}
