/** The namespaces of the simulated cluster. Nothing changes them. */
import { createHash } from 'node:crypto';

import type { Reply, Request } from './http.ts';
import { authorizeNamespace } from './kubernetes-access.ts';
import { answer } from './kubernetes-answers.ts';
import type { Kind } from './kubernetes-answers.ts';
import { readToken, tokenAfter } from './kubernetes-continue.ts';
import { namespaceCells, namespaceColumns, namespaceContent } from './kubernetes-objects.ts';
import { notFound } from './kubernetes-status.ts';
import { namespacesOf } from './population.ts';
import { firstAtLeast } from './secrets.ts';
import type { Simulation } from './simulation.ts';
import type { State } from './state.ts';

/** An answer with one namespace, or with a page of them when there is no name. */
export function answerNamespaces(simulation: Simulation, request: Request, name: string | undefined): Reply {
  const { state, secrets } = simulation;
  authorizeNamespace(state, name);
  const all = namespacesOf(state);
  const kind = kindFor(state);
  if (name !== undefined) {
    if (!all.includes(name)) throw notFound('namespaces', name);
    return answer(request, kind, { item: name, resourceVersion: '1' });
  }
  const token = readToken(request.query);
  const limit = Number(request.query.get('limit') ?? 0);
  const first = firstAtLeast(all, token?.start ?? '');
  const items = limit > 0 ? all.slice(first, first + limit) : all.slice(first);
  const rest = all.length - first - items.length;
  const version = token === undefined || token.rv === -1 ? secrets.revision : token.rv;
  const more = rest > 0 && { continue: tokenAfter(items.at(-1) ?? '', version), remainingItemCount: rest };
  return answer(request, kind, { items, metadata: { resourceVersion: String(version), ...more } });
}

function kindFor(state: State): Kind<string> {
  const created = new Date(state.createdAt).toISOString().replace(/\.\d+Z$/u, 'Z');
  return {
    name: 'Namespace',
    columns: namespaceColumns,
    cells: (name) => namespaceCells(name, created),
    content: (name) => namespaceContent(name, uidOf(state, name), created),
  };
}

/** The same each time, and another in each cluster: kube-system's is what tells clusters apart. */
function uidOf(state: State, name: string): string {
  const hash = createHash('sha256').update(`${state.fqdn}/${name}`).digest('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), `4${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`]
    .concat(hash.slice(20, 32))
    .join('-');
}
