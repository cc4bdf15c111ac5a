/** YAML text → plain values, with the place of everything in them. */
import { isAlias, isMap, isNode, isPair, isScalar, parseDocument, visit } from 'yaml';
import type { Document, Pair, ParsedNode, Scalar, YAMLError } from 'yaml';
import type { Position } from './model.ts';
import type { ProblemList, TextProblem } from './problems.ts';
import { valueOffsets } from './scalar-offsets.ts';
import type { SourceFile, Span } from './source-file.ts';

export type Path = readonly (string | number)[];

/** Characters. A runbook is a few hundred lines; anything of this size is something else. */
const maximumSize = 256_000;
const maximumProblems = 20;

/** A place in a YAML file: a value and how it was reached. */
export class Entry {
  readonly source: SourceFile;
  readonly value: unknown;
  readonly #document: Document.Parsed;
  readonly #path: Path;

  constructor(source: SourceFile, document: Document.Parsed, path: Path, value: unknown) {
    this.source = source;
    this.#document = document;
    this.#path = path;
    this.value = value;
  }

  /** The entry under a key or index; its value is undefined when there is none. */
  child(step: string | number): Entry {
    const within = this.value;
    const value =
      typeof within === 'object' && within !== null && Object.hasOwn(within, step)
        ? (within as Record<string | number, unknown>)[step]
        : undefined;
    return new Entry(this.source, this.#document, [...this.#path, step], value);
  }

  descendant(path: Path): Entry {
    const [first, ...rest] = path;
    return first === undefined ? this : this.child(first).descendant(rest);
  }

  /** The keys of a mapping, in order; none for anything else. */
  keys(): string[] {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value)
      ? Object.keys(this.value)
      : [];
  }

  /** The entries of a sequence; none for anything else. */
  items(): Entry[] {
    return Array.isArray(this.value) ? this.value.map((_, index) => this.child(index)) : [];
  }

  has(key: string): boolean {
    return this.keys().includes(key);
  }

  /** The text, or undefined when the value is no text. */
  get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined;
  }

  /** Where the value stands; where its key stands if it has no value; else where what holds it stands. */
  span(): Span {
    const node = this.#node();
    if (node?.range === undefined || node.range === null || node.range[0] === node.range[1])
      return this.keySpan();
    return { offset: node.range[0], length: node.range[1] - node.range[0] };
  }

  /** Where the key stands that names this value; for an item of a sequence, the value. */
  keySpan(): Span {
    for (let depth = this.#path.length; depth > 0; depth--) {
      const parent = this.#nodeAt(this.#path.slice(0, depth - 1));
      const key = this.#path[depth - 1];
      if (isMap(parent)) {
        const pair = parent.items.find((item) => isPair(item) && keyText(item) === String(key));
        if (isNode(pair?.key) && pair.key.range) return spanOf(pair.key.range);
      }
      const item = this.#nodeAt(this.#path.slice(0, depth));
      if (item?.range && item.range[0] < item.range[1]) return firstLine(this.source, spanOf(item.range));
    }
    return { offset: 0, length: 1 };
  }

  /** Translates a problem found in this entry's text to the file. */
  place(problem: TextProblem): TextProblem {
    const offsets = this.#offsets();
    const last = offsets.length - 1;
    const start = offsets[Math.min(problem.offset, last)] ?? 0;
    const end = offsets[Math.min(problem.offset + Math.max(problem.length, 1) - 1, last)] ?? start;
    return { ...problem, offset: start, length: Math.max(1, end - start + 1) };
  }

  /** Where this entry's text begins, past quotes and the header of a block. */
  position(): Position {
    return this.source.position(this.#offsets()[0] ?? this.span().offset);
  }

  #offsets(): number[] {
    const node = this.#node();
    if (isScalar(node) && this.text !== undefined && node.range)
      return valueOffsets(node as Scalar.Parsed, this.text, this.source.text);
    return [this.span().offset];
  }

  #node(): ParsedNode | undefined {
    return this.#nodeAt(this.#path);
  }

  #nodeAt(path: Path): ParsedNode | undefined {
    if (path.length === 0) return this.#document.contents ?? undefined;
    const node: unknown = this.#document.getIn(path, true);
    return isNode(node) ? (node as ParsedNode) : undefined;
  }
}

/** Reads a YAML file. Undefined when its values cannot be told; the problems then say why. */
export function readYaml(source: SourceFile, problems: ProblemList): Entry | undefined {
  const refused = refuseText(source.text);
  if (refused !== undefined) {
    problems.add(source, refused);
    return undefined;
  }
  const document = parseDocument(source.text, {
    strict: true,
    stringKeys: true,
    // Reported below, with both places; the parser's own check compares every pair of keys.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
    version: '1.2',
    schema: 'core',
  });
  const all: YAMLError[] = [...document.errors, ...document.warnings];
  // Where the nesting gets too deep, everything around it fails as well.
  const exhausted = all.find((error) => error.code === 'RESOURCE_EXHAUSTION');
  const errors = exhausted === undefined ? all : [exhausted];
  for (const error of errors.slice(0, maximumProblems))
    problems.add(source, {
      ...yamlSpan(error),
      message: `not valid YAML: ${yamlMessage(error)}`,
      suggestion: wayOut(error),
    });
  if (errors.length > 0) return undefined;
  if (!checkNodes(document, source, problems)) return undefined;
  try {
    return new Entry(source, document, [], document.toJS({ maxAliasCount: 0 }));
  } catch (error) {
    // Nothing known gets here; a runbook file may still never be the reason the tool falls over.
    problems.add(source, { offset: 0, length: 1, message: `not readable as YAML: ${String(error)}` });
    return undefined;
  }
}

function refuseText(text: string): TextProblem | undefined {
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
      suggestion: 'the file may be damaged or no text; remove the character',
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

/** Aliases and repeated keys make the values something else than the text shows. */
function checkNodes(document: Document.Parsed, source: SourceFile, problems: ProblemList): boolean {
  let good = true;
  const refuse = (problem: TextProblem): void => {
    problems.add(source, problem);
    good = false;
  };
  visit(document, {
    Alias(_, alias) {
      if (isAlias(alias) && alias.range)
        refuse({
          ...spanOf(alias.range),
          message: 'aliases (`*name`) are not part of the runbook language',
          suggestion: 'write the value out, or share whole sections with `include`',
        });
    },
    Map(_, map) {
      const seen = new Map<string, number>();
      for (const pair of map.items) {
        const key = keyText(pair);
        if (!isNode(pair.key) || !pair.key.range) continue;
        const first = seen.get(key);
        if (first === undefined) seen.set(key, pair.key.range[0]);
        else
          refuse({
            ...spanOf(pair.key.range),
            message: `the key \`${key}\` is here twice`,
            suggestion: `the first is in line ${source.position(first).line}; keep one`,
          });
      }
    },
  });
  return good;
}

function keyText(pair: Pair<unknown, unknown>): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function spanOf(range: readonly number[]): Span {
  const [start = 0, end = start] = range;
  return { offset: start, length: end - start };
}

function firstLine(source: SourceFile, span: Span): Span {
  const end = source.text.slice(span.offset, span.offset + span.length).search(/\r?\n/);
  return end === -1 ? span : { offset: span.offset, length: Math.max(1, end) };
}

function yamlSpan(error: YAMLError): Span {
  return { offset: error.pos[0], length: Math.max(1, error.pos[1] - error.pos[0]) };
}

function yamlMessage(error: YAMLError): string {
  if (error.code === 'RESOURCE_EXHAUSTION') return 'nested too deeply';
  if (error.code === 'MULTIPLE_DOCS') return 'a file holds one document, without a second `---`';
  return error.message.replace(/\s+/g, ' ');
}

function wayOut(error: YAMLError): string | undefined {
  if (['BLOCK_AS_IMPLICIT_KEY', 'BAD_SCALAR_START', 'MULTILINE_IMPLICIT_KEY'].includes(error.code))
    return 'a value with `: `, ` #` or a special first character goes in quotes, or in a block after `>-`';
  if (error.code === 'TAB_AS_INDENT') return 'indent with spaces';
  return undefined;
}
