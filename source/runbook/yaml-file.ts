/** YAML text → plain values, with the place of everything in them. */
import { isMap, isNode, isPair, isScalar, parseDocument } from 'yaml';
import type { Document, ParsedNode, Scalar, YAMLError } from 'yaml';
import type { Position } from './model.ts';
import type { ProblemList, TextProblem } from './problems.ts';
import { valueOffsets } from './scalar-offsets.ts';
import type { SourceFile, Span } from './source-file.ts';
import { keyText, refuseNodes, refuseText, spanOf, syntaxProblem } from './yaml-refused.ts';

export type Path = readonly (string | number)[];

const maximumProblems = 20;

/** A place in a YAML file: a value and how it was reached. */
export class Entry {
  readonly source: SourceFile;
  readonly value: unknown;
  readonly #document: Document.Parsed;
  readonly #path: Path;
  /** Where the characters of the text stand, once that has been asked. */
  #known: readonly number[] | undefined;

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
      // An empty item of a list is no more than its dash.
      if (item?.range && !isMap(parent)) return dashBefore(this.source, item.range[0]);
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

  /** The text has several lines in the file that are one, or fewer, in the value. */
  get joinsLines(): boolean {
    const node = this.#node();
    if (!isScalar(node) || !node.range || node.type === 'BLOCK_LITERAL') return false;
    const written = this.source.text.slice(node.range[0], node.range[1]).trimEnd();
    const lines = written.split('\n').length - (node.type === 'BLOCK_FOLDED' ? 1 : 0);
    return lines > 1;
  }

  /** As it is written in the file: `1.30` where the value is 1.3. */
  get written(): string {
    const { offset, length } = this.span();
    return this.source.text.slice(offset, offset + length);
  }

  /** Where this entry's text begins, past quotes and the header of a block. */
  position(): Position {
    return this.source.position(this.#offsets()[0] ?? this.span().offset);
  }

  #offsets(): readonly number[] {
    this.#known ??= this.#findOffsets();
    return this.#known;
  }

  #findOffsets(): number[] {
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
  for (const error of firstOfLines(errors, source).slice(0, maximumProblems))
    problems.add(source, syntaxProblem(error));
  if (errors.length > 0) return undefined;
  const refusals = refuseNodes(document, source);
  for (const refusal of refusals) problems.add(source, refusal);
  if (refusals.some(({ severity }) => severity !== 'warning')) return undefined;
  try {
    return new Entry(source, document, [], document.toJS({ maxAliasCount: 0 }));
  } catch (error) {
    // Nothing known gets here; a runbook file may still never be the reason the tool falls over.
    problems.add(source, { offset: 0, length: 1, message: `not readable as YAML: ${String(error)}` });
    return undefined;
  }
}

function firstLine(source: SourceFile, span: Span): Span {
  const end = source.text.slice(span.offset, span.offset + span.length).search(/\r?\n/);
  return end === -1 ? span : { offset: span.offset, length: Math.max(1, end) };
}

function dashBefore(source: SourceFile, offset: number): Span {
  return { offset: Math.max(0, source.text.lastIndexOf('-', offset)), length: 1 };
}

/** What comes after the first mistake of a line mostly follows from it. */
function firstOfLines(errors: readonly YAMLError[], source: SourceFile): YAMLError[] {
  const lines = new Set<number>();
  return [...errors]
    .sort((a, b) => a.pos[0] - b.pos[0])
    .filter(({ pos }) => {
      const line = source.lineAt(pos[0]);
      return !lines.has(line) && lines.add(line);
    });
}
