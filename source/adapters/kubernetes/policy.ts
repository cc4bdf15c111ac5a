/** Whether the API server would accept a rewrite: admission is run, nothing is written. */
import { type KubernetesClient, refused, statusMessage } from './client.ts';
import type { SecretName } from './secrets.ts';

export interface Policy {
  /** Nothing stands in the way in any namespace. */
  allowed: boolean;
  /** Namespaces in which a change to a Secret is refused, and what the refusal says. */
  blocked: readonly { namespace: string; message: string }[];
}

/** Requests under way at once. */
const inFlight = 8;

/**
 * Tries an empty merge patch with `dryRun=All` on a Secret of each namespace. A refusal of any kind (missing
 * permission, policy, webhook that does not answer) blocks the namespace, since the migration would meet it too.
 */
export async function readPolicy(
  client: KubernetesClient,
  secrets: readonly SecretName[],
  signal?: AbortSignal,
): Promise<Policy> {
  const byNamespace = new Map<string, string[]>();
  for (const { namespace, name } of secrets) {
    const names = byNamespace.get(namespace);
    if (names === undefined) byNamespace.set(namespace, [name]);
    else names.push(name);
  }
  const waiting = [...byNamespace];
  const blocked: { namespace: string; message: string }[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [namespace, names] = next;
      const message = await refusal(client, namespace, names, signal);
      if (message !== undefined) blocked.push({ namespace, message });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  blocked.sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  return { allowed: blocked.length === 0, blocked };
}

async function refusal(
  client: KubernetesClient,
  namespace: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  for (const name of names) {
    const reply = await client.requestPatiently({
      method: 'PATCH',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}?dryRun=All`,
      body: {},
      headers: {
        accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
        'content-type': 'application/merge-patch+json',
      },
      signal,
    });
    if (reply.status === 401) throw refused(reply, 'try a change to a Secret');
    // Deleted meanwhile: another one of the namespace tells.
    if (reply.status === 404) continue;
    // Another writer was quicker, so writing is possible.
    return reply.status < 400 || reply.status === 409 ? undefined : statusMessage(reply);
  }
  return undefined;
}
