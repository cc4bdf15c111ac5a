/** What a shell would act on and a command block may not hold, each with its way out. */
import type { Word } from './model.ts';
import type { TextProblem } from './problems.ts';

const quoteIt = "if it is meant literally, put the word in single quotes: '…'";
const ownStep = 'make each command a step of its own';

/** Operators that end or connect commands or send output elsewhere; the longest match is reported. */
const operators: readonly (readonly [operator: string, what: string, wayOut: string])[] = [
  ['&&', 'would start a second command', ownStep],
  ['||', 'would start a second command when the first fails', 'make it a step with `even-if-failed`'],
  ['|&', 'would send errors into the next command', 'use `|`; errors are shown and kept in any case'],
  [';', 'would start a second command', `${ownStep}; ${quoteIt}`],
  ['&>', 'would send the output to a file', 'leave it out: all output is shown and kept in the record'],
  ['&', 'would leave the command running in the background', `leave it out; ${quoteIt}`],
  ['<<<', 'would feed text to the command', 'give the text as an argument instead'],
  ['<<', 'would feed text to the command', 'give the text as an argument instead'],
  ['<(', 'would run another command', `${ownStep} and \`capture\` what it changes`],
  ['<', 'would read a file', `a <placeholder> becomes a parameter, $NAME; ${quoteIt}`],
  ['>(', 'would run another command', ownStep],
  ['>>', 'would write to a file', 'leave it out: all output is shown and kept in the record'],
  ['>&', 'would send the output elsewhere', 'leave it out: all output is shown and kept in the record'],
  ['>', 'would write to a file', `leave it out: all output is kept in the record; ${quoteIt}`],
  ['(', 'would start a subshell', quoteIt],
  [')', 'would end a subshell', quoteIt],
];

/** Characters that come from a word processor or a web page and only look like the ones of a command. */
const lookalikes: Readonly<Record<string, string>> = {
  '\u00A0': 'a plain space',
  '\u2002': 'a plain space',
  '\u2003': 'a plain space',
  '\u2007': 'a plain space',
  '\u2009': 'a plain space',
  '\u202F': 'a plain space',
  '\u3000': 'a plain space',
  '\u200B': 'nothing',
  '\u2060': 'nothing',
  '\uFEFF': 'nothing',
  '\u2018': "a plain '",
  '\u2019': "a plain '",
  '\u201C': 'a plain "',
  '\u201D': 'a plain "',
};

/** What is wrong with a character wherever it stands in a word; in double quotes fewer things are. */
export function refusedCharacter(block: string, offset: number, quoted: boolean): TextProblem | undefined {
  const character = block[offset] ?? '';
  const next = block[offset + 1];
  const at = (length: number, message: string, suggestion: string): TextProblem => ({
    offset,
    length,
    message,
    suggestion,
  });
  if (character === '`')
    return at(
      1,
      'a backtick would run another command and put its output here',
      "`capture` the value in an earlier step and write $NAME; a literal backtick goes in single quotes: '`'",
    );
  // An interactive shell leaves `!` alone before a blank, `=` or the closing quote.
  if (character === '!' && !(quoted && (next === undefined || ' \t\n="'.includes(next))))
    return at(1, '`!` would be replaced from the command history of a shell', quoteIt);
  if (quoted) return undefined;
  const lookalike = lookalikes[character];
  if (lookalike !== undefined)
    return at(1, `this is not ${lookalike} but looks like it`, `replace it with ${lookalike}; ${quoteIt}`);
  const operator = operators.find(([symbol]) => block.startsWith(symbol, offset));
  if (operator !== undefined)
    return at(withParenthesis(block, offset, operator[0]), `\`${operator[0]}\` ${operator[1]}`, operator[2]);
  if ('*?['.includes(character))
    return at(1, `\`${character}\` would be replaced by the names of matching files`, quoteIt);
  // `{}` by itself is plain text to a shell, and common in kubectl and xargs arguments.
  if (character === '{' && next !== '}')
    return at(1, '`{` would be expanded to several words, or start a block', quoteIt);
  return undefined;
}

/** Control characters, wherever they stand: a terminal could act on them, or show other words than will run. */
export function controlCharacters(block: string): TextProblem[] {
  return Array.from(
    block.matchAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]|\p{Bidi_Control}/gu),
    (match) => ({
      offset: match.index,
      length: 1,
      message: 'a control character cannot be part of a command',
      suggestion: 'remove it',
    }),
  );
}

/** The length of an operator, with what it encloses when it opens a parenthesis that closes in this line. */
function withParenthesis(block: string, offset: number, operator: string): number {
  if (!operator.endsWith('(')) return operator.length;
  const rest = /^[^)\n]*\)/.exec(block.slice(offset));
  return rest === null ? operator.length : rest[0].length;
}

/** What is wrong with a character because a word begins with it. */
export function misplacedCharacter(block: string, offset: number): TextProblem | undefined {
  const character = block[offset] ?? '';
  if (character === '~')
    return {
      offset,
      length: 1,
      message: '`~` would be replaced by the home folder',
      suggestion: `write the path out, or make it a parameter; ${quoteIt}`,
    };
  if ('\u2010\u2011\u2012\u2013\u2014\u2212'.includes(character))
    return {
      offset,
      length: 1,
      message: 'this dash is not the `-` that starts an option',
      suggestion: 'replace it with a plain -, or with -- for a long option',
    };
  return undefined;
}

/** A `$` that is not the start of `$NAME` or `${NAME}`. */
export function dollarProblem(block: string, offset: number): TextProblem {
  const rest = block.slice(offset);
  if (rest.startsWith('$('))
    return {
      offset,
      length: withParenthesis(block, offset, '$('),
      message: '`$(` would run another command and put its output here',
      suggestion: '`capture` the value in an earlier step and write $NAME',
    };
  if (rest.startsWith('${')) {
    const end = rest.search(/[}\n]/);
    return {
      offset,
      length: end === -1 || rest[end] === '\n' ? 2 : end + 1,
      message: 'only a plain name can stand in `${…}`',
      suggestion: 'write ${NAME}; give a parameter a `default` instead of ${NAME:-default}',
    };
  }
  return {
    offset,
    length: 1,
    message: 'a `$` stands before the name of a parameter or captured value',
    suggestion: "write $NAME; a literal dollar sign goes in single quotes: '$'",
  };
}

export function secondCommand(block: string, offset: number): TextProblem {
  const end = block.slice(offset).search(/\s|$/);
  const option = block[offset] === '-';
  return {
    offset,
    length: Math.max(1, end),
    message: 'this line would start a second command',
    suggestion: option
      ? 'end the line before it with a backslash'
      : `${ownStep}, or end the line before with \\`,
  };
}

export function brokenContinuation(offset: number, atEnd: boolean): TextProblem {
  return atEnd
    ? { offset, length: 1, message: 'nothing follows this backslash', suggestion: 'remove it' }
    : {
        offset,
        length: 2,
        message: 'a blank follows this backslash, so the line does not continue',
        suggestion: "remove the blank; for a blank inside a word, put the word in quotes: 'a b'",
      };
}

export function nothingBetween(offset: number, side: 'before' | 'after', lineStart = false): TextProblem {
  return {
    offset,
    length: 1,
    message: `there is no command ${side} this \`|\``,
    suggestion: lineStart
      ? 'end the line before it with a backslash'
      : 'write the command, or remove the `|`',
  };
}

export function strayComment(offset: number, length: number): TextProblem {
  return {
    offset,
    length: Math.max(1, length),
    message: 'a comment inside a command would end it',
    suggestion: `put the comment on a line of its own before the command; ${quoteIt}`,
  };
}

export function unclosedQuote(offset: number, quote: string): TextProblem {
  return {
    offset,
    length: 1,
    message: `this ${quote} is never closed`,
    suggestion: `add the closing ${quote}`,
  };
}

/** Names a shell treats itself, with no program of that name behind them that would do the same. */
const shellWords = new Set(
  '. : [[ { } alias bg break builtin case cd command continue coproc declare do done elif else esac eval exec exit export fg fi for function getopts hash if jobs let local popd pushd read readonly return select set shift shopt source then time trap type typeset ulimit umask unalias unset until wait while'.split(
    ' ',
  ),
);

/** Programs that would read a command as a shell does. */
const shells = new Set('sh bash dash ash zsh ksh csh tcsh fish pwsh powershell cmd cmd.exe'.split(' '));

/** What is wrong with the first word of a command; `bare` is its text before any quote or value. */
export function programProblem(
  word: Word,
  bare: string,
  span: { offset: number; length: number },
): TextProblem | undefined {
  const assignment = /^[A-Za-z_]\w*\+?=/.exec(bare);
  if (assignment !== null)
    return {
      offset: span.offset,
      length: assignment[0].length,
      message: 'this would set a shell variable, not run a program',
      suggestion: 'make the value a parameter or write it into the command',
    };
  if (word.some((part) => 'name' in part))
    return {
      ...span,
      message: 'the program to run cannot come from a value',
      suggestion: 'write the name of the program; values go into its arguments',
    };
  const name = word.map((part) => ('text' in part ? part.text : '')).join('');
  if (name === '')
    return {
      ...span,
      message: 'the program to run has no name',
      suggestion: 'write the name of the program',
    };
  if (shells.has(name.replace(/^.*[/\\]/, '').toLowerCase()))
    return {
      ...span,
      message: `\`${name}\` is a shell, and what it runs could not be checked`,
      suggestion: 'run programs directly, one step for each',
    };
  if (shellWords.has(name))
    return {
      ...span,
      message: `\`${name}\` belongs to the shell, and no shell is started`,
      suggestion: 'run programs directly, one step for each',
    };
  return undefined;
}
