/** What the signed-in account may do with secrets inside the cluster. */
import { has } from './faults.ts';
import { asObject, asString } from './http.ts';
import type { Reply, Request } from './http.ts';
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
  if (mayDo(state, verb)) return;
  const subject = name === undefined ? 'secrets' : `secrets "${name}"`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  throw status(
    403,
    'Forbidden',
    `${subject} is forbidden: User "${user.name}" cannot ${verb} resource "secrets" in API group "" ${where}`,
    { details: { ...(name === undefined ? {} : { name }), kind: 'secrets' } },
  );
}

/** Answers a SelfSubjectAccessReview. */
export function accessReview(state: State, request: Request): Reply {
  const review = asObject(request.body);
  const verb = asString(asObject(asObject(review['spec'])['resourceAttributes'])['verb']) ?? '';
  return { status: 201, body: { ...review, status: { allowed: mayDo(state, verb) } } };
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

function mayDo(state: State, verb: string): boolean {
  return reading.has(verb) || !has(state, 'secrets-forbidden');
}
