/** The engine's `SignIn` port: how long az can act with the token it has. */
import type { SignIn } from '../../engine/ports.ts';
import type { Environment } from '../command/capture.ts';
import { azJson } from './az.ts';

/** az from 2.54 on gives seconds since the epoch; before, there was only local time. */
interface Expiry {
  seconds: number | null;
  local: string | null;
}

/** Asks az. The token itself is never printed. */
export function createSignIn(environment: Environment): SignIn {
  return {
    async validUntil(signal) {
      const words = ['account', 'get-access-token', '--query', '{seconds: expires_on, local: expiresOn}'];
      const found = await azJson<Expiry>(words, 'find out how long the sign-in holds', environment, signal);
      return expiry(found.seconds, found.local);
    },
  };
}

/** The time az says one way or the other; undefined when it says none. */
export function expiry(seconds: number | null, local: string | null): Date | undefined {
  const until = new Date(seconds === null ? (local ?? '').replace(' ', 'T') : seconds * 1000);
  return Number.isNaN(until.getTime()) ? undefined : until;
}
