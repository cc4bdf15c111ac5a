/** Answers with objects, in the form the client asked for. */
import type { Reply, Request } from './http.ts';
import type { Page } from './kubernetes-list.ts';
import { conversionOf, includedObject, notAcceptable } from './kubernetes-negotiation.ts';
import type { IncludedObject } from './kubernetes-negotiation.ts';
import { partialObject, secretCells, secretColumns, secretContent } from './kubernetes-objects.ts';
import { lastApplied } from './population.ts';
import type { Secret } from './secrets.ts';
import type { Simulation } from './simulation.ts';
import type { State } from './state.ts';

type Json = Record<string, unknown>;

/** One kind of object, and how it is shown. */
export interface Kind<T> {
  name: string;
  columns: readonly Json[];
  cells: (item: T) => unknown[];
  /** Without what says that it is one of the kind: that stands beside it, or in the list. */
  content: (item: T) => Json;
}

/** A list, or a single object. */
type Shown<T> = { items: readonly T[]; metadata: Json } | { item: T; resourceVersion: string };

/** An answer with one secret. Values that go out with it are counted. */
export function secretAnswer(simulation: Simulation, request: Request, secret: Secret, code = 200): Reply {
  const resourceVersion = String(secret.resourceVersion);
  const reply = answer(request, secretKind, { item: secret, resourceVersion }, code);
  count(simulation.state, request, [secret]);
  return reply;
}

/** An answer with a page of secrets. */
export function secretListAnswer(simulation: Simulation, request: Request, page: Page): Reply {
  const reply = answer(request, secretKind, { items: page.secrets, metadata: { ...page.metadata } });
  count(simulation.state, request, page.secrets);
  return reply;
}

const secretKind: Kind<Secret> = {
  name: 'Secret',
  columns: secretColumns,
  cells: secretCells,
  content: secretContent,
};

/** An answer with a list, or with a single object. @throws Refusal (406) for a form it has not. */
export function answer<T>(request: Request, kind: Kind<T>, shown: Shown<T>, code = 200): Reply {
  const conversion = conversionOf(request);
  if (conversion === undefined) return { status: code, body: whole(kind, shown) };
  const { to, version } = conversion;
  if (to === 'Table') return { status: code, body: table(kind, shown, includedObject(request), version) };
  if (to === 'PartialObjectMetadata') {
    if ('item' in shown) return { status: code, body: partialObject(kind.content(shown.item), version) };
    throw notAcceptable(
      `you requested PartialObjectMetadata, but the requested object is a list (*core.${kind.name}List)`,
    );
  }
  if ('item' in shown)
    throw notAcceptable(
      `you requested PartialObjectMetadataList, but the requested object is not a list (*core.${kind.name})`,
    );
  const items = shown.items.map((item) => partialObject(kind.content(item), version));
  return {
    status: code,
    body: { kind: to, apiVersion: `meta.k8s.io/${version}`, metadata: shown.metadata, items },
  };
}

function whole<T>(kind: Kind<T>, shown: Shown<T>): Json {
  if ('item' in shown) return { kind: kind.name, apiVersion: 'v1', ...kind.content(shown.item) };
  const items = shown.items.map(kind.content);
  return { kind: `${kind.name}List`, apiVersion: 'v1', metadata: shown.metadata, items };
}

function table<T>(kind: Kind<T>, shown: Shown<T>, included: IncludedObject, version: string): Json {
  const row = (item: T): Json => ({
    cells: kind.cells(item),
    object: rowObject(kind, item, included, version),
  });
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: 'item' in shown ? { resourceVersion: shown.resourceVersion } : shown.metadata,
    columnDefinitions: kind.columns,
    rows: 'item' in shown ? [row(shown.item)] : shown.items.map(row),
  };
}

function rowObject<T>(kind: Kind<T>, item: T, included: IncludedObject, version: string): Json | null {
  if (included === 'None') return null;
  const content = kind.content(item);
  if (included === 'Metadata') return partialObject(content, version);
  return { kind: kind.name, apiVersion: 'v1', ...content };
}

/** Counts what of the values goes out with an answer. */
function count(state: State, request: Request, secrets: readonly Secret[]): void {
  const conversion = conversionOf(request);
  const included = conversion?.to === 'Table' ? includedObject(request) : 'Metadata';
  if (included === 'None') return;
  if (conversion === undefined || included === 'Object') {
    state.secretValuesSent += secrets.length;
    return;
  }
  const applied = secrets.filter(({ annotations }) => annotations?.[lastApplied] !== undefined).length;
  state.appliedValuesSent = (state.appliedValuesSent ?? 0) + applied;
}
