/** The Secrets there are: names and counts, never a value. */
import { type KubernetesClient, refused } from './client.ts';

/** Has the API server leave out everything but metadata. */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
/** Secrets per page. */
const pageSize = 500;

export interface SecretName {
  namespace: string;
  name: string;
}

export interface SecretCount {
  count: number;
  /** Those that hold a Secret, sorted by name. */
  namespaces: readonly { name: string; count: number }[];
}

interface ListAnswer {
  metadata?: { continue?: string };
  items?: readonly { metadata?: { name?: string; namespace?: string } }[];
}

/**
 * All Secrets of the cluster, a page at a time. When the list runs out while it is read (410), it goes on with the
 * newer state the server offers. Of the metadata nothing is kept but the names: annotations may hold what was last
 * applied.
 */
export async function* listSecrets(
  client: KubernetesClient,
  signal?: AbortSignal,
): AsyncGenerator<readonly SecretName[]> {
  let next = '';
  do {
    const query = new URLSearchParams({ limit: String(pageSize), ...(next !== '' && { continue: next }) });
    const reply = await client.requestPatiently({
      method: 'GET',
      path: `/api/v1/secrets?${query}`,
      headers: { accept: metadataOnly },
      signal,
    });
    const { metadata, items } = (reply.body ?? {}) as ListAnswer;
    const fresh = reply.status === 410 && metadata?.continue !== undefined && metadata.continue !== next;
    if (reply.status !== 200 && !fresh) throw refused(reply, 'list the Secrets');
    if (reply.status === 200)
      yield (items ?? []).map(({ metadata: own }) => ({
        namespace: own?.namespace ?? '',
        name: own?.name ?? '',
      }));
    next = metadata?.continue ?? '';
  } while (next !== '');
}

/** The names of all Secrets of the cluster. */
export async function allSecrets(client: KubernetesClient, signal?: AbortSignal): Promise<SecretName[]> {
  const found: SecretName[] = [];
  for await (const page of listSecrets(client, signal)) for (const secret of page) found.push(secret);
  return found;
}

/** How many Secrets there are, in all and by namespace. */
export function countSecrets(secrets: readonly SecretName[]): SecretCount {
  const counts = new Map<string, number>();
  for (const { namespace } of secrets) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  const namespaces = [...counts].map(([name, count]) => ({ name, count }));
  return { count: secrets.length, namespaces: namespaces.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}
