/** What befalls single requests for secrets on the way, or inside the API server. */
import { seedOf, strikesOneIn } from './faults.ts';
import { Refusal } from './http.ts';
import type { Reply } from './http.ts';
import { status } from './kubernetes-status.ts';
import { chance } from './random.ts';
import type { State } from './state.ts';

/** What the client meets in place of its answer. */
export interface Trouble {
  /** Whether the request is carried out nevertheless. */
  carriedOut: boolean;
  reply: Reply;
}

/** The trouble that the next request meets; undefined for most. */
export function nextTrouble(state: State): Trouble | undefined {
  // Each is asked, so that each keeps its own count.
  const hangs = strikesOneIn(state, 'api-hangs', 100);
  const breaks = strikesOneIn(state, 'connections-reset', 100);
  const fails = strikesOneIn(state, 'api-errors', 20);
  if (!hangs && !breaks && !fails) return undefined;
  const draw = (what: string): number =>
    chance(seedOf(state), what, ...Object.values(state.met ?? {}).map(String));
  const carriedOut = draw('carried out') < 0.5;
  if (hangs) return { carriedOut, reply: { status: 0, fate: 'silence' } };
  if (breaks) return { carriedOut, reply: { status: 0, fate: 'reset' } };
  return { carriedOut, reply: failures[Math.floor(draw('failure') * failures.length)]?.() ?? badGateway() };
}

/** Failures that pass, as the API server and what stands before it word them. */
const failures: readonly (() => Reply)[] = [
  () => status(500, undefined, 'etcdserver: request timed out').reply,
  () => status(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout').reply,
  () => {
    const { reply } = status(
      503,
      'ServiceUnavailable',
      'the server is currently unable to handle the request',
      { details: { retryAfterSeconds: 1 } },
    );
    return { ...reply, headers: { 'retry-after': '1' } };
  },
  badGateway,
];

/** From the load balancer: no `Status`. */
function badGateway(): Reply {
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return new Refusal({ status: 502, headers, body: Buffer.from('Bad Gateway\n') }).reply;
}
