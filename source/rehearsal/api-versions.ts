/** Which api-versions of managed clusters the simulated ARM knows, and what each shows. */
import { has } from './faults.ts';
import { armRefusal } from './http.ts';
import type { State } from './state.ts';
import { location } from './subscription.ts';

const newest = { stable: '2026-06-01', preview: '2026-06-02-preview' };
/** The first preview version with `kubernetesResourceObjectEncryptionProfile`; no stable version has it. */
const encryptionProfileSince = '2025-10-02-preview';

/**
 * Checks the api-version of a request about managed clusters.
 *
 * @returns whether it knows `securityProfile.kubernetesResourceObjectEncryptionProfile`.
 * @throws Refusal (400) when it is missing or unknown.
 */
export function showsEncryptionProfile(state: State, version: string | null): boolean {
  requireVersion(version);
  const stable = /^20(?:2\d)-(?:0[1-9]|1[0-2])-01$/u.test(version) && version <= newest.stable;
  const preview = /^20(?:2\d)-(?:0[1-9]|1[0-2])-02-preview$/u.test(version) && version <= newest.preview;
  if (!stable && (!preview || has(state, 'preview-api-refused')))
    throw armRefusal(
      400,
      'NoRegisteredProviderFound',
      `No registered resource provider found for location '${location}' and API version '${version}' for type ` +
        `'managedClusters'. The supported api-versions are '2025-10-01, 2026-03-01, ${newest.stable}'. ` +
        `The supported locations are '${location}'.`,
    );
  return preview && version >= encryptionProfileSince;
}

/** Every ARM request names an api-version. */
export function requireVersion(version: string | null): asserts version is string {
  if (version === null)
    throw armRefusal(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
}
