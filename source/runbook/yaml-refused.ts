/** What of YAML, and of text, a runbook file may not hold; and what the parser's messages mean to an author. */
import { isAlias, isNode, isScalar, visit } from 'yaml';
import type { Document, Pair, Scalar, YAMLError } from 'yaml';
import type { TextProblem } from './problems.ts';
import type { SourceFile, Span } from './source-file.ts';

/** Characters. A runbook is a few hundred lines; anything of this size is something else. */
const maximumSize = 256_000;

/** Why a text cannot be a runbook file at all, or undefined. */
export function refuseText(text: string): TextProblem | undefined {
  if (text.length > maximumSize)
    return {
      offset: 0,
      length: 1,
      message: `the file has ${text.length} characters; a runbook has at most ${maximumSize}`,
      suggestion: 'split it with `include`, or check that this is a runbook',
    };
  const control = /[^\t\n\r\u0020-\u007E\u0085\u00A0-\uFFFF]/.exec(text);
  if (control !== null)
    return {
      offset: control.index,
      length: 1,
      message: `the character U+${hex(control[0])} does not belong in a runbook`,
      suggestion: 'save the file as plain text in UTF-8, or remove the character',
    };
  const bidi = /\p{Bidi_Control}/u.exec(text);
  if (bidi !== null)
    return {
      offset: bidi.index,
      length: 1,
      message: `the character U+${hex(bidi[0])} changes the order in which others are shown`,
      suggestion: 'remove it: what is read has to be what is run',
    };
  const carriageReturn = /\r(?!\n)/.exec(text);
  if (carriageReturn !== null)
    return {
      offset: carriageReturn.index,
      length: 1,
      message: 'a carriage return alone is no line break in YAML files here',
      suggestion: 'save the file with line feeds (LF)',
    };
  const undecoded = text.isWellFormed() ? text.indexOf('\u{FFFD}') : text.search(/\p{Cs}/u);
  if (undecoded !== -1)
    return {
      offset: undecoded,
      length: 1,
      message: 'the file is not UTF-8 here',
      suggestion: 'save the file as UTF-8',
    };
  return undefined;
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

/** Where the values are not what the text seems to say. */
export function refuseNodes(document: Document.Parsed, source: SourceFile): TextProblem[] {
  const problems: TextProblem[] = [];
  visit(document, {
    Alias(_, alias) {
      if (isAlias(alias) && alias.range)
        problems.push({
          ...spanOf(alias.range),
          message: 'aliases (`*name`) are not part of the runbook language',
          suggestion: writeOut,
        });
    },
    Map(_, map) {
      const seen = new Map<string, number>();
      for (const pair of map.items) {
        const key = keyText(pair);
        if (!isNode(pair.key) || !pair.key.range) continue;
        const first = seen.get(key);
        const span = spanOf(pair.key.range);
        if (first !== undefined)
          problems.push({
            ...span,
            message: `the key \`${key}\` is here twice`,
            suggestion: `the first is in line ${source.position(first).line}; keep one`,
          });
        else if (key === '<<')
          problems.push({
            ...span,
            message: 'merge keys (`<<`) are not part of the runbook language',
            suggestion: writeOut,
          });
        seen.set(key, first ?? pair.key.range[0]);
      }
    },
    Scalar(_, scalar) {
      const comment = cutOff(scalar, source.text);
      if (comment !== undefined) problems.push(comment);
    },
  });
  return problems;
}

const writeOut = 'write the value out, or share whole sections with `include`';

/** A text that ends where a `#` follows a blank, as in `Issue #12`; comments have a blank behind the `#`. */
function cutOff(scalar: Scalar, text: string): TextProblem | undefined {
  if (scalar.type !== 'PLAIN' || typeof scalar.value !== 'string' || !scalar.range) return undefined;
  const end = scalar.range[1];
  const comment = /^[ \t]+(#[^\s#!][^\r\n]*)/.exec(text.slice(end, end + 200));
  if (comment === null) return undefined;
  const [whole, shown = ''] = comment;
  return {
    offset: end + whole.length - shown.length,
    length: shown.length,
    severity: 'warning',
    message: 'from this # on, the line is a comment and no part of the text',
    suggestion: 'put the text in quotes; a comment has a blank behind the #',
  };
}

/** A mistake the YAML parser found, with a way out where one is known. */
export function syntaxProblem(error: YAMLError): TextProblem {
  return {
    offset: error.pos[0],
    length: Math.max(1, error.pos[1] - error.pos[0]),
    message: `not valid YAML: ${yamlMessage(error)}`,
    suggestion: wayOut(error),
  };
}

function yamlMessage(error: YAMLError): string {
  if (error.code === 'RESOURCE_EXHAUSTION') return 'nested too deeply';
  if (error.code === 'MULTIPLE_DOCS') return 'a file holds one document, without a second `---`';
  return error.message.replace(/\s+/g, ' ');
}

function wayOut(error: YAMLError): string | undefined {
  return waysOut[error.code];
}

function inQuotes(what: string): string {
  return `a value with ${what} goes in quotes, or in a block after \`>-\``;
}

/** What to do about each kind of mistake, by the parser's codes. */
const waysOut: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  BLOCK_AS_IMPLICIT_KEY: inQuotes('`: ` in it'),
  BAD_SCALAR_START: inQuotes('such a first character'),
  MULTILINE_IMPLICIT_KEY: inQuotes('`: ` in it'),
  TAG_RESOLVE_FAILED: inQuotes('`!` at its beginning'),
  BAD_ALIAS: inQuotes('`*` or `&` at its beginning'),
  UNEXPECTED_TOKEN:
    'nothing may follow a closing quote or bracket: put the whole value in a block after `>-`',
  BAD_DQ_ESCAPE: 'in double quotes a backslash is an escape: use single quotes',
  MISSING_CHAR: 'close every quote and bracket; put a text with such characters in a block after `>-`',
  BAD_INDENT: 'indent the keys of one mapping, and the dashes of one list, by the same number of spaces',
  TAB_AS_INDENT: 'indent with spaces',
};

/** The text of a key. */
export function keyText(pair: Pair<unknown, unknown>): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

/** The stretch of the file a node's range covers, without what follows it. */
export function spanOf(range: readonly number[]): Span {
  const [start = 0, end = start] = range;
  return { offset: start, length: end - start };
}
