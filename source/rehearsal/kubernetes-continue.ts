/** The tokens that lists are gone on with (k8s.io/apiserver, pkg/storage/continue.go). */
import { asObject, asString } from './http.ts';
import { status } from './kubernetes-status.ts';

/** What a continue token holds, by the names it has there. */
export interface Token {
  /** The version the list is a view of; -1 for the newest there is. */
  rv: number;
  /** The key to begin with, without what all keys of the list begin with. */
  start: string;
}

/** The token for what comes after `last` in the list of version `rv`. */
export function tokenAfter(last: string, rv: number): string {
  return writeToken({ rv, start: `${last}\0` });
}

export function writeToken(token: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...token })).toString('base64url');
}

/**
 * What is in the `continue` of a query; undefined when it has none.
 *
 * @throws Refusal (400) when it never was a token.
 */
export function readToken(query: URLSearchParams): Token | undefined {
  const text = query.get('continue') ?? '';
  if (text === '') return undefined;
  try {
    const { v, rv, start } = asObject(JSON.parse(Buffer.from(text, 'base64url').toString()));
    const key = asString(start) ?? '';
    if (v === 'meta.k8s.io/v1' && typeof rv === 'number' && rv !== 0 && key !== '') return { rv, start: key };
  } catch {
    // Not JSON: refused below like any other token that was never given out.
  }
  throw status(400, 'BadRequest', 'invalid continue token: continue key is not valid');
}
