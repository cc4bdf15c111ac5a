/** Evaluates the expressions of a runbook over facts. */
import { compile, register, TreeInterpreter, TYPE_NULL, TYPE_STRING } from '@jmespath-community/jmespath';
import type { JSONValue } from '@jmespath-community/jmespath';
import { ToolError } from '../runbook/errors.ts';
import type { Expression, FactName } from '../runbook/model.ts';
import { compareVersions } from '../runbook/versions.ts';
import { isSameKey } from './key-id.ts';

/** The facts an expression is evaluated over; those it names have to be there. */
export type Facts = Partial<Record<FactName, unknown>>;

register(
  'at_least',
  ([version, minimum]) => {
    // A tool that is not installed has no version, and so is not recent enough.
    if (typeof version !== 'string' || typeof minimum !== 'string') return false;
    const order = compareVersions(version, minimum);
    if (order === undefined) throw new Error(`"${version}" and "${minimum}" cannot be compared as versions`);
    return order >= 0;
  },
  [{ types: [TYPE_STRING, TYPE_NULL] }, { types: [TYPE_STRING] }],
  { override: true },
);

/** Registers a comparison of two texts that does not hold when either is missing: the unknown is the same as nothing. */
function registerComparison(name: string, isSame: (a: string, b: string) => boolean): void {
  const textOrNull = { types: [TYPE_STRING, TYPE_NULL] };
  register(
    name,
    ([a, b]) => typeof a === 'string' && typeof b === 'string' && isSame(a, b),
    [textOrNull, textOrNull],
    { override: true },
  );
}

registerComparison('same_text', (a, b) => a.toLowerCase() === b.toLowerCase());
registerComparison('same_key', isSameKey);

/**
 * Whether a condition holds. Null, which is what a missing field is, counts as no. Throws `ToolError` when the
 * expression cannot be evaluated or is neither true nor false, since guessing could be wrong either way.
 */
export function evaluate(expression: Expression, facts: Facts): boolean {
  const value = search(expression, facts);
  if (value === null || typeof value === 'boolean') return value ?? false;
  throw new ToolError(
    `The expression \`${expression.source}\` is neither true nor false but ${kind(value)}.`,
    `Correct it in the runbook (${place(expression)}); write a comparison, such as … != \`null\`.`,
  );
}

/**
 * The value of an expression as text; lists and objects as JSON. A null gives `absent`, or throws `ToolError` when
 * that is not said: a value that is used later has to be there.
 */
export function evaluateValue(expression: Expression, facts: Facts, absent?: string): string {
  const value = search(expression, facts);
  if (typeof value === 'string') return value;
  if (value !== null) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (absent !== undefined) return absent;
  throw new ToolError(
    `The expression \`${expression.source}\` has no value.`,
    `Check that the cluster is what the runbook is for, or correct the runbook (${place(expression)}).`,
  );
}

function search(expression: Expression, facts: Facts): JSONValue {
  const missing = expression.facts.filter((name) => facts[name] === undefined);
  if (missing.length > 0) throw new Error(`facts not read: ${missing.join(', ')}`);
  try {
    return TreeInterpreter.search(compile(expression.source), facts as JSONValue) ?? null;
  } catch (error) {
    throw new ToolError(
      `The expression \`${expression.source}\` cannot be evaluated: ${error instanceof Error ? error.message : String(error)}.`,
      `Correct it in the runbook (${place(expression)}).`,
      { cause: error },
    );
  }
}

function place({ position }: Expression): string {
  return `${position.file}, line ${position.line}`;
}

/** What a value is, without saying it: it may be anything, and is put on record with the message. */
function kind(value: JSONValue): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' ? `the number ${value}` : 'a text';
}
