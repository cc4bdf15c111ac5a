/** Answers with objects, in the form the client asked for. */
import { asObject } from './http.ts';
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

/** A list, or a single object when there is no list metadata. */
interface Shown<T> {
  items: readonly T[];
  list?: Json | undefined;
}

/** An answer with one secret. Values that go out with it are counted. */
export function secretAnswer(simulation: Simulation, request: Request, secret: Secret, code = 200): Reply {
  const reply = answer(request, secretKind, { items: [secret] }, code);
  count(simulation.state, request, [secret]);
  return reply;
}

/** An answer with a page of secrets. */
export function secretListAnswer(simulation: Simulation, request: Request, page: Page): Reply {
  const reply = answer(request, secretKind, { items: page.secrets, list: { ...page.metadata } });
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
export function answer<T>(request: Request, kind: Kind<T>, { items, list }: Shown<T>, code = 200): Reply {
  const conversion = conversionOf(request);
  const contents = items.map(kind.content);
  const [single = {}] = contents;
  const core = { kind: kind.name, apiVersion: 'v1' };
  if (conversion === undefined)
    return {
      status: code,
      body:
        list === undefined
          ? { ...core, ...single }
          : { ...core, kind: `${kind.name}List`, metadata: list, items: contents },
    };
  const { to, version } = conversion;
  const apiVersion = `meta.k8s.io/${version}`;
  if (to === 'Table') {
    const included = includedObject(request);
    const rows = items.map((item, index) => ({
      cells: kind.cells(item),
      object: rowObject({ ...core, ...contents[index] }, included, version),
    }));
    const metadata = list ?? { resourceVersion: asObject(single['metadata'])['resourceVersion'] };
    return {
      status: code,
      body: { kind: to, apiVersion, metadata, columnDefinitions: kind.columns, rows },
    };
  }
  if (to === 'PartialObjectMetadata') {
    if (list === undefined) return { status: code, body: partialObject(single, version) };
    throw notAcceptable(
      `you requested PartialObjectMetadata, but the requested object is a list (*core.${kind.name}List)`,
    );
  }
  if (list === undefined)
    throw notAcceptable(
      `you requested PartialObjectMetadataList, but the requested object is not a list (*core.${kind.name})`,
    );
  const partial = contents.map((content) => partialObject(content, version));
  return { status: code, body: { kind: to, apiVersion, metadata: list, items: partial } };
}

function rowObject(object: Json, included: IncludedObject, version: string): Json | null {
  if (included === 'None') return null;
  return included === 'Object' ? object : partialObject(object, version);
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
