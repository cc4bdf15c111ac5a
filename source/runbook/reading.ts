/** What the parts of the loader share while one runbook is read. */
import type { Entry } from './yaml-file.ts';
import { compileExpression, conditionProblem, plainValueProblem } from './expression.ts';
import type { Shape } from './facts.ts';
import type { Expression } from './model.ts';
import { isFoundEverywhere, patternProblem } from './pattern.ts';
import { ProblemList } from './problems.ts';
import type { TextProblem } from './problems.ts';
import type { Span } from './source-file.ts';

/** A name of a value where it is used: `$NAME` in a command, or `captured.NAME` in an expression. */
export interface NameUse extends Span {
  name: string;
  entry: Entry;
  inExpression: boolean;
  /** How many values have been captured by then. */
  captured: number;
  /** The condition of the step that uses it. */
  when: string | undefined;
}

/** A name a step captures, and the condition of that step. */
export interface NameCapture {
  name: string;
  entry: Entry;
  when: string | undefined;
}

/** A `$NAME` that stays as it is: in a text, in a default, or in single quotes. */
export interface NameShown extends Span {
  name: string;
  entry: Entry;
  place: 'text' | 'default' | 'quotes';
}

/** A step's id where the step says it, or another step refers to it. */
export interface StepMention {
  id: string;
  entry: Entry;
  step: number;
}

export class Reading {
  readonly problems: ProblemList;
  readonly facts: Shape;
  /** Parameters that something besides a command uses. */
  readonly parametersNamed = new Set<string>();
  readonly uses: NameUse[] = [];
  /** In the order in which the steps come. */
  readonly captures: NameCapture[] = [];
  readonly shown: NameShown[] = [];
  readonly ids: StepMention[] = [];
  readonly references: StepMention[] = [];
  readonly confirmations: { name: string; entry: Entry }[] = [];
  /** Steps read so far, the present one included. */
  steps = 0;
  /** Values captured before the present step, and its condition. */
  #captured = 0;
  #when: string | undefined;

  constructor(facts: Shape, problems = new ProblemList()) {
    this.facts = facts;
    this.problems = problems;
  }

  /** A problem with the value of an entry as a whole. */
  report(entry: Entry, problem: Omit<TextProblem, 'offset' | 'length'>): void {
    this.problems.add(entry.source, { ...entry.span(), ...problem });
  }

  /** From here on, what is read belongs to a further step. */
  beginStep(step: Entry): void {
    this.steps++;
    this.#captured = this.captures.length;
    this.#when = step.child('when').text;
  }

  /** Notes a name that the present step captures. */
  captureName(name: string, entry: Entry): void {
    this.captures.push({ name, entry, when: this.#when });
  }

  /** Notes the names in a command of the present step. */
  useNames(entry: Entry, names: readonly (Span & { name: string })[]): void {
    const [captured, when] = [this.#captured, this.#when];
    this.uses.push(...names.map((name) => ({ ...name, entry, inExpression: false, captured, when })));
  }

  condition(entry: Entry): Expression {
    return this.#compile(entry, 'condition', this.#captured);
  }

  optionalCondition(entry: Entry): Expression | undefined {
    return entry.text === undefined ? undefined : this.condition(entry);
  }

  /** An expression that is read when the step has finished, so that it knows what was captured until then. */
  captureExpression(entry: Entry): Expression {
    return this.#compile(entry, 'value', this.captures.length);
  }

  optionalValue(entry: Entry): Expression | undefined {
    return entry.text === undefined ? undefined : this.#compile(entry, 'value', this.#captured);
  }

  /** Compiles the expression an entry holds; a stand-in that nobody gets to see when it holds none. */
  #compile(entry: Entry, kind: 'condition' | 'value', captured: number): Expression {
    const source = (entry.text ?? '').trim();
    if (entry.text === undefined || entry.text === '')
      return { source, facts: [], position: entry.position() };
    const skipped = entry.text.length - entry.text.trimStart().length;
    const compiled = compileExpression(source, this.facts);
    const { facts, mentions, problems } = compiled;
    const unfit = (kind === 'condition' ? conditionProblem : plainValueProblem)(source, compiled);
    const broken = problems.some(({ severity }) => severity !== 'warning');
    for (const problem of unfit === undefined || broken ? problems : [...problems, unfit])
      this.problems.add(entry.source, entry.place({ ...problem, offset: problem.offset + skipped }));
    for (const { fact, name, offset, length } of mentions)
      if (fact === 'params') this.parametersNamed.add(name);
      else {
        const span = { offset: offset + skipped, length };
        this.uses.push({ name, entry, ...span, inExpression: true, captured, when: this.#when });
      }
    return { source, facts, position: entry.position() };
  }

  /** Reports a pattern that is no regular expression. */
  checkPattern(entry: Entry): void {
    const problem = entry.text === undefined ? undefined : patternProblem(entry.text);
    if (problem !== undefined) this.report(entry, problem);
  }

  /** Reports a pattern for output that is no regular expression, or is found whatever the output. */
  checkOutputPattern(entry: Entry): void {
    this.checkPattern(entry);
    if (entry.text !== undefined && entry.text !== '' && isFoundEverywhere(entry.text))
      this.report(entry, {
        message: 'this pattern is found in every output',
        suggestion: 'write what only this error says',
      });
  }
}
