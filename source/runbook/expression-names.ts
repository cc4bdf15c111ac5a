/** Follows the facts through an expression, to find which are named and which fields they cannot have. */
import type { compile, tokenize } from '@jmespath-community/jmespath';
import type { Shape } from './facts.ts';
import type { TextProblem } from './problems.ts';
import { closest, suggestion } from './suggest.ts';

export type ExpressionNode = ReturnType<typeof compile>;
export type ExpressionToken = ReturnType<typeof tokenize>[number];

type FunctionCheck = (
  name: string,
  children: readonly ExpressionNode[],
) => Omit<TextProblem, 'offset' | 'length'> | undefined;

/** Where a name is looked up: in the facts themselves, or in something of a certain shape. */
interface Scope {
  shape: Shape;
  root: boolean;
}

const anything: Scope = { shape: 'any', root: false };

export class ExpressionNames {
  readonly roots = new Set<string>();
  readonly problems: TextProblem[] = [];
  readonly #source: string;
  readonly #tokens: readonly ExpressionToken[];
  readonly #checkFunction: FunctionCheck;
  /** The library's tree has no positions, but its names come in the order of the text. */
  #token = 0;
  #facts: Scope = anything;

  constructor(source: string, tokens: readonly ExpressionToken[], checkFunction: FunctionCheck) {
    this.#source = source;
    this.#tokens = tokens;
    this.#checkFunction = checkFunction;
  }

  visitRoot(node: ExpressionNode, facts: Shape): void {
    this.#facts = { shape: facts, root: true };
    this.#value(node, this.#facts);
  }

  /** Visits a part whose value is used as it is: the facts all together are no such value. */
  #value(node: ExpressionNode, scope: Scope): Scope {
    const result = this.#visit(node, scope);
    if (!result.root) return result;
    this.problems.push({
      offset: 0,
      length: this.#source.length,
      message: 'the expression would need every fact there is',
      suggestion: 'name the facts it is about, for example cluster.id',
    });
    return anything;
  }

  #visit(node: ExpressionNode, scope: Scope): Scope {
    switch (node.type) {
      case 'Field':
        return this.#field(node.name, scope);
      case 'Root':
        return this.#facts;
      case 'Current':
      case 'Identity':
        return scope;
      case 'Subexpression':
        if (node.left.type === 'NotExpression') this.#negatedTooEarly();
        return this.#visit(node.right, this.#visit(node.left, scope));
      case 'Pipe':
      case 'IndexExpression':
        return this.#visit(node.right, this.#visit(node.left, scope));
      case 'Index':
        return itemsOf(scope);
      case 'Slice':
        return scope;
      case 'Projection':
        return listOf(this.#value(node.right, itemsOf(this.#value(node.left, scope))));
      case 'FilterProjection': {
        const items = itemsOf(this.#value(node.left, scope));
        this.#value(node.condition, items);
        return listOf(this.#value(node.right, items));
      }
      case 'ValueProjection':
        this.#value(node.left, scope);
        this.#value(node.right, anything);
        return anything;
      case 'Flatten': {
        const child = this.#value(node.child, scope);
        // One level of lists in lists is taken away; a plain list stays as it is.
        return typeof itemsOf(child).shape === 'object' ? child : anything;
      }
      case 'Literal':
      case 'Variable':
        return anything;
      default:
        return this.#compound(node, scope);
    }
  }

  #compound(node: ExpressionNode, scope: Scope): Scope {
    switch (node.type) {
      case 'AndExpression':
      case 'OrExpression':
      case 'Comparator':
      case 'Arithmetic':
        this.#value(node.left, scope);
        this.#value(node.right, scope);
        return anything;
      case 'NotExpression':
        this.#value(node.child, scope);
        return anything;
      case 'ExpressionReference':
        // What the function will apply it to is not known here.
        this.#value(node.child, anything);
        return anything;
      case 'Unary':
        this.#value(node.operand, scope);
        return anything;
      case 'Ternary':
        for (const part of [node.condition, node.trueExpr, node.falseExpr]) this.#value(part, scope);
        return anything;
      case 'MultiSelectList':
        for (const child of node.children) this.#value(child, scope);
        return anything;
      case 'MultiSelectHash':
        for (const child of node.children) this.#value(child.value, scope);
        return anything;
      case 'LetExpression':
        for (const binding of node.bindings)
          // The library takes any expression for a binding.
          this.#value(binding.type === 'Binding' ? binding.reference : binding, scope);
        return this.#visit(node.expression, scope);
      case 'Binding':
        return this.#assignment(node.reference, scope);
      case 'Function':
        return this.#call(node.name, node.children, scope);
      default:
        return anything;
    }
  }

  #field(name: string, scope: Scope): Scope {
    const { offset, length } = this.#locate(name, false);
    if (scope.root) this.roots.add(name);
    if (scope.shape === 'any') return anything;
    if (scope.shape.kind === 'list') {
      this.problems.push({
        offset,
        length,
        message: `a list has no field \`${name}\``,
        suggestion: `write [*].${name} for the field of every item, or [0].${name}`,
      });
      return anything;
    }
    const { fields } = scope.shape;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field !== undefined) return { shape: field, root: false };
    this.#unknownField(name, { offset, length }, scope, Object.keys(fields));
    return anything;
  }

  #unknownField(
    name: string,
    span: { offset: number; length: number },
    scope: Scope,
    known: readonly string[],
  ): void {
    if (scope.root) {
      const message = `there is no fact \`${name}\``;
      this.problems.push({ ...span, message, suggestion: suggestion(name, known, 'facts') });
    } else if (typeof scope.shape === 'object' && scope.shape.kind === 'record') {
      const message = `there is no field \`${name}\` here`;
      const dashed = known.find((field) => field.startsWith(`${name}-`));
      const wayOut = dashed && `a name with a dash is written in double quotes: "${dashed}"`;
      this.problems.push({ ...span, message, suggestion: wayOut ?? suggestion(name, known, 'fields') });
    } else {
      const match = closest(name, known);
      if (match === undefined) return;
      const message = `\`${name}\` is not a field this tool knows`;
      this.problems.push({ ...span, severity: 'warning', message, suggestion: `did you mean \`${match}\`?` });
    }
  }

  /** `!a.b` is `(!a).b`, which is null whatever `a` is. */
  #negatedTooEarly(): void {
    const token = this.#tokens.find((candidate) => String(candidate.type) === 'Not');
    this.problems.push({
      offset: token?.start ?? 0,
      length: 1,
      message: '`!` takes only the name right after it, not the fields behind the dot',
      suggestion: 'write !(a.b), or a.b == `false`',
    });
  }

  #call(name: string, children: readonly ExpressionNode[], scope: Scope): Scope {
    const span = this.#locate(name, true);
    const problem = this.#checkFunction(name, children);
    if (problem !== undefined) this.problems.push({ ...span, ...problem });
    for (const child of children) this.#value(child, scope);
    return anything;
  }

  #assignment(reference: ExpressionNode, scope: Scope): Scope {
    const token = this.#tokens.find((candidate) => String(candidate.type) === 'Assign');
    this.problems.push({
      offset: token?.start ?? 0,
      length: 1,
      message: '`=` does not compare',
      suggestion: 'write == to compare',
    });
    this.#value(reference, scope);
    return anything;
  }

  /** The next name of this text that stands where a field (or a function) can stand. */
  #locate(name: string, call: boolean): { offset: number; length: number } {
    for (let index = this.#token; index < this.#tokens.length; index++) {
      const token = this.#tokens[index];
      const type = String(token?.type);
      if (token?.value !== name || (type !== 'UnquotedIdentifier' && type !== 'QuotedIdentifier')) continue;
      const before = String(this.#tokens[index - 1]?.type);
      const after = String(this.#tokens[index + 1]?.type);
      if ((after === 'Lparen') !== call) continue;
      if (after === 'Colon' && (before === 'Lbrace' || before === 'Comma')) continue;
      this.#token = index + 1;
      const end = this.#tokens[index + 1]?.start ?? this.#source.length;
      return { offset: token.start, length: this.#source.slice(token.start, end).trimEnd().length };
    }
    return { offset: 0, length: 1 };
  }
}

function itemsOf(scope: Scope): Scope {
  return typeof scope.shape === 'object' && scope.shape.kind === 'list'
    ? { shape: scope.shape.items, root: false }
    : anything;
}

function listOf(scope: Scope): Scope {
  return scope.shape === 'any' ? anything : { shape: { kind: 'list', items: scope.shape }, root: false };
}
