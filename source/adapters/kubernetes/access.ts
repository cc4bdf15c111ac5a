/** What the signed-in account may do with Secrets, as the cluster itself says. */
import { type KubernetesClient, refused } from './client.ts';

export interface SecretAccess {
  allowed: {
    /** All a rewrite needs: to list the namespaces and their Secrets, and to patch each. */
    patchSecrets: boolean;
    /** All `kubectl replace` needs: to list the Secrets and write each back. */
    updateSecrets: boolean;
  };
  /** What is not allowed, as `patch secrets`, or `patch secrets in orders` where namespaces are named. */
  missing: readonly string[];
}

/** Asks by SelfSubjectAccessReview, for Secrets of each of these namespaces, or of every one when none is named. */
export async function readSecretAccess(
  client: KubernetesClient,
  namespaces: readonly string[] = [],
  signal?: AbortSignal,
): Promise<SecretAccess> {
  const may = async (verb: string, resource: string, namespace?: string): Promise<boolean> => {
    const reply = await client.requestPatiently({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb, version: 'v1', resource, ...(namespace && { namespace }) } },
      },
      signal,
    });
    if (reply.status !== 201 && reply.status !== 200)
      throw refused(reply, `ask about the permission to ${verb} ${resource}`);
    return (reply.body as { status?: { allowed?: boolean } }).status?.allowed === true;
  };
  /** Where it is not allowed, in words; undefined when it is allowed everywhere. */
  const lacking = async (verb: string): Promise<string | undefined> => {
    if (namespaces.length === 0) return (await may(verb, 'secrets')) ? undefined : `${verb} secrets`;
    const answers = await Promise.all(namespaces.map((place) => may(verb, 'secrets', place)));
    const places = namespaces.filter((_, index) => answers[index] === false);
    return places.length === 0 ? undefined : `${verb} secrets in ${places.join(' and ')}`;
  };
  const [list, patch, update, all] = await Promise.all([
    lacking('list'),
    lacking('patch'),
    lacking('update'),
    namespaces.length > 0 || may('list', 'namespaces'),
  ]);
  const missing = [list, patch, update, all ? undefined : 'list namespaces'];
  return {
    allowed: {
      patchSecrets: list === undefined && patch === undefined && all,
      updateSecrets: list === undefined && update === undefined,
    },
    missing: missing.filter((one) => one !== undefined),
  };
}
