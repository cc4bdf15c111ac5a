/** Which places in the facts an expression reads. */
import { compile } from '@jmespath-community/jmespath';

type Node = Readonly<Record<string, unknown>> & { type: string };

/** The places, as names joined with dots, and `*` for every item of a list; those further out are there as well. */
export function readsOf(expression: string): string[] {
  const found = new Set<string>();
  visit(compile(expression) as unknown as Node, [''], found);
  return [...found];
}

/** Visits a part that is evaluated where one of `at` is; returns where its value may be. */
function visit(node: Node, at: readonly string[], found: Set<string>): readonly string[] {
  const part = (name: string, from = at): readonly string[] => visit(node[name] as Node, from, found);
  switch (node.type) {
    case 'Field': {
      const places = at.map((place) => (place === '' ? String(node['name']) : `${place}.${node['name']}`));
      for (const place of places) found.add(place);
      return places;
    }
    case 'Root':
      return [''];
    case 'Current':
    case 'Identity':
      return at;
    case 'Index':
      return at.map((place) => `${place}.*`);
    case 'Subexpression':
    case 'Pipe':
    case 'IndexExpression':
      return part('right', part('left'));
    case 'OrExpression':
      return [...part('left'), ...part('right')];
    case 'Projection':
    case 'FilterProjection': {
      const list = part('left');
      const items = list.map((place) => `${place}.*`);
      if (node.type === 'FilterProjection') part('condition', items);
      part('right', items);
      return list;
    }
    default:
      for (const child of Object.values(node).flat())
        if (typeof child === 'object' && child !== null && 'type' in child) visit(child as Node, at, found);
      return [];
  }
}
