/** Whether the API server would accept a rewrite: admission is run, nothing is written. */
import { type KubernetesClient, refused, statusMessage } from './client.ts';
import { eachNamespace, listSecrets, requestRewrite } from './secrets.ts';

export interface Policy {
  /** Nothing stands in the way in any namespace. */
  allowed: boolean;
  /** Namespaces in which a change to a Secret is refused, and what the refusal says. */
  blocked: readonly { namespace: string; message: string }[];
  /** The same, each refusal once, with the namespaces it is met in: `orders, payments – denied`. */
  reasons: readonly string[];
}

/**
 * Tries an empty merge patch with `dryRun=All` on a Secret of each of these namespaces, or of all when none is named.
 * A refusal of any kind (missing permission, policy, webhook that does not answer) blocks the namespace, since the
 * migration would meet it too.
 */
export async function readPolicy(
  client: KubernetesClient,
  namespaces: readonly string[] = [],
  signal?: AbortSignal,
): Promise<Policy> {
  const blocked: { namespace: string; message: string }[] = [];
  await eachNamespace(client, namespaces, signal, async (namespace) => {
    const message = await refusal(client, namespace, signal);
    if (message !== undefined) blocked.push({ namespace, message });
  });
  blocked.sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  return { allowed: blocked.length === 0, blocked, reasons: reasonsOf(blocked) };
}

function reasonsOf(blocked: Policy['blocked']): string[] {
  const groups = new Map<string, string[]>();
  for (const { namespace, message } of blocked)
    groups.set(message, [...(groups.get(message) ?? []), namespace]);
  return [...groups].map(([message, namespaces]) => `${namespaces.join(', ')} – ${message}`);
}

/** One Secret of a namespace tells, unless it is deleted just then. */
const fewAtOnce = 5;

async function refusal(
  client: KubernetesClient,
  namespace: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const patient = { request: client.requestPatiently };
  for await (const names of listSecrets(client, namespace, signal, fewAtOnce)) {
    for (const name of names) {
      const reply = await requestRewrite(patient, { namespace, name }, signal, true);
      if (reply.status === 401) throw refused(reply, 'try a change to a Secret');
      // Deleted meanwhile: another one of the namespace tells.
      if (reply.status === 404) continue;
      // Another writer was quicker, so writing is possible.
      return reply.status < 400 || reply.status === 409 ? undefined : statusMessage(reply);
    }
  }
  return undefined;
}
