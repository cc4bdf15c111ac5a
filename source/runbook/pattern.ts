/** The regular expressions of the runbook language. */

/** Why a pattern is no regular expression, or undefined when it is one. */
export function patternProblem(pattern: string): string | undefined {
  try {
    RegExp(pattern, 'u');
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return message.replace(/^.*\/u?: /, '');
  }
}

/** Whether the whole value matches. No pattern, or one that does not compile, matches everything. */
export function matchesWhole(pattern: string | undefined, value: string): boolean {
  if (pattern === undefined || patternProblem(pattern) !== undefined) return true;
  return new RegExp(`^(?:${pattern})$`, 'u').test(value);
}
