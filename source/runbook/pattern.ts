/** The regular expressions of the runbook language. */

/** Why a pattern is no regular expression, and the way out; undefined when it is one. */
export function patternProblem(pattern: string): { message: string; suggestion: string } | undefined {
  try {
    RegExp(pattern, 'u');
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      message: `not a regular expression: ${reason.replace(/^.*\/u?: /, '')}`,
      suggestion: /\(\?[a-z]+\)/.test(pattern)
        ? 'leave (?i) and the like out: in output, upper and lower case do not matter'
        : String.raw`a character with a meaning is written with a backslash: \. \( \[ \{; others without`,
    };
  }
}

/** Whether a pattern is found in every text, even in none. */
export function isFoundEverywhere(pattern: string): boolean {
  return patternProblem(pattern) === undefined && new RegExp(pattern, 'u').test('');
}

/** Whether the whole value matches. No pattern, or one that does not compile, matches everything. */
export function matchesWhole(pattern: string | undefined, value: string): boolean {
  if (pattern === undefined || patternProblem(pattern) !== undefined) return true;
  return new RegExp(`^(?:${pattern})$`, 'u').test(value);
}
