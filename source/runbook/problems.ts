/** What is wrong in a runbook file, where, and what to do about it. */
import stringWidth from 'string-width';
import { characters } from './source-file.ts';
import type { SourceFile, Span } from './source-file.ts';

export interface Problem {
  /** An error keeps the runbook from being used; a warning does not. */
  severity: 'error' | 'warning';
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
  /** Characters the problem covers on its line, at least 1. */
  length: number;
  message: string;
  /** The way out, one line. */
  suggestion?: string | undefined;
  /** The line as it stands in the file; empty when there is none. */
  excerpt: string;
}

/** What a part of the loader says about a text it looked at; offsets count from the start of that text. */
export interface TextProblem extends Span {
  message: string;
  suggestion?: string | undefined;
  severity?: Problem['severity'] | undefined;
}

/** Nobody reads more, and a file of another kind may have any number. */
const maximumProblems = 200;

/** Collects problems while a runbook is read. */
export class ProblemList {
  readonly #problems: Problem[] = [];

  /** Nothing more is taken; that is a problem of its own. */
  get full(): boolean {
    return this.#problems.length > maximumProblems;
  }

  add(source: SourceFile, problem: TextProblem): void {
    if (this.full) return;
    this.#add(
      source,
      this.#problems.length < maximumProblems
        ? problem
        : {
            ...problem,
            severity: 'error',
            message: 'there are more problems, which are not listed',
            suggestion: 'correct these first',
          },
    );
  }

  #add(source: SourceFile, problem: TextProblem): void {
    const { file, line, column } = source.position(problem.offset);
    const excerpt = source.lineText(problem.offset);
    const covered = source.text.slice(problem.offset, problem.offset + problem.length).split(/\r?\n/, 1)[0];
    this.#problems.push({
      severity: problem.severity ?? 'error',
      file,
      line,
      column,
      length: Math.max(1, characters(covered ?? '')),
      message: problem.message,
      suggestion: problem.suggestion,
      excerpt,
    });
  }

  /** Whether there is one that keeps the runbook from being used. */
  hasErrors(): boolean {
    return this.#problems.some(({ severity }) => severity === 'error');
  }

  /** In the order of the files' names, then of place; the same problem is listed once. */
  sorted(): Problem[] {
    const seen = new Set<string>();
    return sortProblems(this.#problems).filter((problem) => {
      const key = JSON.stringify([problem.file, problem.line, problem.column, problem.message]);
      return !seen.has(key) && seen.add(key);
    });
  }
}

/** Sorts by file, line, column, errors before warnings, and message. Returns a new list. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) =>
      compareText(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compareText(a.severity, b.severity) ||
      compareText(a.message, b.message),
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Columns of an excerpt shown; a longer line is cut to a window around the problem. */
const excerptWidth = 100;

/** The problem as lines of text: `file:line:column`, the line with carets under the spot, and the way out. */
export function formatProblem(problem: Problem): string {
  const lines = [
    `${problem.file}:${problem.line}:${problem.column}: ${problem.severity}: ${problem.message}`,
  ];
  const number = String(problem.line);
  const margin = ' '.repeat(number.length);
  if (problem.excerpt.trim() !== '') {
    const all = [...problem.excerpt].map(printable);
    const from = Math.max(
      0,
      problem.column - 1 - (all.length > excerptWidth ? excerptWidth / 2 : all.length),
    );
    const shown = all.slice(from, from + excerptWidth);
    const start = problem.column - 1 - from;
    const indent = stringWidth(shown.slice(0, start).join(''));
    const carets = Math.max(1, stringWidth(shown.slice(start, start + problem.length).join('')));
    lines.push(`  ${number} | ${shown.join('')}`, `  ${margin} | ${' '.repeat(indent)}${'^'.repeat(carets)}`);
  }
  if (problem.suggestion !== undefined) lines.push(`  ${margin} = ${problem.suggestion}`);
  return lines.join('\n');
}

/** Keeps a hostile file from moving the cursor: anything that does not draw as one character becomes one. */
function printable(character: string): string {
  if (character === '\t') return ' ';
  return /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character) ? '\u{FFFD}' : character;
}
