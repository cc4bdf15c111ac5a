/** The simulated Kubernetes API server. */
import { has } from './faults.ts';
import type { Reply, Request } from './http.ts';
import { accessReview, selfReview } from './kubernetes-access.ts';
import { discovery, openApi, openApiType, versionInfo } from './kubernetes-discovery.ts';
import { RequestLimit } from './kubernetes-limit.ts';
import { answerNamespaces } from './kubernetes-namespaces.ts';
import { answerSecrets } from './kubernetes-secrets.ts';
import { methodNotAllowed, status } from './kubernetes-status.ts';
import { nextTrouble } from './kubernetes-trouble.ts';
import type { Simulation } from './simulation.ts';
import type { State } from './state.ts';
import { bearer } from './tokens.ts';

/** Answers requests to the API server. Refusals are thrown. */
export function createKubernetes(simulation: Simulation): (request: Request) => Reply | Promise<Reply> {
  const { state } = simulation;
  const limit = has(state, 'api-throttled') ? new RequestLimit() : undefined;
  return (request) => {
    if (/^\/(?:healthz|livez|readyz)$/u.test(request.path)) return { status: 200, body: 'ok' };
    if (bearer(request.headers.authorization) !== state.keys.clusterToken)
      throw status(401, 'Unauthorized', 'Unauthorized');
    const work = (): Reply => answer(simulation, request);
    return limit === undefined ? work() : limit.take(work);
  };
}

function answer(simulation: Simulation, request: Request): Reply {
  const { state } = simulation;
  const secrets = /^\/api\/v1(?:\/namespaces\/([^/]+))?\/secrets(?:\/([^/]+))?$/u.exec(request.path);
  if (secrets !== null) {
    const trouble = nextTrouble(state);
    if (trouble !== undefined && !trouble.carriedOut) return trouble.reply;
    const reply = answerSecrets(simulation, request, secrets[1], secrets[2]);
    return trouble?.reply ?? reply;
  }
  const namespaces = /^\/api\/v1\/namespaces(?:\/([^/]+))?$/u.exec(request.path);
  if (namespaces !== null && request.method === 'GET')
    return answerNamespaces(simulation, request, namespaces[1]);
  if (request.path === '/version') return { status: 200, body: versionInfo(state.settings) };
  if (request.path === '/openapi/v2')
    return { status: 200, headers: { 'content-type': openApiType }, body: openApi() };
  const known = request.method === 'GET' ? discovery(request.path) : undefined;
  if (known !== undefined) return { status: 200, body: known };
  const review = reviews[request.path];
  if (review === undefined)
    throw status(404, 'NotFound', 'the server could not find the requested resource', { details: {} });
  if (request.method !== 'POST') throw methodNotAllowed();
  return review(state, request);
}

const reviews: Record<string, (state: State, request: Request) => Reply> = {
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews': accessReview,
  '/apis/authentication.k8s.io/v1/selfsubjectreviews': selfReview,
};
