/** Tokens of the simulated sign-in: real JWTs, signed with a key that only this rehearsal has. */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

import { tenant, user } from './subscription.ts';

/** Seconds a token is good for. */
export const tokenLifetime = 24 * 60 * 60;

/** A bearer token for the signed-in user. `now` in milliseconds, `lifetime` in seconds. */
export function issueToken(
  signingKey: string,
  audience: string,
  now: number,
  lifetime = tokenLifetime,
): string {
  const seconds = Math.floor(now / 1000);
  const claims = {
    aud: audience,
    iss: `https://sts.windows.net/${tenant.id}/`,
    iat: seconds,
    nbf: seconds,
    exp: seconds + lifetime,
    appid: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
    idtyp: 'user',
    name: 'Rehearsal Operator',
    oid: user.objectId,
    tid: tenant.id,
    unique_name: user.name,
    upn: user.name,
    uti: randomUUID(),
    ver: '1.0',
  };
  const signed = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`;
  return `${signed}.${signature(signingKey, signed)}`;
}

/** Whether this simulation issued the token and it has not expired. */
export function isValidToken(signingKey: string, token: string, now: number): boolean {
  const [header, claims, mark] = token.split('.');
  if (header === undefined || claims === undefined || mark === undefined) return false;
  const expected = Buffer.from(signature(signingKey, `${header}.${claims}`));
  const found = Buffer.from(mark);
  if (expected.length !== found.length || !timingSafeEqual(expected, found)) return false;
  const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp: number };
  return exp * 1000 > now;
}

/** The token of a bearer authorization header. */
export function bearer(header: string | undefined): string | undefined {
  return /^bearer (\S+)$/iu.exec(header ?? '')?.[1];
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function signature(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
