/** Asking a person line by line. */
import type { Intent } from '../../engine/controller.ts';
import type { Question } from '../../engine/decide.ts';
import type { RunState } from '../../engine/state.ts';
import { type Choice, intentFor, questionText } from '../questions.ts';

export interface PromptPort {
  write(line: string): void;
  /** Asks for one line; rejects when there is nobody any more. */
  prompt(question: string): Promise<string>;
}

/** Asks until there is an answer. Stopping is one. Rejects when the port does. */
export async function askPerson(port: PromptPort, state: RunState, question: Question): Promise<Intent> {
  const { ask, because, choices } = questionText(state, question);
  const typed = choices.find(({ needs }) => needs?.text === 'typed');
  port.write('');
  if (typed === undefined) {
    port.write(ask);
    // What led to any other question was told with its step.
    if (question.kind === 'drift' || question.kind === 'confirm')
      for (const text of because) port.write(`  ${text}`);
    for (const { key, word, means } of [...choices, stopping])
      port.write(`  ${`${key} or ${word}`.padEnd(15)}  ${means}`);
  }
  for (;;) {
    const line = await port.prompt(typed === undefined ? 'Your choice: ' : `${ask} (s skips, q stops) `);
    const intent =
      typed === undefined
        ? await choose(port, question, choices, line)
        : await type(port, question, choices, typed, line);
    if (intent !== undefined) return intent;
  }
}

const stopping = { key: 'q', word: 'stop', means: 'Stop here; the run can be resumed.' };

async function type(
  port: PromptPort,
  question: Question,
  choices: readonly Choice[],
  typed: Choice,
  line: string,
): Promise<Intent | undefined> {
  const expected = question.kind === 'confirm' ? question.expected : undefined;
  if (line === expected) return intentFor(question, typed.answer, 'typed', line);
  const other = await choose(
    port,
    question,
    choices.filter((choice) => choice !== typed),
    line,
    false,
  );
  if (other === undefined) port.write(`“${line}” is not “${expected ?? ''}”; nothing was run.`);
  return other;
}

async function choose(
  port: PromptPort,
  question: Question,
  choices: readonly Choice[],
  line: string,
  named = true,
): Promise<Intent | undefined> {
  const said = line.trim().toLowerCase();
  const means = ({ key, word }: { key: string; word: string }): boolean =>
    said === key || said === word || (said === '' && key === 'enter');
  if (means(stopping)) return { type: 'stop', reason: 'operator' };
  const choice = choices.find(means);
  if (choice === undefined) {
    if (named) port.write('That is not one of the choices.');
    return undefined;
  }
  if (choice.needs === undefined) return intentFor(question, choice.answer, 'key');
  const text = (await port.prompt(`${choice.needs.ask} `)).trim();
  if (text !== '') return intentFor(question, choice.answer, 'key', text);
  port.write('Nothing was written, so nothing was decided.');
  return undefined;
}
