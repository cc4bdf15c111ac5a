/** What the signed-in account may do with Secrets, as the cluster itself says. */
import { type KubernetesClient, refused } from './client.ts';

export interface SecretAccess {
  allowed: {
    /** All a rewrite needs: to list the namespaces and their Secrets, and to patch each. */
    patchSecrets: boolean;
    /** All `kubectl replace` needs: to list the Secrets and write each back. */
    updateSecrets: boolean;
  };
  /** What is not allowed, as `patch secrets`. */
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
  const everywhere = async (verb: string): Promise<boolean> => {
    const places = namespaces.length === 0 ? [undefined] : namespaces;
    const answers = await Promise.all(places.map((place) => may(verb, 'secrets', place)));
    return answers.every(Boolean);
  };
  const [list, patch, update, all] = await Promise.all([
    everywhere('list'),
    everywhere('patch'),
    everywhere('update'),
    namespaces.length > 0 || may('list', 'namespaces'),
  ]);
  const missing = [
    ...(list ? [] : ['list secrets']),
    ...(patch ? [] : ['patch secrets']),
    ...(update ? [] : ['update secrets']),
    ...(all ? [] : ['list namespaces']),
  ];
  return { allowed: { patchSecrets: list && patch && all, updateSecrets: list && update }, missing };
}
