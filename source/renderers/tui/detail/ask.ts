/** What the operator is asked, as rows. */
import { questionText } from '../../questions.ts';
import { cut, cutStart } from '../../text.ts';
import { type Dialog, leaveText } from '../dialog/dialog.ts';
import { hanging, type Line, paragraph } from '../lines.ts';
import { type Asked, isOpen, type RunUi } from '../run/run-ui.ts';

/** The question of the run: the sentence, then the field for a typed confirmation or the ways to answer. */
export function askRows(ui: RunUi, asked: Asked, columns: number, rows: number): Line[] {
  const { ask, choices } = questionText(ui.view.state, asked.question);
  const sentence = paragraph(ask, columns, { tone: 'accent', bold: true });
  if (!isOpen(asked)) {
    const moment = ui.view.activity?.doing ?? 'One moment…';
    return [...sentence, ...paragraph(moment, columns, { tone: 'quiet' })];
  }
  const typed = choices.find(({ needs }) => needs?.text === 'typed');
  if (typed !== undefined) return [...sentence, ...fieldRows(ui.typed, columns, ui.typing)];
  // Nothing to choose from but going on or leaving it out: the row of keys says that.
  if (asked.question.kind === 'confirm' && asked.question.documented !== true) return sentence;
  const full = keyRows(
    choices.map(({ key, means }) => [key, means]),
    columns,
  );
  if (sentence.length + full.length <= Math.ceil(rows / 2)) return [...sentence, ...full];
  return [
    ...sentence,
    ...keyRows(
      choices.map(({ key, does }) => [key, cut(does, columns - 8)]),
      columns,
    ),
  ];
}

/** What is asked in between. */
export function dialogRows(dialog: Dialog, columns: number): Line[] {
  if (dialog.kind === 'write') {
    const problem = dialog.problem === undefined ? [] : paragraph(dialog.problem, columns, { tone: 'warn' });
    return [
      ...paragraph(dialog.ask, columns, { tone: 'accent', bold: true }),
      ...fieldRows(dialog.text, columns, true),
      ...problem,
    ];
  }
  const { ask, keys } = leaveText(dialog);
  return [...paragraph(ask, columns, { tone: 'accent', bold: true }), ...keyRows(keys, columns)];
}

/** A field with a block for a cursor; without, letters do not go there. */
export function fieldRows(text: string, columns: number, focused: boolean): Line[] {
  const shown = cutStart(text, columns - 3);
  if (!focused) return [[{ text: `> ${shown}`, tone: 'quiet' }]];
  return [
    [
      { text: '> ', bold: true },
      { text: shown, bold: true },
      { text: '█', tone: 'accent' },
    ],
  ];
}

function keyRows(keys: readonly (readonly [string, string])[], columns: number): Line[] {
  const widest = Math.max(...keys.map(([key]) => key.length));
  return keys.flatMap(([key, text]) =>
    hanging({ text: `  ${key.padEnd(widest)}  `, tone: 'accent', bold: true }, text, columns),
  );
}
