/** Lists of secrets in pages. */
import { strikes } from './faults.ts';
import { asObject, asString } from './http.ts';
import type { Request } from './http.ts';
import { checkReadable, status } from './kubernetes-status.ts';
import { order } from './secrets.ts';
import type { Secret } from './secrets.ts';
import type { Simulation } from './simulation.ts';

interface Token {
  /** The place of the last secret of the page before. */
  after: string;
  /** The version the list is a view of. */
  revision: number;
}

export interface Page {
  secrets: Secret[];
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

/**
 * One page of the secrets of a namespace, or of all.
 *
 * @throws Refusal: 500 when one cannot be decrypted, 410 with a fresh token under the fault `continue-expires`, 400 when it never was one.
 */
export function listPage(simulation: Simulation, namespace: string | undefined, request: Request): Page {
  const { secrets } = simulation;
  const limit = Number(request.query.get('limit') ?? 0);
  const given = request.query.get('continue') ?? '';
  const token = given === '' ? undefined : readToken(given);
  if (token !== undefined && strikes(simulation.state, 'continue-expires'))
    throw expired({ ...token, revision: secrets.revision });
  const selected = secrets
    .list(namespace === undefined ? '' : `${namespace}/`, token?.after)
    .filter(fieldsMatch(request.query.get('fieldSelector')));
  const resourceVersion = String(token?.revision ?? secrets.revision);
  const page = limit > 0 ? selected.slice(0, limit) : selected;
  for (const secret of page) checkReadable(simulation, secret);
  const last = page.at(-1);
  if (last === undefined || page.length === selected.length)
    return { secrets: page, metadata: { resourceVersion } };
  const next = { after: order(last), revision: Number(resourceVersion) };
  return {
    secrets: page,
    metadata: {
      resourceVersion,
      continue: writeToken(next),
      remainingItemCount: selected.length - page.length,
    },
  };
}

function expired(fresh: Token): Error {
  return status(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
      'without the continue parameter, or use the continue token in this response to retrieve the remainder of the ' +
      'results. Continuing with the provided token results in an inconsistent list - objects that were created, ' +
      'modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    { metadata: { continue: writeToken(fresh) } },
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

function writeToken(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string): Token {
  try {
    const parsed = asObject(JSON.parse(Buffer.from(text, 'base64url').toString()));
    const after = asString(parsed['after']);
    if (after !== undefined) return { after, revision: Number(parsed['revision']) };
  } catch {
    // Not JSON: refused below like any other token that was never given out.
  }
  throw status(400, 'BadRequest', 'continue key is not valid: it was not issued by this server');
}
