/** Who may ask the simulated ARM, how often, and where tokens come from. */
import { cloudMetadata } from './arm-directory.ts';
import { has, strikes } from './faults.ts';
import { armRefusal, asObject, asString } from './http.ts';
import type { Reply, Request } from './http.ts';
import { resourceGraphPath } from './resource-graph.ts';
import type { Simulation } from './simulation.ts';
import { subscription } from './subscription.ts';
import { bearer, issueToken, isValidToken, tokenLifetime } from './tokens.ts';

/** Seconds a token is good for under the fault `token-expires-soon`. */
const shortLifetime = 10 * 60;

/** Seconds a poller is told to wait; `retry-after-ms`, which Azure's own clients know too, follows the speed. */
export function pollingHeaders(simulation: Simulation): Record<string, string> {
  return {
    'retry-after': '1',
    'retry-after-ms': String(Math.max(5, Math.min(1000, Math.round(15_000 / simulation.speed)))),
  };
}

/** The paths that need no token: what the cloud is, where tokens come from, and signing in again. */
export function answerOpenly(
  simulation: Simulation,
  armEndpoint: string,
  request: Request,
): Reply | undefined {
  if (request.path === '/metadata/endpoints')
    return cloudMetadata(armEndpoint, request.query.get('api-version') ?? '');
  if (request.path === '/rehearsal/sign-in') {
    simulation.state.signedOut = undefined;
    simulation.save();
    return { status: 200, body: {} };
  }
  if (!request.path.startsWith('/identity/token')) return undefined;
  const { keys, signedOut } = simulation.state;
  if (signedOut) return { status: 400, body: { error: 'invalid_grant', error_description: ranOut } };
  // Old versions of az send no secret along, so their endpoint has it in its path.
  const given = [request.headers['x-identity-header'], request.headers['secret'], request.path.split('/')[3]];
  if (!given.includes(keys.identityHeader))
    return { status: 403, body: { error: 'invalid_request', error_description: 'Wrong identity header.' } };
  const resource =
    request.query.get('resource') ??
    asString(asObject(request.body)['resource']) ??
    'https://management.azure.com/';
  const now = Date.now();
  const lifetime = has(simulation.state, 'token-expires-soon') ? shortLifetime : tokenLifetime;
  return {
    status: 200,
    body: {
      access_token: issueToken(keys.signing, resource, now, lifetime),
      expires_in: String(lifetime),
      expires_on: String(Math.floor(now / 1000) + lifetime),
      not_before: String(Math.floor(now / 1000)),
      resource,
      token_type: 'Bearer',
    },
  };
}

/** What the sign-in says when it has run out. */
const ranOut =
  'AADSTS700082: The refresh token has expired due to inactivity. The token was issued on ' +
  '2026-08-21T20:15:00.0000000Z and was inactive for 90.00:00:00.';

/** @throws Refusal (401) without a token this simulation issued, or when the sign-in has run out. */
export function checkToken(simulation: Simulation, request: Pick<Request, 'headers'>): void {
  const token = bearer(request.headers.authorization);
  if (simulation.state.signedOut)
    throw armRefusal(401, 'ExpiredAuthenticationToken', 'The access token has expired.', {
      'www-authenticate': 'Bearer error="invalid_token", error_description="The access token has expired."',
    });
  const headers = { 'www-authenticate': 'Bearer authorization_uri="https://login.microsoftonline.com/"' };
  if (token === undefined)
    throw armRefusal(
      401,
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing.",
      headers,
    );
  if (!isValidToken(simulation.state.keys.signing, token, Date.now()))
    throw armRefusal(401, 'InvalidAuthenticationToken', 'The access token is invalid.', headers);
}

/** @throws Refusal for the first reads under the faults `throttled` (429) and `azure-errors` (5xx). */
export function throttle(simulation: Simulation, request: Request): void {
  const { state } = simulation;
  const reads = request.method === 'GET' || request.path.toLowerCase() === resourceGraphPath;
  if (!reads) return;
  if (strikes(state, 'azure-errors', 3)) {
    simulation.save();
    const status = [500, 502, 503][(state.struck['azure-errors'] ?? 1) - 1] ?? 500;
    const headers = status === 503 ? pollingHeaders(simulation) : {};
    throw armRefusal(status, 'InternalServerError', 'Encountered internal server error.', headers);
  }
  if (!strikes(state, 'throttled', 3)) return;
  simulation.save();
  throw armRefusal(
    429,
    'TooManyRequests',
    `Number of read requests for subscription '${subscription.id}' exceeded the limit. Please try again after '1' seconds.`,
    pollingHeaders(simulation),
  );
}
