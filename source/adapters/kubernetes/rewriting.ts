/** What a rewrite of all Secrets asks of the API server. Nothing it receives has anything of a Secret but its name. */
import { type KubernetesClient, type KubernetesReply, retryAfter, statusMessage } from './client.ts';
import { eachNamespace, listNamespaces, requestPage, requestRewrite } from './secrets.ts';
import { readTable } from './table.ts';

/** The requests of a rewrite through `client`. It fits `SecretsApi` of the room `rewrite/`. */
export function createSecretRequests(client: KubernetesClient) {
  return {
    namespaces: (signal: AbortSignal) => listNamespaces(client, signal),

    async count(namespaces: readonly string[], signal: AbortSignal): Promise<number | undefined> {
      let counted: number | undefined = 0;
      const add = (reply: KubernetesReply): void => {
        const { names, remaining, continue: next } = readTable(reply);
        // Without a count of what remains, only a list that ends here is counted.
        const total = next === undefined ? names.length : remaining && names.length + remaining;
        counted =
          total === undefined || reply.status !== 200 || counted === undefined ? undefined : counted + total;
      };
      const patient = { request: client.requestPatiently };
      if (namespaces.length === 0) add(await requestPage(patient, undefined, undefined, signal, 1));
      else
        await eachNamespace(client, namespaces, signal, async (namespace) =>
          add(await requestPage(patient, namespace, undefined, signal, 1)),
        );
      return counted;
    },

    async page(namespace: string, token: string | undefined) {
      // A page that is gone on with shows the state of the first one; what the state is now, a short list tells.
      const [reply, now] = await Promise.all([
        requestPage(client, namespace, token),
        token === undefined ? undefined : requestPage(client, namespace, undefined, undefined, 1),
      ]);
      const { names, continue: next } = readTable(reply);
      const ok = now === undefined || now.status !== 200 ? reply : now;
      return { ...answer(reply), revision: readTable(ok).resourceVersion, names, continue: next };
    },

    async rewrite(namespace: string, name: string) {
      return answer(await requestRewrite(client, { namespace, name }));
    },

    reconnect: () => client.reconnect(),
    signInAgain: () => client.signInAgain(),
  };
}

function answer(reply: KubernetesReply) {
  const { status } = reply;
  if (status < 300) return { status, revision: readTable(reply).resourceVersion };
  const { details } = (reply.body ?? {}) as { details?: { kind?: unknown } };
  return {
    status,
    message: statusMessage(reply),
    missing: status === 404 && details?.kind === 'secrets',
    retryAfter: retryAfter(reply),
  };
}
