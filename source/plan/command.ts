/** Command words: filling values in, and showing them so that they can be read and copied. */
import { UsageError } from '../runbook/errors.ts';
import type { Pipeline, Step, Word, WordPart } from '../runbook/model.ts';
import { valueProblem } from '../runbook/value.ts';
import type { PlannedStep } from './model.ts';

/** What a step runs, or may run if the operator chooses so; undefined for one without a command. */
export function pipelineOf(step: Step | PlannedStep): Pipeline | undefined {
  if (step.kind === 'run') return step.pipeline;
  return step.kind === 'rewrite-secrets' ? step.documented?.pipeline : undefined;
}

/**
 * The exact words that will run, one list for each command of the pipeline. Every word stays one word.
 * Throws `UsageError` when a name has no value, or a value could mean something other than itself.
 */
export function fill(pipeline: Pipeline, values: Readonly<Record<string, string>>): string[][] {
  return fillKnown(pipeline, values).map((command) =>
    command.map((word) =>
      word
        .map((part) => {
          if ('text' in part) return part.text;
          throw new UsageError(
            `$${part.name} has no value: the step that captures it has not run.`,
            'Run that step first, or skip this one.',
          );
        })
        .join(''),
    ),
  );
}

/** Fills in the names that have values and leaves the others open. Throws `UsageError` as `fill` does. */
export function fillKnown(pipeline: Pipeline, values: Readonly<Record<string, string>>): Pipeline {
  return pipeline.map((command) => command.map((word) => fillWord(word, values)));
}

function fillWord(word: Word, values: Readonly<Record<string, string>>): Word {
  const filled: { text: string }[] = [];
  const parts: WordPart[] = [];
  let before = '';
  for (const part of word) {
    const value = 'name' in part && Object.hasOwn(values, part.name) ? values[part.name] : undefined;
    if ('name' in part && value === undefined) {
      parts.push(part);
      // What this name will be is not known, but it is not empty.
      before += 'x';
      filled.length = 0;
      continue;
    }
    const text = 'text' in part ? part.text : (value ?? '');
    if ('name' in part) {
      const problem = valueProblem(text, before);
      if (problem !== undefined)
        throw new UsageError(`The value of ${part.name} ${problem}.`, `Give ${part.name} another value.`);
    }
    before += text;
    const last = filled.at(-1);
    if (last === undefined) {
      const added = { text };
      filled.push(added);
      parts.push(added);
    } else last.text += text;
  }
  return parts;
}

/** Columns up to which a command is shown in one line. */
const lineWidth = 78;

/**
 * The command as text that a POSIX shell (and `splitCommand`) reads as these very words: quoted only where needed,
 * a longer one over several lines with backslashes. Open names are shown as `$NAME`.
 */
export function displayCommand(pipeline: Pipeline | readonly (readonly string[])[]): string {
  const commands = pipeline.map((command) =>
    command.map((word, index) =>
      displayWord(typeof word === 'string' ? [{ text: word }] : word, index === 0),
    ),
  );
  const oneLine = commands.map((words) => words.join(' ')).join(' | ');
  if (oneLine.length <= lineWidth && !oneLine.includes('\n')) return oneLine;
  return commands.map((words) => optionLines(words).join(' \\\n    ')).join(' \\\n  | ');
}

/** Words as one line that a POSIX shell reads as these very words. */
export function quoteWords(words: readonly string[]): string {
  return words.map((text, index) => displayWord([{ text }], index === 0)).join(' ');
}

/** The program with what precedes its first option, then every option with its values. */
function optionLines(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || /^-./.test(word)) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function displayWord(word: Word, program: boolean): string {
  if (word.every((part) => 'text' in part && part.text === '')) return "''";
  return word
    .map((part, index) => {
      if ('text' in part) return part.text === '' ? '' : displayText(part.text, program);
      const next = word[index + 1];
      const runsOn = next !== undefined && 'text' in next && /^\w/.test(next.text);
      return runsOn ? `\${${part.name}}` : `$${part.name}`;
    })
    .join('');
}

function displayText(text: string, program: boolean): string {
  // `=` in the first word of a command would set a variable.
  const plain = program ? /^[\w./:@%+,-]+$/ : /^[\w./:@%+,=-]+$/;
  return plain.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
