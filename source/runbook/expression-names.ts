/** Follows the facts through an expression: which are named, and what cannot be asked of them. */
import type { compile } from '@jmespath-community/jmespath';
import { misreadName, unknownFact, unknownField, valueMeant } from './expression-slips.ts';
import { TokenWalk } from './expression-tokens.ts';
import type { ExpressionToken } from './expression-tokens.ts';
import {
  argumentMisfit,
  comparisonMisfit,
  kindName,
  shapeOfLiteral,
  shapeOfResult,
  wordMisfit,
} from './expression-types.ts';
import { fieldsOf } from './facts.ts';
import type { Shape } from './facts.ts';
import type { TextProblem } from './problems.ts';
import type { Span } from './source-file.ts';

export type ExpressionNode = ReturnType<typeof compile>;

/** `params.NAME` or `captured.NAME`, and where the name stands. */
export interface ValueMention extends Span {
  fact: 'params' | 'captured';
  name: string;
}

type FunctionCheck = (
  name: string,
  children: readonly ExpressionNode[],
) => Omit<TextProblem, 'offset' | 'length'> | undefined;

/** Where a name is looked up: in the facts themselves, in one of them, or in something of a certain shape. */
interface Scope {
  shape: Shape;
  root: boolean;
  /** Set when this is the whole fact, whose fields are names of the run. */
  fact?: ValueMention['fact'] | undefined;
}

const anything: Scope = { shape: 'any', root: false };

export class ExpressionNames {
  readonly roots = new Set<string>();
  readonly mentions: ValueMention[] = [];
  readonly problems: TextProblem[] = [];
  readonly #source: string;
  readonly #tokens: TokenWalk;
  readonly #checkFunction: FunctionCheck;
  /** What `let` has bound. */
  readonly #variables = new Map<string, Scope>();
  #facts: Scope = anything;

  constructor(source: string, tokens: readonly ExpressionToken[], checkFunction: FunctionCheck) {
    this.#source = source;
    this.#tokens = new TokenWalk(source, tokens);
    this.#checkFunction = checkFunction;
  }

  /** Visits a whole expression and returns the shape of its value. */
  visitRoot(node: ExpressionNode, facts: Shape): Shape {
    this.#facts = { shape: facts, root: true };
    return this.#value(node, this.#facts).shape;
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
      case 'Slice':
        return scope;
      case 'Subexpression':
        if (node.left.type === 'NotExpression') return this.#negatedTooEarly(node.left, node.right, scope);
        return this.#visit(node.right, this.#visit(node.left, scope));
      case 'Pipe':
      case 'IndexExpression':
        return this.#visit(node.right, this.#visit(node.left, scope));
      case 'Index':
        return this.#items(scope);
      case 'Projection': {
        const left = this.#value(node.left, scope);
        // A slice of a text is a text.
        if (left.shape === 'text' && isSlice(node.left)) return left;
        return listOf(this.#value(node.right, this.#items(left)));
      }
      case 'FilterProjection': {
        const items = this.#items(this.#value(node.left, scope));
        this.#value(node.condition, items);
        return listOf(this.#value(node.right, items));
      }
      case 'ValueProjection':
        this.#value(node.left, scope);
        this.#value(node.right, anything);
        return anything;
      case 'Flatten':
        return flattened(this.#value(node.child, scope));
      case 'Literal':
        return this.#literal(node.value);
      case 'Variable':
        return this.#variable(node.name);
      default:
        return this.#compound(node, scope);
    }
  }

  #compound(node: ExpressionNode, scope: Scope): Scope {
    switch (node.type) {
      case 'AndExpression':
        this.#value(node.left, scope);
        // Where the left part is missing or false, that is the value, and counts as false.
        return this.#value(node.right, scope);
      case 'OrExpression':
        return either(this.#value(node.left, scope), this.#value(node.right, scope));
      case 'Comparator':
        return this.#comparison(node, scope);
      case 'Arithmetic':
        this.#value(node.left, scope);
        this.#value(node.right, scope);
        return { shape: 'number', root: false };
      case 'NotExpression':
        this.#value(node.child, scope);
        return { shape: 'boolean', root: false };
      case 'ExpressionReference':
        // What the function will apply it to is not known here.
        this.#value(node.child, anything);
        return anything;
      case 'Unary':
        this.#value(node.operand, scope);
        return { shape: 'number', root: false };
      case 'Ternary':
        this.#value(node.condition, scope);
        return either(this.#value(node.trueExpr, scope), this.#value(node.falseExpr, scope));
      case 'MultiSelectList':
        for (const child of node.children) this.#value(child, scope);
        return listOf(anything);
      case 'MultiSelectHash':
        for (const child of node.children) this.#value(child.value, scope);
        return anything;
      case 'LetExpression':
        for (const binding of node.bindings)
          // The library takes any expression for a binding.
          if (binding.type === 'Binding')
            this.#variables.set(binding.variable, this.#value(binding.reference, scope));
          else this.#value(binding, scope);
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
    const { quoted, afterDot, ...span } = this.#tokens.nextName(name, false);
    if (scope.root) this.roots.add(name);
    if (scope.fact !== undefined) this.mentions.push({ fact: scope.fact, name, ...span });
    if (scope.fact === 'captured') return { shape: 'text', root: false };
    const { shape } = scope;
    const fields = fieldsOf(shape);
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field !== undefined) {
      const fact = scope.root && (name === 'params' || name === 'captured') ? name : undefined;
      return { shape: field, root: false, fact };
    }
    // What a `-` without a space joins to this name.
    const before = /(\w+)-$/.exec(this.#source.slice(0, span.offset))?.[1];
    const slip = scope.root
      ? unknownFact({ name, quoted, before }, shape)
      : (misreadName({ name, quoted, afterDot }, shape) ?? unknownField(name, shape));
    if (slip !== undefined) this.problems.push({ ...span, ...slip });
    return anything;
  }

  /** The items of what should be a list. */
  #items({ shape, root }: Scope): Scope {
    if (typeof shape === 'object' && shape.kind === 'list') return { shape: shape.items, root: false };
    // All facts together are reported as that.
    if (shape !== 'any' && !root) {
      const message = `${kindName(shape) ?? 'this'} has no items`;
      const wayOut = 'name the field that is a list before the bracket';
      this.problems.push({ ...this.#tokens.here(), message, suggestion: wayOut });
    }
    return anything;
  }

  #literal(value: unknown): Scope {
    const span = this.#tokens.next('Literal');
    const name = typeof value === 'string' ? /^\$\{?([A-Z][A-Z0-9_]*)\}?$/.exec(value)?.[1] : undefined;
    if (name !== undefined)
      this.problems.push({
        ...span,
        message: `$${name} is filled in in commands only; here it is this very text`,
        suggestion: valueMeant(name, this.#facts.shape),
      });
    return { shape: shapeOfLiteral(value), root: false };
  }

  #variable(name: string): Scope {
    const span = this.#tokens.next('Variable', name);
    const bound = this.#variables.get(name);
    if (bound !== undefined) return bound;
    this.problems.push({
      ...span,
      message: `$${name} is filled in in commands only, not in expressions`,
      suggestion: valueMeant(name, this.#facts.shape),
    });
    return anything;
  }

  #comparison(node: Extract<ExpressionNode, { type: 'Comparator' }>, scope: Scope): Scope {
    const left = this.#value(node.left, scope);
    const operator = this.#tokens.next(node.name);
    const right = this.#value(node.right, scope);
    const symbol = this.#source.slice(operator.offset, operator.offset + operator.length);
    const misfit = comparisonMisfit(node.name, symbol, left.shape, right.shape);
    const typo = wordMisfit(node.left, right.shape, true) ?? wordMisfit(node.right, left.shape, true);
    for (const found of [misfit, typo])
      if (found !== undefined) this.problems.push({ ...operator, ...found });
    return { shape: 'boolean', root: false };
  }

  /** `!a.b` is `(!a).b`, which is null whatever `a` is. */
  #negatedTooEarly(negation: ExpressionNode, field: ExpressionNode, scope: Scope): Scope {
    this.problems.push({
      ...this.#tokens.first('Not'),
      message: '`!` takes only the name right after it, not the fields behind the dot',
      suggestion: 'write !(a.b), or a.b == `false`',
    });
    this.#value(negation, scope);
    return this.#visit(field, anything);
  }

  #call(name: string, children: readonly ExpressionNode[], scope: Scope): Scope {
    const { offset, length } = this.#tokens.nextName(name, true);
    const problem = this.#checkFunction(name, children);
    if (problem !== undefined) this.problems.push({ offset, length, ...problem });
    const shapes = children.map((child) => this.#value(child, scope).shape);
    const misfits =
      problem === undefined ? shapes.map((shape, index) => argumentMisfit(name, index, shape)) : [];
    if (name === 'same_text')
      for (const [index, child] of children.entries())
        misfits.push(wordMisfit(child, shapes[1 - index], false));
    for (const misfit of misfits) if (misfit !== undefined) this.problems.push({ offset, length, ...misfit });
    return { shape: shapeOfResult(name), root: false };
  }

  #assignment(reference: ExpressionNode, scope: Scope): Scope {
    this.problems.push({
      ...this.#tokens.first('Assign'),
      message: '`=` does not compare',
      suggestion: 'write == to compare',
    });
    this.#value(reference, scope);
    return anything;
  }
}

function isSlice(node: ExpressionNode): boolean {
  return node.type === 'IndexExpression' && node.right.type === 'Slice';
}

function listOf(scope: Scope): Scope {
  return { shape: { kind: 'list', items: scope.shape }, root: false };
}

/** One level of lists in lists is taken away; a plain list stays as it is. */
function flattened(scope: Scope): Scope {
  const { shape } = scope;
  const items = typeof shape === 'object' && shape.kind === 'list' ? shape.items : 'any';
  if (items === 'any') return listOf(anything);
  return typeof items === 'object' && items.kind === 'list' ? { shape: items, root: false } : scope;
}

/** What is the one or the other. */
function either(one: Scope, other: Scope): Scope {
  return { shape: one.shape === other.shape ? one.shape : 'any', root: false };
}
