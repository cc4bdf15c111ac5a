/** What an operator asks to have taken out of a record besides secrets (`--redact`). */
import { runInNewContext } from 'node:vm';
import { redacted } from '../engine/redaction-scanners.ts';
import { ToolError, UsageError } from '../runbook/errors.ts';
import { patternProblem } from '../runbook/pattern.ts';
import type { Redact } from '../transcript/scrub.ts';

/** Milliseconds the patterns may take for a whole record. Any that does not go wild takes less than one second. */
const patience = 20_000;

/**
 * Takes out what any of the patterns (JavaScript regular expressions) finds; undefined when there are none. Throws
 * `UsageError` for one that is no regular expression, or fits an empty text.
 */
export function patternRedactor(patterns: readonly string[] = []): PatternRedactor | undefined {
  if (patterns.length === 0) return undefined;
  const expressions = patterns.map(compiled);
  const matched = new Set<RegExp>();
  const redact = (text: string): string =>
    expressions.reduce((rest, expression) => {
      const cleared = clear(rest, expression);
      if (cleared !== rest) matched.add(expression);
      return cleared;
    }, text);
  return { redact, unmatched: () => patterns.filter((_, at) => !matched.has(expressions[at] as RegExp)) };
}

interface PatternRedactor {
  redact: Redact;
  /** The patterns that have found nothing so far. */
  unmatched(): string[];
}

/** What was taken out already stays as it is, whatever a pattern would find in the mark. */
function clear(text: string, expression: RegExp): string {
  return text
    .split(redacted)
    .map((part) => part.replace(expression, (found) => (found === '' ? '' : redacted)))
    .join(redacted);
}

function compiled(pattern: string): RegExp {
  const problem = patternProblem(pattern);
  if (problem !== undefined) {
    throw new UsageError(
      `--redact ${pattern} is ${problem.message}.`,
      String.raw`Write it as in JavaScript; put a backslash before each of . * + ? ( ) [ ] { } | \ ^ $ that means itself.`,
    );
  }
  if (new RegExp(pattern, 'u').test('')) {
    throw new UsageError(
      `--redact ${pattern === '' ? 'with an empty pattern' : pattern} fits an empty text, so it fits everywhere.`,
      'Say what has to be there, for example with + in place of *.',
    );
  }
  return new RegExp(pattern, 'gu');
}

/**
 * Does work in which the patterns are looked for. Some patterns take longer than anyone lives on the wrong text:
 * the work is then broken off with a `ToolError`. Without patterns it is simply done.
 */
export function within<T>(redactMore: Redact | undefined, work: () => T, limit = patience): T {
  if (redactMore === undefined) return work();
  try {
    // The one thing that can stop a regular expression while it is looking.
    return runInNewContext('work()', { work }, { timeout: limit }) as T;
  } catch (error) {
    if ((error as { code?: unknown } | undefined)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new ToolError(
      `Looking for the patterns of --redact took longer than ${limit / 1000} seconds; nothing was written.`,
      'Make them simpler: avoid a repetition inside a repetition, such as (a+)+.',
    );
  }
}
