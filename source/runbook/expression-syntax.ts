/** Where and why a JMESPath expression does not parse; the library's errors carry no position. */
import { compile, tokenize } from '@jmespath-community/jmespath';
import type { TextProblem } from './problems.ts';

/** Words and signs. Far above what a person reads, and low enough that no nesting is too deep to follow. */
const maximumTokens = 400;

/** The first syntax problem of an expression, or undefined when it compiles. */
export function syntaxProblem(source: string): TextProblem | undefined {
  if (source.trim() === '') return { offset: 0, length: 1, message: 'the expression is empty' };
  return quoteProblem(source) ?? characterProblem(source) ?? sizeProblem(source) ?? grammarProblem(source);
}

function sizeProblem(source: string): TextProblem | undefined {
  const tokens = tokenize(source);
  const beyond = tokens[maximumTokens];
  if (beyond === undefined) return undefined;
  return {
    offset: beyond.start,
    length: 1,
    message: `the expression is too long: it has ${tokens.length} parts, and the most is ${maximumTokens}`,
    suggestion: 'split the step in two',
  };
}

/** Quotes that never close (the library takes some of those) and literals that are no JSON. */
function quoteProblem(source: string): TextProblem | undefined {
  for (let at = 0; at < source.length; at++) {
    const quote = source[at] ?? '';
    if (!'\'"`'.includes(quote)) continue;
    let end = at + 1;
    while (end < source.length && source[end] !== quote) end += source[end] === '\\' ? 2 : 1;
    if (end >= source.length)
      return {
        offset: at,
        length: 1,
        message: `this ${quote} is never closed`,
        suggestion: `add the closing ${quote}, or write \\${quote} for one that is meant`,
      };
    if (failure(() => tokenize(source.slice(at, end + 1))) !== undefined)
      return {
        offset: at,
        length: end + 1 - at,
        message: quote === '`' ? 'between backticks stands JSON' : 'this quoted name is not valid',
        suggestion: "write `true`, `null` or `1` in backticks, and text in single quotes: 'text'",
      };
    at = end;
  }
  return undefined;
}

function characterProblem(source: string): TextProblem | undefined {
  if (failure(() => tokenize(source)) === undefined) return undefined;
  // Quoted pieces are in order, so the first prefix that does not split ends with the character.
  for (let length = 1; length <= source.length; length++) {
    const message = failure(() => tokenize(source.slice(0, length)));
    if (message?.includes('unknown character') === true)
      return {
        offset: length - 1,
        length: 1,
        message: `\`${source[length - 1]}\` means nothing in an expression`,
        suggestion: "text is written in single quotes: 'text'",
      };
  }
  return { offset: 0, length: source.length, message: 'the expression cannot be read' };
}

function grammarProblem(source: string): TextProblem | undefined {
  const whole = failure(() => compile(source));
  if (whole === undefined) return undefined;
  const tokens = tokenize(source);
  // A beginning that is only unfinished fails at its end; the first that fails before it ends with the culprit.
  for (const [index, token] of tokens.entries()) {
    const end = tokens[index + 1]?.start ?? source.length;
    const message = failure(() => compile(source.slice(0, end)));
    if (message === undefined || /\bEOF\b|undefined/.test(message)) continue;
    return (
      bareNumber(source, token.start) ?? {
        offset: token.start,
        length: source.slice(token.start, end).trimEnd().length,
        message: 'the expression makes no sense from here',
        suggestion:
          apostrophe(source, token.start) ??
          wayOut(String(token.value)) ??
          wayOut(String(tokens[index - 1]?.value)),
      }
    );
  }
  return {
    offset: Math.max(0, source.trimEnd().length - 1),
    length: 1,
    message: 'the expression ends too early',
    suggestion: 'close what is open, or write what is missing after it',
  };
}

/** A number or a version as other languages write them. */
function bareNumber(source: string, offset: number): TextProblem | undefined {
  const number = /^-?\d+(?:\.\w+)*/.exec(source.slice(offset))?.[0];
  if (number === undefined) return undefined;
  const span = { offset, length: number.length };
  return number.includes('.')
    ? {
        ...span,
        message: 'a version is text, and text is written in single quotes',
        suggestion: `write '${number}'; compare versions with at_least(version, '${number}')`,
      }
    : {
        ...span,
        message: 'a number is written in backticks',
        suggestion: `write \`${number}\``,
      };
}

/** Text that goes on right behind the quote that ends it: `'it's'`. */
function apostrophe(source: string, offset: number): string | undefined {
  return source[offset - 1] === "'"
    ? String.raw`the text ends at the quote before; write \' for one that is meant`
    : undefined;
}

/** What is written instead of what other languages write. */
function wayOut(token: string): string | undefined {
  if (/^(?:and|or|not)$/i.test(token)) return 'write && for and, || for or, ! for not';
  if (token === '=' || /^is$/i.test(token)) return 'write == to compare, and `null` in backticks';
  if (/^in$/i.test(token)) return "write contains(list, 'value')";
  if (token === '>' || token === '<') return 'write != for not equal';
  return undefined;
}

/** The message of the error an action ends with, or undefined when it does not. */
function failure(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
