/** What kinds of values the parts of an expression have, as far as that is known, and where they do not fit. */
import {
  TreeInterpreter,
  TYPE_ANY,
  TYPE_ARRAY,
  TYPE_ARRAY_ARRAY,
  TYPE_ARRAY_NUMBER,
  TYPE_ARRAY_OBJECT,
  TYPE_ARRAY_STRING,
  TYPE_BOOLEAN,
  TYPE_NUMBER,
  TYPE_OBJECT,
  TYPE_STRING,
} from '@jmespath-community/jmespath';
import type { Shape } from './facts.ts';
import { closest } from './suggest.ts';

type Kind = 'text' | 'number' | 'boolean' | 'list' | 'mapping';

/** What is said about a value that does not fit; where it stands, the caller knows. */
export interface Misfit {
  severity?: 'warning';
  message: string;
  suggestion?: string;
}

const kindNames: Readonly<Record<Kind, string>> = {
  text: 'text',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list',
  mapping: 'a mapping',
};

const argumentTypes: Readonly<Record<Kind, readonly number[]>> = {
  text: [TYPE_STRING],
  number: [TYPE_NUMBER],
  boolean: [TYPE_BOOLEAN],
  list: [TYPE_ARRAY, TYPE_ARRAY_NUMBER, TYPE_ARRAY_STRING, TYPE_ARRAY_OBJECT, TYPE_ARRAY_ARRAY],
  mapping: [TYPE_OBJECT],
};

/** Functions that always have a value of one kind. */
const results: Readonly<Record<string, Shape>> = {
  ...named('boolean', 'at_least same_text same_key contains starts_with ends_with'),
  ...named('number', 'length abs avg ceil floor sum'),
  ...named('text', 'join lower upper to_string trim trim_left trim_right replace pad_left pad_right type'),
  ...named({ kind: 'list', items: 'text' }, 'keys split'),
};

/** The kind of a value that is no null, as a part of a sentence. Undefined when it is not known. */
export function kindName(shape: Shape): string | undefined {
  const kind = kindOf(shape);
  return kind && kindNames[kind];
}

/** The shape of a literal. Null may stand for anything. */
export function shapeOfLiteral(value: unknown): Shape {
  if (Array.isArray(value)) return { kind: 'list', items: 'any' };
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return 'any';
  }
}

/** The shape of what a function gives. */
export function shapeOfResult(name: string): Shape {
  return (Object.hasOwn(results, name) ? results[name] : undefined) ?? 'any';
}

/** Why a comparison can never hold, or never be wrong, whatever the values. */
export function comparisonMisfit(
  operator: string,
  symbol: string,
  left: Shape,
  right: Shape,
): Misfit | undefined {
  const [one, other] = [kindOf(left), kindOf(right)];
  if (operator !== 'EQ' && operator !== 'NE') {
    const odd = [one, other].find((kind) => kind !== undefined && kind !== 'number');
    if (odd === undefined) return undefined;
    const message = `\`${symbol}\` compares numbers, and this is ${kindNames[odd]}: it never holds`;
    return {
      message,
      suggestion: "write a number in backticks: `1`; compare versions with at_least(version, '1.33.0')",
    };
  }
  if (one === undefined || other === undefined || one === other) return undefined;
  const pair = new Set([one, other]);
  let suggestion = 'compare values of one kind';
  if (pair.has('list')) suggestion = "write contains(list, 'value') to ask whether it is in the list";
  else if (pair.has('boolean')) suggestion = 'write `true` or `false`, in backticks and without quotes';
  else if (pair.has('number')) suggestion = 'write a number in backticks: `1`';
  return {
    message: `this compares ${kindNames[one]} with ${kindNames[other]}, which are never equal`,
    suggestion,
  };
}

/** A text that is compared with a value that is one of a few words, and is none of them but nearly. */
export function wordMisfit(
  node: { type: string; value?: unknown } | undefined,
  other: Shape | undefined,
  caseMatters: boolean,
): Misfit | undefined {
  if (node?.type !== 'Literal' || typeof node.value !== 'string') return undefined;
  if (typeof other !== 'object' || other.kind !== 'word') return undefined;
  const said = (text: string): string => (caseMatters ? text : text.toLowerCase());
  const text = said(node.value);
  const meant = closest(text, other.values);
  if (meant === undefined || other.values.some((value) => said(value) === text)) return undefined;
  const message = `the value is not known to be '${node.value}' ever`;
  return { severity: 'warning', message, suggestion: `did you mean '${meant}'?` };
}

/** Why a value cannot be shown or used as text. */
export function valueMisfit(source: string, shape: Shape): Misfit | undefined {
  const kind = kindOf(shape);
  if (kind !== 'list' && kind !== 'mapping') return undefined;
  return {
    severity: 'warning',
    message: `this is ${kindNames[kind]}, and would be written as JSON`,
    suggestion:
      kind === 'list' ? `write join(', ', ${nameOrDots(source)})` : 'name the field that is meant: ….name',
  };
}

function nameOrDots(source: string): string {
  return /^[\w.$"@]+$/.test(source) ? source : '…';
}

/** Why an argument (counted from 0) is not what the function takes. */
export function argumentMisfit(name: string, index: number, argument: Shape): Misfit | undefined {
  const kind = kindOf(argument);
  const table = TreeInterpreter.runtime._functionTable;
  const signature = Object.hasOwn(table, name) ? table[name]?._signature : undefined;
  // Functions of our own compare texts; they are registered where they are carried out.
  const types: readonly number[] = signature
    ? (signature[Math.min(index, signature.length - 1)]?.types ?? [])
    : [TYPE_STRING];
  if (kind === undefined || types.includes(TYPE_ANY)) return undefined;
  if (argumentTypes[kind].some((type) => types.includes(type))) return undefined;
  const wanted = (Object.keys(kindNames) as Kind[]).filter((candidate) =>
    argumentTypes[candidate].some((type) => types.includes(type)),
  );
  if (wanted.length === 0) return undefined;
  const names = wanted.map((candidate) => kindNames[candidate]).join(' or ');
  return { message: `argument ${index + 1} of \`${name}\` is ${kindNames[kind]}, and has to be ${names}` };
}

/** Why a value cannot be the answer to a condition. */
export function conditionMisfit(source: string, shape: Shape): Misfit | undefined {
  const kind = kindOf(shape);
  if (kind === undefined || kind === 'boolean') return undefined;
  const subject = nameOrDots(source);
  const comparisons: Readonly<Record<Exclude<Kind, 'boolean'>, string>> = {
    text: `${subject} != \`null\``,
    mapping: `${subject} != \`null\``,
    number: `${subject} > \`0\``,
    list: `length(${subject}) > \`0\``,
  };
  return {
    message: `a condition is true or false, and this is ${kindNames[kind]}`,
    suggestion: `write a comparison, such as ${comparisons[kind]}`,
  };
}

function kindOf(shape: Shape): Kind | undefined {
  if (shape === 'any') return undefined;
  if (typeof shape === 'string') return shape;
  if (shape.kind === 'word') return 'text';
  return shape.kind === 'list' ? 'list' : 'mapping';
}

function named(shape: Shape, names: string): Record<string, Shape> {
  return Object.fromEntries(names.split(' ').map((name) => [name, shape]));
}
