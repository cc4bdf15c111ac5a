/** A cluster as the operator's own kubeconfig knows it. */
import type { KubeConfig } from '@kubernetes/client-node';
import { ToolError, UsageError } from '../../runbook/errors.ts';
import { suggestion } from '../../runbook/suggest.ts';
import { connect, type KubernetesClient, type KubernetesReply, refused, statusMessage } from './client.ts';
import { readKubeconfig } from './kubeconfig-files.ts';

/** A context and the way to its cluster. */
export interface KubernetesContext {
  name: string;
  /** Address of the API server. */
  server: string;
  /** As the kubeconfig names it. */
  user: string;
  client: KubernetesClient;
  /** The server's address as the kubeconfig has it now; undefined when the context is gone. */
  serverNow(): Promise<string | undefined>;
}

/**
 * Opens a context of a kubeconfig: of `file`, or of those that KUBECONFIG names, or of the usual one. Without a name it
 * is the current one. `onRetry` as of the client. Throws `UsageError` when there is no such context.
 */
export async function openContext(
  name?: string,
  { file, onRetry }: { file?: string; onRetry?: (text: string) => void } = {},
): Promise<KubernetesContext> {
  const read = async (): Promise<KubeConfig> => {
    try {
      return await readKubeconfig(file === undefined ? undefined : [file]);
    } catch (error) {
      throw new ToolError(
        `The kubeconfig cannot be read: ${(error as Error).message}`,
        'Check the file, and the variable KUBECONFIG.',
        { cause: error },
      );
    }
  };
  const config = await read();
  const chosen = name ?? config.getCurrentContext();
  const names = config.getContexts().map((context) => context.name);
  if (!names.includes(chosen)) {
    throw new UsageError(
      names.length === 0
        ? 'There is no kubeconfig, or none that has a context.'
        : name === undefined
          ? 'The kubeconfig has no current context.'
          : `The kubeconfig has no context "${name}".`,
      names.length === 0
        ? 'Get one, for an AKS cluster with az aks get-credentials, or name the file in the variable KUBECONFIG.'
        : `Name one with --context: ${suggestion(chosen, names, 'contexts')}.`,
    );
  }
  const load = async (): Promise<KubeConfig> => {
    const again = await read();
    again.setCurrentContext(chosen);
    return again;
  };
  config.setCurrentContext(chosen);
  const client = await connect({
    load,
    noServer: 'Look at the context with kubectl config view.',
    onRetry,
  });
  return {
    name: chosen,
    server: client.server,
    user: config.getContextObject(chosen)?.user ?? '',
    client,
    serverNow: async () => (await load()).getCurrentCluster()?.server,
  };
}

/** The namespace whose uid tells clusters apart: it lives as long as the cluster does. */
export const telltale = 'kube-system';

/** What tells one cluster from another, whatever it is called. */
export interface ClusterIdentity {
  /** The namespace it goes by. */
  namespace: string;
  /** Its uid. */
  uid: string;
  /** The Kubernetes version, without `v`. */
  version: string;
}

/** Reads it by the first of these namespaces that may be seen. Throws `ToolError` when the API server does not tell. */
export async function readClusterIdentity(
  client: KubernetesClient,
  namespaces: readonly string[] = [telltale],
  signal?: AbortSignal,
): Promise<ClusterIdentity> {
  const version = await client.requestPatiently({ method: 'GET', path: '/version', signal });
  const { gitVersion = '' } = (version.body ?? {}) as { gitVersion?: string };
  let reply = version;
  for (const namespace of namespaces) {
    reply = await readNamespace(client, namespace, signal);
    if (reply.status === 403) continue;
    if (reply.status !== 200) break;
    const { uid } = (reply.body as { metadata?: { uid?: string } }).metadata ?? {};
    if (uid === undefined || uid === '')
      throw new ToolError(
        'The API server does not say which cluster this is.',
        'Is it a Kubernetes API server?',
      );
    return { namespace, uid, version: gitVersion.replace(/^v/, '') };
  }
  if (reply.status !== 403) throw refused(reply, 'tell which cluster this is');
  throw new ToolError(
    `Could not tell which cluster this is: ${statusMessage(reply)}`,
    'Ask for a role that may get this namespace, or name namespaces that you may get with --namespace.',
  );
}

/** Throws `UsageError` when one of these namespaces does not exist: a list of its Secrets would only be empty. */
export async function requireNamespaces(
  client: KubernetesClient,
  namespaces: readonly string[],
): Promise<void> {
  for (const namespace of namespaces) {
    const reply = await readNamespace(client, namespace);
    // Who may not see the namespace itself is told by the permissions to its Secrets.
    if (reply.status === 200 || reply.status === 403) continue;
    if (reply.status !== 404) throw refused(reply, `look for the namespace ${namespace}`);
    throw new UsageError(
      `There is no namespace "${namespace}" in this cluster.`,
      'Look for its name with kubectl get namespaces.',
    );
  }
}

async function readNamespace(
  client: KubernetesClient,
  namespace: string,
  signal?: AbortSignal,
): Promise<KubernetesReply> {
  return client.requestPatiently({
    method: 'GET',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}`,
    signal,
  });
}

/** Who the API server takes us for; undefined when it does not tell, as before Kubernetes 1.28. */
export async function readUserName(
  client: KubernetesClient,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const reply = await client.requestPatiently({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    signal,
  });
  const { status } = (reply.body ?? {}) as { status?: { userInfo?: { username?: string } } };
  return status?.userInfo?.username;
}
