/** What the signed-in account may do with secrets inside the cluster. */
import { has, ownNamespace } from './faults.ts';
import { asObject, asString } from './http.ts';
import type { Refusal, Reply, Request } from './http.ts';
import { status } from './kubernetes-status.ts';
import type { State } from './state.ts';
import { user } from './subscription.ts';

const verbs: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const reading = new Set(['get', 'list', 'watch']);

/** @throws Refusal (403), in the words of role-based access control. */
export function authorize(
  state: State,
  request: Request,
  namespace: string | undefined,
  name: string | undefined,
): void {
  const verb = verbs[request.method] ?? 'get';
  if (mayDo(state, verb, namespace)) return;
  throw forbidden('secrets', verb, namespace, name);
}

/** @throws Refusal (403) when the namespace, or the list of them all, may not be seen. */
export function authorizeNamespace(state: State, namespace: string | undefined): void {
  const verb = namespace === undefined ? 'list' : 'get';
  if (!mayDo(state, verb, namespace)) throw forbidden('namespaces', verb, namespace, namespace);
}

function forbidden(
  resource: string,
  verb: string,
  namespace: string | undefined,
  name: string | undefined,
): Refusal {
  const subject = name === undefined ? resource : `${resource} "${name}"`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return status(
    403,
    'Forbidden',
    `${subject} is forbidden: User "${user.name}" cannot ${verb} resource "${resource}" in API group "" ${where}`,
    { details: { ...(name === undefined ? {} : { name }), kind: resource } },
  );
}

/** Answers a SelfSubjectAccessReview. */
export function accessReview(state: State, request: Request): Reply {
  const review = asObject(request.body);
  const { verb, namespace } = asObject(asObject(review['spec'])['resourceAttributes']);
  const allowed = mayDo(state, asString(verb) ?? '', asString(namespace));
  return { status: 201, body: { ...review, status: { allowed } } };
}

/** Answers a SelfSubjectReview: who the client is. */
export function selfReview(): Reply {
  const userInfo = { username: user.name, groups: ['system:authenticated'] };
  return {
    status: 201,
    body: {
      kind: 'SelfSubjectReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {},
      status: { userInfo },
    },
  };
}

function mayDo(state: State, verb: string, namespace: string | undefined): boolean {
  if (has(state, 'one-namespace') && namespace !== ownNamespace) return false;
  return reading.has(verb) || !has(state, 'secrets-forbidden');
}
