/** A cluster as the operator's own kubeconfig knows it. */
import type { KubeConfig } from '@kubernetes/client-node';
import { ToolError, UsageError } from '../../runbook/errors.ts';
import { suggestion } from '../../runbook/suggest.ts';
import { connect, type KubernetesClient, refused } from './client.ts';

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
    const { KubeConfig } = await import('./library.ts');
    const config = new KubeConfig();
    try {
      if (file === undefined) config.loadFromDefault();
      else config.loadFromFile(file);
    } catch (error) {
      throw new ToolError(
        `The kubeconfig cannot be read: ${(error as Error).message}`,
        'Check the file, and the variable KUBECONFIG.',
        { cause: error },
      );
    }
    return config;
  };
  const config = await read();
  const chosen = name ?? config.getCurrentContext();
  const names = config.getContexts().map((context) => context.name);
  if (!names.includes(chosen)) {
    throw new UsageError(
      name === undefined
        ? 'The kubeconfig has no current context.'
        : `The kubeconfig has no context "${name}".`,
      names.length === 0
        ? 'Get one, for an AKS cluster with az aks get-credentials.'
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

/** What tells one cluster from another, whatever it is called. */
export interface ClusterIdentity {
  /** The uid of the namespace kube-system, which lives as long as the cluster does. */
  uid: string;
  /** The Kubernetes version, without `v`. */
  version: string;
}

/** Reads it. Throws `ToolError` when the API server does not tell. */
export async function readClusterIdentity(
  client: KubernetesClient,
  signal?: AbortSignal,
): Promise<ClusterIdentity> {
  const [namespace, version] = await Promise.all([
    client.requestPatiently({ method: 'GET', path: '/api/v1/namespaces/kube-system', signal }),
    client.requestPatiently({ method: 'GET', path: '/version', signal }),
  ]);
  if (namespace.status !== 200) throw refused(namespace, 'tell which cluster this is');
  const { uid } = (namespace.body as { metadata?: { uid?: string } }).metadata ?? {};
  if (uid === undefined || uid === '')
    throw new ToolError(
      'The API server does not say which cluster this is.',
      'Is it a Kubernetes API server?',
    );
  const { gitVersion = '' } = (version.body ?? {}) as { gitVersion?: string };
  return { uid, version: gitVersion.replace(/^v/, '') };
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
