/** What the parts of the loader share while one runbook is read. */
import type { Entry } from './yaml-file.ts';
import { compileExpression } from './expression.ts';
import type { Shape } from './facts.ts';
import type { Expression } from './model.ts';
import { patternProblem } from './pattern.ts';
import { ProblemList } from './problems.ts';
import type { TextProblem } from './problems.ts';

/** A `$NAME` in a command, and how many steps came before it. */
export interface NameUse {
  name: string;
  entry: Entry;
  offset: number;
  length: number;
  step: number;
}

/** A name a step captures. */
export interface NameCapture {
  name: string;
  entry: Entry;
  step: number;
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
  readonly captures: NameCapture[] = [];
  readonly ids: StepMention[] = [];
  readonly references: StepMention[] = [];
  readonly confirmations: { name: string; entry: Entry }[] = [];
  /** Steps read so far, the present one included. */
  steps = 0;

  constructor(facts: Shape, problems = new ProblemList()) {
    this.facts = facts;
    this.problems = problems;
  }

  /** A problem with the value of an entry as a whole. */
  report(entry: Entry, problem: Omit<TextProblem, 'offset' | 'length'>): void {
    this.problems.add(entry.source, { ...entry.span(), ...problem });
  }

  /** Compiles the expression an entry holds; a stand-in that nobody gets to see when it holds none. */
  expression(entry: Entry): Expression {
    const source = (entry.text ?? '').trim();
    if (entry.text === undefined || entry.text === '')
      return { source, facts: [], position: entry.position() };
    const skipped = entry.text.length - entry.text.trimStart().length;
    const { facts, problems } = compileExpression(source, this.facts);
    for (const problem of problems)
      this.problems.add(entry.source, entry.place({ ...problem, offset: problem.offset + skipped }));
    for (const match of source.matchAll(/\bparams\s*\.\s*"?([A-Z][A-Z0-9_]*)/g))
      this.parametersNamed.add(match[1] ?? '');
    return { source, facts, position: entry.position() };
  }

  optionalExpression(entry: Entry): Expression | undefined {
    return entry.text === undefined ? undefined : this.expression(entry);
  }

  /** Reports a pattern that is no regular expression. */
  checkPattern(entry: Entry): void {
    const problem = entry.text === undefined ? undefined : patternProblem(entry.text);
    if (problem !== undefined)
      this.report(entry, {
        message: `not a regular expression: ${problem}`,
        suggestion: String.raw`a character with a meaning is written with a backslash: \. \( \[ \{`,
      });
  }
}
