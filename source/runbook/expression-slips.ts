/** What somebody meant who wrote a name where JMESPath looks for a field. */
import { kindName } from './expression-types.ts';
import { fieldsOf } from './facts.ts';
import type { Shape } from './facts.ts';
import type { TextProblem } from './problems.ts';
import { closest, suggestion } from './suggest.ts';

/** The literals of JSON, and what other languages call them. */
const literals: Readonly<Record<string, string>> = {
  true: 'true',
  false: 'false',
  null: 'null',
  none: 'null',
  nil: 'null',
  undefined: 'null',
};

type Slip = Omit<TextProblem, 'offset' | 'length'>;

/** A name that is not the name of a fact, where only facts are. */
export function unknownFact(
  /** `before` is what a `-` without a space joins to it: `aks` for `preview` in `tools.aks-preview`. */
  { name, quoted, before }: { name: string; quoted: boolean; before: string | undefined },
  facts: Shape,
): Slip {
  const message = `there is no fact \`${name}\``;
  const known = Object.keys(fieldsOf(facts));
  if (before !== undefined) return { message, suggestion: inDoubleQuotes(`${before}-${name}`) };
  if (quoted) return { message, suggestion: inSingleQuotes(name) };
  const literal = literalMeant(name.toLowerCase());
  if (literal !== undefined) return { message, suggestion: `write it in backticks: \`${literal}\`` };
  if (Object.hasOwn(fieldsOf(fieldOf(facts, 'params')), name))
    return { message, suggestion: `write params.${name}` };
  if (/^[A-Z][A-Z0-9_]+$/.test(name))
    return { message, suggestion: `write params.${name} or captured.${name}` };
  const match = closest(name, known);
  if (match !== undefined) return { message, suggestion: `did you mean \`${match}\`?` };
  const owner = known.find((fact) => Object.hasOwn(fieldsOf(fieldOf(facts, fact)), name));
  if (owner !== undefined) return { message, suggestion: `did you mean \`${owner}.${name}\`?` };
  return { message, suggestion: `${suggestion(name, known, 'facts')}; ${inSingleQuotes(name)}` };
}

/** A name that is no field to its author, where any field may be: `enabled == true`, `name == "x"`. */
export function misreadName(
  { name, quoted, afterDot }: { name: string; quoted: boolean; afterDot: boolean },
  shape: Shape,
): Slip | undefined {
  if (afterDot) return undefined;
  if (!quoted)
    return literalMeant(name) === name
      ? {
          message: `without backticks, \`${name}\` is the name of a field`,
          suggestion: `write it in backticks: \`${name}\``,
        }
      : undefined;
  const sure = typeof shape === 'object' && shape.kind === 'record';
  // Where any field may be, one with a dash or a dot in its name has to be in double quotes.
  if (!sure && !/^[A-Za-z_]\w*$|\s/.test(name)) return undefined;
  const message = 'in double quotes stands the name of a field, not text';
  return { severity: sure ? 'error' : 'warning', message, suggestion: inSingleQuotes(name) };
}

/** A field that something of this shape cannot have, or probably does not. */
export function unknownField(name: string, shape: Shape): Slip | undefined {
  if (shape === 'any') return undefined;
  if (typeof shape === 'string' || shape.kind === 'word')
    return {
      message: `what is ${kindName(shape) ?? 'this'} has no field \`${name}\``,
      suggestion: 'leave it out, with the dot before it',
    };
  if (shape.kind === 'list')
    return {
      message: `a list has no field \`${name}\``,
      suggestion: `write [*].${name} for the field of every item, or [0].${name}`,
    };
  const known = Object.keys(fieldsOf(shape));
  if (shape.kind === 'record') {
    const dashed = known.find((field) => field.startsWith(`${name}-`));
    return {
      message: `there is no field \`${name}\` here`,
      suggestion: dashed === undefined ? suggestion(name, known, 'fields') : inDoubleQuotes(dashed),
    };
  }
  const match = closest(name, known);
  return match === undefined
    ? undefined
    : {
        severity: 'warning',
        message: `\`${name}\` is not a field this tool knows`,
        suggestion: `did you mean \`${match}\`?`,
      };
}

/** The JSON literal a bare word stands for to its author, if it does. */
function literalMeant(word: string): string | undefined {
  return Object.hasOwn(literals, word) ? literals[word] : undefined;
}

function inSingleQuotes(text: string): string {
  return `text is written in single quotes: '${text}'`;
}

function inDoubleQuotes(name: string): string {
  return `a name with a dash is written in double quotes: "${name}"`;
}

/** The way to a value of the run that somebody wrote as `$NAME`. */
export function valueMeant(name: string, facts: Shape): string {
  return Object.hasOwn(fieldsOf(fieldOf(facts, 'params')), name)
    ? `write params.${name}`
    : `write captured.${name}, or params.${name} for a parameter`;
}

function fieldOf(shape: Shape, name: string): Shape {
  return fieldsOf(shape)[name] ?? 'any';
}
