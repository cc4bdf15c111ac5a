/** Secrets as the Kubernetes API shows and takes them. */
import { asObject, asString } from './http.ts';
import { namespaces } from './population.ts';
import type { Secret } from './secrets.ts';

type Json = Record<string, unknown>;

/** A secret with its values. */
export function secretObject(secret: Secret): Json {
  return {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: metadataOf(secret),
    ...(secret.immutable === undefined ? {} : { immutable: secret.immutable }),
    data: secret.data,
    type: secret.type,
  };
}

/** A secret without its values, as a client asks for with `as=PartialObjectMetadata`. */
export function partialObject(secret: Secret): Json {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: metadataOf(secret) };
}

/** What a client reads as the columns of `kubectl get`. */
export function tableObject(secrets: readonly Secret[], metadata: Json): Json {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: [
      { ...column('Name', 'string'), format: 'name' },
      column('Type', 'string'),
      column('Data', 'string'),
      column('Age', 'string'),
    ],
    rows: secrets.map((secret) => ({
      cells: [secret.name, secret.type, Object.keys(secret.data).length, age(secret.creationTimestamp)],
      object: partialObject(secret),
    })),
  };
}

export function namespaceObject(name: string, created: string): Json {
  return {
    kind: 'Namespace',
    apiVersion: 'v1',
    metadata: {
      name,
      resourceVersion: '1',
      creationTimestamp: created,
      labels: { 'kubernetes.io/metadata.name': name },
    },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

export function namespaceList(created: string): Json {
  return {
    kind: 'NamespaceList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '1' },
    items: namespaces.map((name) => namespaceObject(name, created)),
  };
}

/** The columns of `kubectl get namespaces`. */
export function namespaceTable(names: readonly string[], created: string): Json {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '1' },
    columnDefinitions: [
      { ...column('Name', 'string'), format: 'name' },
      column('Status', 'string'),
      column('Age', 'string'),
    ],
    rows: names.map((name) => ({
      cells: [name, 'Active', age(created)],
      object: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: namespaceObject(name, created)['metadata'],
      },
    })),
  };
}

/** `before` with what a client sent in its place; the server keeps what a client cannot set. */
export function secretFrom(
  sent: unknown,
  before: Omit<Secret, 'resourceVersion'>,
): Omit<Secret, 'resourceVersion'> {
  const object = asObject(sent);
  const metadata = asObject(object['metadata']);
  const plain = Object.entries(asObject(object['stringData'])).map(([name, text]) => [
    name,
    Buffer.from(String(text)).toString('base64'),
  ]);
  return {
    namespace: before.namespace,
    name: before.name,
    uid: before.uid,
    creationTimestamp: before.creationTimestamp,
    key: before.key,
    type: asString(object['type']) ?? 'Opaque',
    data: { ...(asObject(object['data']) as Record<string, string>), ...Object.fromEntries(plain) },
    immutable: typeof object['immutable'] === 'boolean' ? object['immutable'] : undefined,
    labels: stringMap(metadata['labels']),
    annotations: stringMap(metadata['annotations']),
  };
}

/** JSON Merge Patch (RFC 7396). */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const merged = { ...asObject(target) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

function metadataOf(secret: Secret): Json {
  return {
    name: secret.name,
    namespace: secret.namespace,
    uid: secret.uid,
    resourceVersion: String(secret.resourceVersion),
    creationTimestamp: secret.creationTimestamp,
    ...(secret.labels === undefined ? {} : { labels: secret.labels }),
    ...(secret.annotations === undefined ? {} : { annotations: secret.annotations }),
  };
}

function column(name: string, type: string): Json {
  return { name, type, format: '', description: '', priority: 0 };
}

function stringMap(value: unknown): Record<string, string> | undefined {
  const entries = Object.entries(asObject(value)).map(([name, text]) => [name, String(text)]);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function age(created: string): string {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(created)) / 60_000));
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h`;
}
