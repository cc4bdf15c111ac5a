/** Lists of secrets in pages, as the API server reads them from etcd (k8s.io/apiserver, pkg/storage). */
import { has, strikes } from './faults.ts';
import type { Request } from './http.ts';
import { readToken, tokenAfter, writeToken } from './kubernetes-continue.ts';
import type { Token } from './kubernetes-continue.ts';
import { checkReadable, status } from './kubernetes-status.ts';
import { firstAtLeast, placeOf } from './secrets.ts';
import type { Secret, Snapshot } from './secrets.ts';
import type { Simulation } from './simulation.ts';

export interface Page {
  secrets: readonly Secret[];
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

/**
 * One page of the secrets of a namespace, or of all. Pages of one list show the secrets as they were at its first page.
 *
 * @throws Refusal: 500 when one cannot be decrypted; 410 when the version of the list is forgotten, with a token that
 * goes on with the newest version; 400 for a token that never was one.
 */
export function listPage(simulation: Simulation, namespace: string | undefined, request: Request): Page {
  const limit = Number(request.query.get('limit') ?? 0);
  const prefix = namespace === undefined ? '' : `${namespace}/`;
  const token = readToken(request.query);
  const { revision, secrets } = snapshotFor(simulation, request, token);
  const first = firstAtLeast(secrets, `${prefix}${token?.start ?? ''}`, placeOf);
  // Of all characters a name may have, none comes right before 0 but the slash.
  const end = namespace === undefined ? secrets.length : firstAtLeast(secrets, `${namespace}0`, placeOf);
  const { page, next } = select(secrets, first, end, limit, fieldsMatch(request.query.get('fieldSelector')));
  for (const secret of page) checkReadable(simulation, secret);
  const resourceVersion = String(revision);
  const last = secrets[next - 1];
  if (last === undefined || next >= end) return { secrets: page, metadata: { resourceVersion } };
  return {
    secrets: page,
    metadata: {
      resourceVersion,
      continue: tokenAfter(placeOf(last).slice(prefix.length), revision),
      // The server does not know how many of the others would match.
      ...(request.query.has('fieldSelector') ? {} : { remainingItemCount: end - next }),
    },
  };
}

/** The secrets the request is to see. */
function snapshotFor(simulation: Simulation, request: Request, token: Token | undefined): Snapshot {
  const { secrets } = simulation;
  const version = request.query.get('resourceVersion') ?? '';
  const exact = request.query.get('resourceVersionMatch') === 'Exact';
  if (token !== undefined) {
    if (version !== '' && version !== '0')
      throw status(400, 'BadRequest', 'specifying resource version is not allowed when using continue');
    const found = isForgotten(simulation, token) ? undefined : secrets.snapshot(wanted(token.rv));
    if (found === undefined) throw expired(token);
    return found;
  }
  if (Number(version) > secrets.revision)
    throw status(504, 'Timeout', `Too large resource version: ${version}, current: ${secrets.revision}`);
  const found = secrets.snapshot(exact ? Number(version) : undefined);
  if (found === undefined)
    throw status(410, 'Expired', 'The resourceVersion for the provided list is too old.');
  return found;
}

function wanted(revision: number): number | undefined {
  return revision === -1 ? undefined : revision;
}

function isForgotten(simulation: Simulation, { rv }: Token): boolean {
  if (rv === -1) return false;
  if (has(simulation.state, 'lists-expire')) return true;
  const once = strikes(simulation.state, 'continue-expires');
  if (once) simulation.save();
  return once;
}

/** Up to `limit` matching secrets (all when 0) from `first` up to `end`, and where the rest begins. */
function select(
  secrets: readonly Secret[],
  first: number,
  end: number,
  limit: number,
  matches: (secret: Secret) => boolean,
): { page: readonly Secret[]; next: number } {
  const page: Secret[] = [];
  const most = limit > 0 ? limit : Number.POSITIVE_INFINITY;
  let next = first;
  for (; next < end && page.length < most; next += 1) {
    const secret = secrets[next];
    if (secret !== undefined && matches(secret)) page.push(secret);
  }
  return { page, next };
}

/** The list can be gone on with, at the price that it does not show one moment any more. */
function expired({ start }: Token): Error {
  return status(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
      'without the continue parameter, or use the continue token in this response to retrieve the remainder of the ' +
      'results. Continuing with the provided token results in an inconsistent list - objects that were created, ' +
      'modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    { metadata: { continue: writeToken({ rv: -1, start }) } },
  );
}

function fieldsMatch(selector: string | null): (secret: Secret) => boolean {
  const terms = (selector ?? '').split(',').filter((term) => term !== '');
  return (secret) =>
    terms.every((term) => {
      const [field, expected] = term.split(/!==?|==?/u);
      const actual = {
        'metadata.name': secret.name,
        'metadata.namespace': secret.namespace,
        type: secret.type,
      }[field ?? ''];
      return term.includes('!=') ? actual !== expected : actual === expected;
    });
}
