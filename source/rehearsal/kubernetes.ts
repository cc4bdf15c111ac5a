/** The simulated Kubernetes API for secrets. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { asObject, asString } from './http.ts';
import type { Reply, Request } from './http.ts';
import { discovery, openApi, openApiType, versionInfo } from './kubernetes-discovery.ts';
import { listPage } from './kubernetes-list.ts';
import {
  mergePatch,
  namespaceList,
  namespaceObject,
  namespaceTable,
  partialObject,
  secretFrom,
  secretObject,
  tableObject,
} from './kubernetes-objects.ts';
import { checkReadable, conflict, notFound, status } from './kubernetes-status.ts';
import { namespaces } from './population.ts';
import type { Secret } from './secrets.ts';
import { denial } from './simulation.ts';
import type { Simulation } from './simulation.ts';
import { currentKey } from './state.ts';
import { bearer } from './tokens.ts';

type NewSecret = Omit<Secret, 'resourceVersion'>;

/** Answers requests to the API server. Refusals are thrown. */
export function createKubernetes(simulation: Simulation): (request: Request) => Reply {
  return (request) => {
    if (/^\/(?:healthz|livez|readyz)$/u.test(request.path)) return { status: 200, body: 'ok' };
    if (bearer(request.headers.authorization) !== simulation.state.keys.clusterToken)
      throw status(401, 'Unauthorized', 'Unauthorized');
    if (request.path === '/version') return { status: 200, body: versionInfo(simulation.state.settings) };
    if (request.path === '/openapi/v2')
      return { status: 200, headers: { 'content-type': openApiType }, body: openApi() };
    const known = request.method === 'GET' ? discovery(request.path) : undefined;
    if (known !== undefined) return { status: 200, body: known };
    if (request.path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews')
      return accessReview(request);
    const [, namespace, name] = /^\/api\/v1\/namespaces(?:\/([^/]+))?()$/u.exec(request.path) ?? [];
    if (name !== undefined && request.method === 'GET') return readNamespaces(simulation, request, namespace);
    const secrets = /^\/api\/v1(?:\/namespaces\/([^/]+))?\/secrets(?:\/([^/]+))?$/u.exec(request.path);
    if (secrets === null)
      throw status(404, 'NotFound', 'the server could not find the requested resource', { details: {} });
    return answerSecrets(simulation, request, secrets[1], secrets[2]);
  };
}

function answerSecrets(
  simulation: Simulation,
  request: Request,
  namespace: string | undefined,
  name: string | undefined,
): Reply {
  if (name === undefined || namespace === undefined) {
    if (request.method === 'GET') return listSecrets(simulation, namespace, request);
    if (request.method === 'POST' && namespace !== undefined) return create(simulation, namespace, request);
    throw methodNotAllowed();
  }
  const stored = simulation.secrets.get(namespace, name);
  if (stored === undefined) throw notFound('secrets', name);
  checkReadable(simulation, stored);
  switch (request.method) {
    case 'GET':
      return show(simulation, request, stored);
    case 'PUT':
      return update(simulation, request, stored, request.body);
    case 'PATCH':
      return update(simulation, request, stored, patched(request, stored));
    case 'DELETE':
      if (!isDryRun(request)) simulation.secrets.delete(namespace, name);
      return { status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } };
    default:
      throw methodNotAllowed();
  }
}

function listSecrets(simulation: Simulation, namespace: string | undefined, request: Request): Reply {
  if (request.query.get('watch') === 'true' || request.query.get('watch') === '1') throw methodNotAllowed();
  const { secrets, metadata } = listPage(simulation, namespace, request);
  const form = formOf(request);
  if (form === 'Table') return { status: 200, body: tableObject(secrets, metadata) };
  if (form === 'PartialObjectMetadataList')
    return {
      status: 200,
      body: { kind: form, apiVersion: 'meta.k8s.io/v1', metadata, items: secrets.map(partialObject) },
    };
  simulation.state.secretValuesSent += secrets.length;
  return {
    status: 200,
    body: { kind: 'SecretList', apiVersion: 'v1', metadata, items: secrets.map(secretObject) },
  };
}

function show(simulation: Simulation, request: Request, secret: Secret, code = 200): Reply {
  const form = formOf(request);
  if (form === 'PartialObjectMetadata') return { status: code, body: partialObject(secret) };
  if (form === 'Table')
    return { status: code, body: tableObject([secret], { resourceVersion: String(secret.resourceVersion) }) };
  simulation.state.secretValuesSent += 1;
  return { status: code, body: secretObject(secret) };
}

/**
 * Puts `sent` in the place of `stored`. Nothing is written when nothing changes and the stored form is under the
 * current key; under any other key the API server writes it anew and its version moves.
 */
function update(simulation: Simulation, request: Request, stored: Secret, sent: unknown): Reply {
  const metadata = asObject(asObject(sent)['metadata']);
  if (metadata['name'] !== stored.name)
    throw status(400, 'BadRequest', 'the name of the object does not match the name on the URL');
  const version = asString(metadata['resourceVersion']);
  if (version !== undefined && version !== '' && version !== String(stored.resourceVersion))
    throw conflict(stored.name);
  admit(simulation, stored.namespace);
  const { resourceVersion, ...before } = stored;
  const wanted = secretFrom(sent, before);
  if (stored.immutable === true) checkImmutable(stored, wanted);
  const key = currentKey(simulation.state.settings);
  const same = isDeepStrictEqual(withoutAbsent(wanted), withoutAbsent(before));
  if (same && stored.key === key) return show(simulation, request, stored);
  if (isDryRun(request)) return show(simulation, request, { ...wanted, resourceVersion, key: stored.key });
  const [written] = simulation.secrets.put([{ ...wanted, key }]);
  return show(simulation, request, written ?? stored);
}

function create(simulation: Simulation, namespace: string, request: Request): Reply {
  const name = asString(asObject(asObject(request.body)['metadata'])['name']);
  if (name === undefined) throw status(422, 'Invalid', 'Secret "" is invalid: metadata.name: Required value');
  if (!namespaces.includes(namespace)) throw notFound('namespaces', namespace);
  if (simulation.secrets.get(namespace, name) !== undefined)
    throw status(409, 'AlreadyExists', `secrets "${name}" already exists`, {
      details: { name, kind: 'secrets' },
    });
  const wanted = secretFrom(request.body, {
    namespace,
    name,
    uid: randomUUID(),
    creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/u, 'Z'),
    type: 'Opaque',
    data: {},
    key: currentKey(simulation.state.settings),
  });
  if (isDryRun(request)) return show(simulation, request, { ...wanted, resourceVersion: 0 }, 201);
  const [written] = simulation.secrets.put([wanted]);
  return show(simulation, request, written ?? { ...wanted, resourceVersion: 0 }, 201);
}

function patched(request: Request, stored: Secret): unknown {
  const type = (request.headers['content-type'] ?? '').split(';')[0];
  if (type !== 'application/merge-patch+json' && type !== 'application/strategic-merge-patch+json')
    throw status(415, 'UnsupportedMediaType', `the body of the request was in an unknown format: ${type}`);
  return mergePatch(secretObject(stored), request.body);
}

/** Admission runs for every update, also one that would change nothing, and for a dry run. */
function admit(simulation: Simulation, namespace: string): void {
  if (simulation.denies(namespace)) throw status(403, 'Forbidden', denial);
}

function checkImmutable(stored: Secret, wanted: NewSecret): void {
  if (isDeepStrictEqual(stored.data, wanted.data) && wanted.immutable === true) return;
  throw status(
    422,
    'Invalid',
    `Secret "${stored.name}" is invalid: data: Forbidden: field is immutable when \`immutable\` is set`,
    { details: { name: stored.name, kind: 'Secret' } },
  );
}

/** The simulated operator may do everything inside the cluster. */
function accessReview(request: Request): Reply {
  if (request.method !== 'POST') throw methodNotAllowed();
  return { status: 201, body: { ...asObject(request.body), status: { allowed: true } } };
}

function readNamespaces(simulation: Simulation, request: Request, name: string | undefined): Reply {
  const created = new Date(simulation.state.createdAt).toISOString().replace(/\.\d+Z$/u, 'Z');
  if (name !== undefined && !namespaces.includes(name)) throw notFound('namespaces', name);
  if (formOf(request) === 'Table')
    return { status: 200, body: namespaceTable(name === undefined ? namespaces : [name], created) };
  return { status: 200, body: name === undefined ? namespaceList(created) : namespaceObject(name, created) };
}

/** Which form of the object the client accepts first: `Table`, `PartialObjectMetadata…`, or undefined for all of it. */
function formOf(request: Request): string | undefined {
  const first = (request.headers.accept ?? '').split(',')[0] ?? '';
  return /;\s*as=(\w+)/u.exec(first)?.[1];
}

function isDryRun(request: Request): boolean {
  return request.query.get('dryRun') === 'All';
}

function methodNotAllowed(): Error {
  return status(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

function withoutAbsent(secret: NewSecret): unknown {
  return JSON.parse(JSON.stringify(secret));
}
