/** The operator's az login as a credential of the Azure SDK. */
import type { ContainerServiceClient } from '@azure/arm-containerservice';
import type { Environment } from '../command/capture.ts';
import type { Account } from './account.ts';
import { azJson } from './az.ts';
import { expiry } from './sign-in.ts';

/** What the SDK's clients take as a credential. */
export type Credential = ConstructorParameters<typeof ContainerServiceClient>[0];

interface TokenShown {
  accessToken: string;
  /** Seconds since the epoch; az before 2.54 gives only the local time. */
  expires_on?: number;
  expiresOn?: string;
}

/** A token of an az that does not say how long it holds is asked for again after this. Milliseconds. */
const unknownLifetime = 60_000;

/**
 * Asks az for each token, so that it is always that of who is signed in. A request that is aborted ends az as well.
 * Fails with a `ToolError` when there is no az or nobody is signed in.
 */
export function azCredential(account: Pick<Account, 'subscription'>, environment: Environment): Credential {
  return {
    async getToken(scopes, { abortSignal } = {}) {
      // By its subscription, since az refuses to be told the tenant of a managed identity.
      const [scope = ''] = [scopes].flat();
      const words = ['account', 'get-access-token', '--scope', scope, '--subscription', account.subscription];
      // The SDK's type knows less of a signal than ours; what arrives here is the one we gave.
      const signal = abortSignal as AbortSignal | undefined;
      const shown = await azJson<TokenShown>(words, 'get a token for Azure', environment, signal);
      const until = expiry(shown.expires_on ?? null, shown.expiresOn ?? null);
      return {
        token: shown.accessToken,
        expiresOnTimestamp: until?.getTime() ?? Date.now() + unknownLifetime,
      };
    },
  };
}
