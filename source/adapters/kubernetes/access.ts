/** What the signed-in account may do with Secrets, as the cluster itself says. */
import { type KubernetesClient, refused } from './client.ts';

export interface SecretAccess {
  list: boolean;
  patch: boolean;
  update: boolean;
}

/** Asks by SelfSubjectAccessReview, for Secrets of every namespace. */
export async function readSecretAccess(
  client: KubernetesClient,
  signal?: AbortSignal,
): Promise<SecretAccess> {
  const may = async (verb: keyof SecretAccess): Promise<boolean> => {
    const reply = await client.requestPatiently({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb, version: 'v1', resource: 'secrets' } },
      },
      signal,
    });
    if (reply.status !== 201 && reply.status !== 200)
      throw refused(reply, `ask about the permission to ${verb} Secrets`);
    return (reply.body as { status?: { allowed?: boolean } }).status?.allowed === true;
  };
  const [list, patch, update] = await Promise.all([may('list'), may('patch'), may('update')]);
  return { list, patch, update };
}
