/** The little of Microsoft Graph that az asks for about roles: who an id or a name stands for. */
import { asObject, armRefusal } from './http.ts';
import type { Reply, Request } from './http.ts';
import { identities, user } from './subscription.ts';

type Json = Record<string, unknown>;

const users: readonly Json[] = [
  {
    '@odata.type': '#microsoft.graph.user',
    id: user.objectId,
    displayName: 'Rehearsal Operator',
    userPrincipalName: user.name,
  },
];
const servicePrincipals: readonly Json[] = identities.map((identity) => ({
  '@odata.type': '#microsoft.graph.servicePrincipal',
  id: identity.principalId,
  appId: identity.clientId,
  displayName: identity.name,
  servicePrincipalNames: [identity.clientId],
  servicePrincipalType: 'ManagedIdentity',
}));

/**
 * Answers a request to Graph, undefined when it is none. Of filters, the two az sends are understood.
 *
 * @throws Refusal (404) for a path that is not simulated.
 */
export function answerGraph(request: Request): Reply | undefined {
  const path = /^\/v1\.0(\/.*)$/u.exec(request.path)?.[1];
  if (path === undefined) return undefined;
  const filter = request.query.get('$filter') ?? '';
  const wanted = /eq '([^']*)'/u.exec(filter)?.[1]?.toLowerCase();
  switch (`${request.method} ${path}`) {
    case 'GET /users':
      return list(users.filter((known) => String(known['userPrincipalName']).toLowerCase() === wanted));
    case 'GET /servicePrincipals':
      return list(servicePrincipals.filter((known) => known['appId'] === wanted));
    case 'POST /directoryObjects/getByIds': {
      const { ids } = asObject(request.body);
      const asked = Array.isArray(ids) ? ids : [];
      return list([...users, ...servicePrincipals].filter(({ id }) => asked.includes(id)));
    }
    default:
      throw armRefusal(404, 'Request_ResourceNotFound', `Resource '${path}' does not exist.`);
  }
}

function list(value: readonly Json[]): Reply {
  return { status: 200, body: { value } };
}
