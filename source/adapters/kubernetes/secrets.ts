/** The Secrets there are: names and counts, never a value. */
import { type KubernetesClient, type KubernetesReply, refused } from './client.ts';
import { asTable, readTable, withoutObjects } from './table.ts';

/** Secrets per page. */
const pageSize = 500;
/** Namespaces listed at once. */
const inFlight = 8;

export interface SecretName {
  namespace: string;
  name: string;
}

export interface SecretCount {
  count: number;
  /** Those that hold a Secret, sorted by name. */
  namespaces: readonly { name: string; count: number }[];
}

/** Asks for one page of the Secrets of a namespace, or of all; `token` is what the page before gave. */
export async function requestPage(
  client: Pick<KubernetesClient, 'request'>,
  namespace: string | undefined,
  token: string | undefined,
  signal?: AbortSignal,
  limit = pageSize,
): Promise<KubernetesReply> {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(token !== undefined && { continue: token }),
  });
  return client.request({
    method: 'GET',
    path: `${namespace === undefined ? '/api/v1' : inNamespace(namespace)}/secrets?${withoutObjects}&${query}`,
    headers: { accept: asTable },
    signal,
  });
}

/** Asks for a Secret to be written again as it is, by an empty merge patch; `dryRun`: only whether it would be let. */
export async function requestRewrite(
  client: Pick<KubernetesClient, 'request'>,
  { namespace, name }: SecretName,
  signal?: AbortSignal,
  dryRun = false,
): Promise<KubernetesReply> {
  return client.request({
    method: 'PATCH',
    path: `${inNamespace(namespace)}/secrets/${encodeURIComponent(name)}?${withoutObjects}${dryRun ? '&dryRun=All' : ''}`,
    body: {},
    headers: { accept: asTable, 'content-type': 'application/merge-patch+json' },
    signal,
  });
}

function inNamespace(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
}

/** The names of all namespaces, sorted. */
export async function listNamespaces(client: KubernetesClient, signal?: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  let token: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '500', ...(token !== undefined && { continue: token }) });
    const reply = await client.requestPatiently({
      method: 'GET',
      path: `/api/v1/namespaces?${withoutObjects}&${query}`,
      headers: { accept: asTable },
      signal,
    });
    const { names, continue: next } = readTable(reply);
    const fresh = reply.status === 410 && next !== undefined && next !== token;
    if (reply.status !== 200 && !fresh) throw refused(reply, 'list the namespaces');
    found.push(...names);
    token = next;
  } while (token !== undefined);
  return found.sort();
}

/**
 * The Secrets of a namespace, a page at a time. When the list runs out while it is read (410), it goes on with the
 * newer state the server offers.
 */
export async function* listSecrets(
  client: KubernetesClient,
  namespace: string,
  signal?: AbortSignal,
  limit = pageSize,
): AsyncGenerator<readonly string[]> {
  const patient = { request: client.requestPatiently };
  let token: string | undefined;
  do {
    const reply = await requestPage(patient, namespace, token, signal, limit);
    const { names, continue: next } = readTable(reply);
    const fresh = reply.status === 410 && next !== undefined && next !== token;
    if (reply.status !== 200 && !fresh) throw refused(reply, `list the Secrets of namespace ${namespace}`);
    if (reply.status === 200) yield names;
    token = next;
  } while (token !== undefined);
}

/** How many Secrets there are in these namespaces, or in all when none is named. Every one of them is read by the server. */
export async function countSecrets(
  client: KubernetesClient,
  namespaces: readonly string[] = [],
  signal?: AbortSignal,
): Promise<SecretCount> {
  const counted: { name: string; count: number }[] = [];
  await eachNamespace(client, namespaces, signal, async (name) => {
    let count = 0;
    for await (const page of listSecrets(client, name, signal)) count += page.length;
    if (count > 0) counted.push({ name, count });
  });
  counted.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { count: counted.reduce((sum, { count }) => sum + count, 0), namespaces: counted };
}

/** Does something for each of these namespaces, or for all when none is named, several at once. */
export async function eachNamespace(
  client: KubernetesClient,
  namespaces: readonly string[],
  signal: AbortSignal | undefined,
  act: (namespace: string) => Promise<void>,
): Promise<void> {
  const waiting = namespaces.length > 0 ? [...namespaces] : await listNamespaces(client, signal);
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await act(next);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}
