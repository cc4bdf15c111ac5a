/** The simulated API for secrets: what is read, written, left as it is, or refused. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { strikesOneIn } from './faults.ts';
import { asObject, asString } from './http.ts';
import type { Reply, Request } from './http.ts';
import { authorize } from './kubernetes-access.ts';
import { admit, mutated } from './kubernetes-admission.ts';
import { secretAnswer, secretListAnswer } from './kubernetes-answers.ts';
import { listPage } from './kubernetes-list.ts';
import { mergePatch, secretFrom, secretContent } from './kubernetes-objects.ts';
import { checkReadable, conflict, invalid, methodNotAllowed, notFound, status } from './kubernetes-status.ts';
import { othersAct } from './others.ts';
import { namespacesOf } from './population.ts';
import type { NewSecret, Secret } from './secrets.ts';
import type { Simulation } from './simulation.ts';

/** Answers a request for one secret, for those of a namespace, or for all. Refusals are thrown. */
export function answerSecrets(
  simulation: Simulation,
  request: Request,
  namespace: string | undefined,
  name: string | undefined,
): Reply {
  authorize(simulation.state, request, namespace, name);
  if (name === undefined || namespace === undefined) {
    if (request.method === 'GET') return list(simulation, request, namespace);
    if (request.method === 'POST' && namespace !== undefined) return create(simulation, request, namespace);
    throw methodNotAllowed();
  }
  if (request.method === 'PATCH' || request.method === 'PUT') othersAct(simulation);
  const stored = simulation.secrets.get(namespace, name);
  if (stored === undefined) throw notFound('secrets', name);
  checkReadable(simulation, stored);
  switch (request.method) {
    case 'GET':
      return secretAnswer(simulation, request, stored);
    case 'PUT':
      return update(simulation, request, stored, request.body);
    case 'PATCH':
      return update(simulation, request, stored, patched(simulation, request, stored));
    case 'DELETE':
      return remove(simulation, request, stored);
    default:
      throw methodNotAllowed();
  }
}

function list(simulation: Simulation, request: Request, namespace: string | undefined): Reply {
  if (request.query.get('watch') === 'true' || request.query.get('watch') === '1') throw methodNotAllowed();
  return secretListAnswer(simulation, request, listPage(simulation, namespace, request));
}

/**
 * Puts `sent` in the place of `stored`. Nothing is written when nothing changes and the stored form is under the
 * current key; under any other key the API server writes it anew and its version moves.
 */
function update(simulation: Simulation, request: Request, stored: Secret, sent: unknown): Reply {
  const { state, secrets } = simulation;
  checkIdentity(stored, sent);
  const dryRun = isDryRun(request);
  const { resourceVersion, ...before } = stored;
  const wanted = mutated(state, secretFrom(sent, before));
  checkUnchangeable(stored, wanted);
  admit(state, stored);
  const key = simulation.writingKey(request.connection);
  const same = hasSameContent(wanted, before);
  if (same && stored.key === key) return secretAnswer(simulation, request, stored);
  if (dryRun) return secretAnswer(simulation, request, { ...wanted, resourceVersion });
  return secretAnswer(
    simulation,
    request,
    same ? secrets.rewrite(stored, key) : secrets.put({ ...wanted, key }),
  );
}

/** @throws Refusal when what was sent is meant for another object, or another version of this one. */
function checkIdentity(stored: Secret, sent: unknown): void {
  const metadata = asObject(asObject(sent)['metadata']);
  if (metadata['name'] !== stored.name)
    throw status(400, 'BadRequest', 'the name of the object does not match the name on the URL');
  const { namespace = stored.namespace, uid = stored.uid } = metadata;
  if (namespace !== stored.namespace)
    throw status(400, 'BadRequest', 'the namespace of the object does not match the namespace on the URL');
  const version = asString(metadata['resourceVersion']) ?? '';
  if (version !== '' && version !== String(stored.resourceVersion)) throw conflict(stored.name);
  if (uid !== stored.uid)
    throw conflict(
      stored.name,
      `Precondition failed: UID in precondition: ${String(uid)}, UID in object meta: ${stored.uid}`,
    );
}

function create(simulation: Simulation, request: Request, namespace: string): Reply {
  const { state, secrets } = simulation;
  const name = asString(asObject(asObject(request.body)['metadata'])['name']);
  if (name === undefined) throw invalid('Secret', '', 'metadata.name', 'Required value');
  if (!namespacesOf(state).includes(namespace)) throw notFound('namespaces', namespace);
  const dryRun = isDryRun(request);
  const initial: NewSecret = {
    namespace,
    name,
    uid: randomUUID(),
    creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/u, 'Z'),
    type: 'Opaque',
    data: {},
    key: simulation.writingKey(request.connection),
  };
  const wanted = mutated(state, secretFrom(request.body, initial));
  admit(state, wanted);
  if (secrets.get(namespace, name) !== undefined)
    throw status(409, 'AlreadyExists', `secrets "${name}" already exists`, {
      details: { name, kind: 'secrets' },
    });
  const created = dryRun ? { ...wanted, resourceVersion: 0 } : secrets.put(wanted);
  return secretAnswer(simulation, request, created, 201);
}

function remove({ secrets }: Simulation, request: Request, { namespace, name, uid }: Secret): Reply {
  if (!isDryRun(request)) secrets.delete({ namespace, name });
  const details = { name, kind: 'secrets', uid };
  return {
    status: 200,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details },
  };
}

function patched(simulation: Simulation, request: Request, stored: Secret): unknown {
  const type = (request.headers['content-type'] ?? '').split(';')[0];
  if (type !== 'application/merge-patch+json' && type !== 'application/strategic-merge-patch+json')
    throw status(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: ' +
        'application/merge-patch+json, application/strategic-merge-patch+json',
    );
  if (request.body === undefined) throw status(400, 'BadRequest', 'error decoding patch: EOF');
  // The API server tries a patch five times before it says so.
  if (strikesOneIn(simulation.state, 'patch-conflicts', 20)) throw conflict(stored.name);
  return mergePatch(secretContent(stored), request.body);
}

/** @throws Refusal (422) when something changes that is fixed for this secret. */
function checkUnchangeable(stored: Secret, wanted: NewSecret): void {
  if (wanted.type !== stored.type)
    throw invalid('Secret', stored.name, 'type', `Invalid value: "${wanted.type}": field is immutable`);
  if (stored.immutable !== true) return;
  if (isDeepStrictEqual(stored.data, wanted.data) && wanted.immutable === true) return;
  throw invalid('Secret', stored.name, 'data', 'Forbidden: field is immutable when `immutable` is set');
}

/** @throws Refusal (422) for a value that would be taken for no dry run. */
function isDryRun(request: Request): boolean {
  const values = request.query.getAll('dryRun');
  const unknown = values.find((value) => value !== 'All');
  if (unknown === undefined) return values.length > 0;
  throw invalid('PatchOptions', '', 'dryRun', `Unsupported value: ["${unknown}"]: supported values: "All"`);
}

/** Whether two versions of a secret differ in nothing that a client can set. */
function hasSameContent(one: NewSecret, other: NewSecret): boolean {
  return (
    one.type === other.type &&
    one.immutable === other.immutable &&
    isDeepStrictEqual(one.data, other.data) &&
    isDeepStrictEqual(one.labels, other.labels) &&
    isDeepStrictEqual(one.annotations, other.annotations)
  );
}
