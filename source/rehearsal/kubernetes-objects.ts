/** Secrets as the Kubernetes API shows and takes them. */
import { asObject, asString } from './http.ts';
import type { NewSecret, Secret } from './secrets.ts';

type Json = Record<string, unknown>;

/** A secret with its values, without what says that it is one. */
export function secretContent(secret: Secret): Json {
  return {
    metadata: metadataOf(secret),
    ...(secret.immutable === undefined ? {} : { immutable: secret.immutable }),
    data: secret.data,
    type: secret.type,
  };
}

/** An object without anything but its metadata, in a version of meta.k8s.io. Annotations are metadata. */
export function partialObject(object: Json, version: string): Json {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object['metadata'],
  };
}

/** What `kubectl get` shows of a secret. */
export function secretCells(secret: Secret): unknown[] {
  return [secret.name, secret.type, Object.keys(secret.data).length, age(secret.creationTimestamp)];
}

/** The columns of `kubectl get secrets`. */
export const secretColumns: readonly Json[] = [
  { ...column('Name', 'string'), format: 'name' },
  column('Type', 'string'),
  column('Data', 'string'),
  column('Age', 'string'),
];

/** What `kubectl get` shows of a namespace. */
export function namespaceCells(name: string, created: string): unknown[] {
  return [name, 'Active', age(created)];
}

/** The columns of `kubectl get namespaces`. */
export const namespaceColumns: readonly Json[] = [
  { ...column('Name', 'string'), format: 'name' },
  column('Status', 'string'),
  column('Age', 'string'),
];

/** A namespace without what says that it is one. */
export function namespaceContent(name: string, uid: string, created: string): Json {
  return {
    metadata: {
      name,
      uid,
      resourceVersion: '1',
      creationTimestamp: created,
      labels: { 'kubernetes.io/metadata.name': name },
    },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

/** `before` with what a client sent in its place; the server keeps what a client cannot set. */
export function secretFrom(sent: unknown, before: NewSecret): NewSecret {
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
    managedFields: [managedFields(secret)],
  };
}

/** Who set which fields. Names only; the server keeps this by itself for every object. */
function managedFields({ annotations, creationTimestamp, data, labels }: Secret): Json {
  const metadata = {
    ...(annotations === undefined ? {} : { 'f:annotations': fieldNames(annotations) }),
    ...(labels === undefined ? {} : { 'f:labels': fieldNames(labels) }),
  };
  return {
    manager: annotations === undefined ? 'helm' : 'kubectl-client-side-apply',
    operation: 'Update',
    apiVersion: 'v1',
    time: creationTimestamp,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': fieldNames(data), 'f:metadata': metadata, 'f:type': {} },
  };
}

function fieldNames(values: Record<string, string>): Json {
  return Object.fromEntries([['.', {}], ...Object.keys(values).map((name) => [`f:${name}`, {}])]);
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
