/** JMESPath expressions: do they compile, which facts do they name, and do those facts have such fields? */
import { compile, getRegisteredFunctions, tokenize, TreeInterpreter } from '@jmespath-community/jmespath';
import { ExpressionNames } from './expression-names.ts';
import type { ExpressionNode, ValueMention } from './expression-names.ts';
import { syntaxProblem } from './expression-syntax.ts';
import type { ExpressionToken } from './expression-tokens.ts';
import { conditionMisfit, valueMisfit } from './expression-types.ts';
import type { Shape } from './facts.ts';
import { factNames } from './model.ts';
import type { FactName } from './model.ts';
import type { TextProblem } from './problems.ts';
import { suggestion } from './suggest.ts';
import { isVersion } from './versions.ts';

export interface CompiledExpression {
  /** The facts named at the root, in the order of `factNames`. Meaningful only without errors. */
  facts: readonly FactName[];
  /** Every `params.NAME` and `captured.NAME`. */
  mentions: readonly ValueMention[];
  /** What is known of its value. */
  shape: Shape;
  problems: readonly TextProblem[];
}

/** Functions of our own (`plan/conditions.ts` carries them out) and how many arguments they take. */
const ownFunctions: Readonly<Record<string, number>> = { at_least: 2, same_key: 2, same_text: 2 };

/** Characters. Longer conditions belong in two steps; the limit keeps looking for a mistake quick. */
const maximumLength = 2000;

/** Checks an expression against the shape of the facts. Offsets count from its start. Never throws. */
export function compileExpression(source: string, facts: Shape): CompiledExpression {
  if (source.length > maximumLength) {
    const message = `the expression has ${source.length} characters; the most is ${maximumLength}`;
    return refused({ offset: 0, length: 1, message, suggestion: 'split the step in two' });
  }
  const syntax = syntaxProblem(source);
  if (syntax !== undefined) return refused(syntax);
  // Both are known to succeed now.
  const names = new ExpressionNames(source, tokenize(source) as ExpressionToken[], checkFunction);
  const shape = names.visitRoot(compile(source), facts);
  return {
    facts: factNames.filter((name) => names.roots.has(name)),
    mentions: names.mentions,
    shape,
    problems: names.problems,
  };
}

function refused(problem: TextProblem): CompiledExpression {
  return { facts: [], mentions: [], shape: 'any', problems: [problem] };
}

/** Why an expression without errors is no condition, or none that asks anything. */
export function conditionProblem(
  source: string,
  { facts, shape }: CompiledExpression,
): TextProblem | undefined {
  const misfit = conditionMisfit(source, shape) ?? (facts.length === 0 ? constant : undefined);
  return misfit && { offset: 0, length: source.length, ...misfit };
}

/** Why an expression without errors has no value that could be shown, or used in a command. */
export function plainValueProblem(source: string, { shape }: CompiledExpression): TextProblem | undefined {
  const misfit = valueMisfit(source, shape);
  return misfit && { offset: 0, length: source.length, ...misfit };
}

/** A condition that does not depend on anything. */
const constant = {
  severity: 'warning',
  message: 'this names no fact, so it is always the same',
  suggestion: 'name the fact it is about, or remove it',
} as const;

/** What is wrong with the call of a function, if anything. */
function checkFunction(
  name: string,
  children: readonly ExpressionNode[],
): Omit<TextProblem, 'offset' | 'length'> | undefined {
  const arity = functionArity(name);
  if (arity === undefined) {
    const known = [...new Set([...getRegisteredFunctions(), ...Object.keys(ownFunctions)])].sort();
    return { message: `there is no function \`${name}\``, suggestion: suggestion(name, known, 'functions') };
  }
  const { least, most } = arity;
  if (children.length < least || children.length > most) {
    const wanted = least === most ? String(least) : `${least} to ${most}`;
    return {
      message: `\`${name}\` takes ${most === Infinity ? `at least ${least}` : wanted} arguments, not ${children.length}`,
      ...(name === 'at_least' && { suggestion: "write at_least(version, '1.33.0')" }),
    };
  }
  const minimum = name === 'at_least' ? children[1] : undefined;
  if (minimum?.type === 'Literal' && !(typeof minimum.value === 'string' && isVersion(minimum.value)))
    return {
      message: 'the second argument of `at_least` is not a version',
      suggestion: "write it as text: at_least(version, '1.33.0')",
    };
  return undefined;
}

function functionArity(name: string): { least: number; most: number } | undefined {
  const own = Object.hasOwn(ownFunctions, name) ? ownFunctions[name] : undefined;
  if (own !== undefined) return { least: own, most: own };
  const table = TreeInterpreter.runtime._functionTable;
  const signature = Object.hasOwn(table, name) ? table[name]?._signature : undefined;
  if (signature === undefined) return undefined;
  const least = signature.filter((argument) => argument.optional !== true).length;
  return { least, most: signature.at(-1)?.variadic === true ? Infinity : signature.length };
}
