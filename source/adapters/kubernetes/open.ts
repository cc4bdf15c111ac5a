import { createKubernetesClient, type KubernetesClient } from './client.ts';
import type { Kubeconfig } from './kubeconfig.ts';

/** The way to a cluster's API server: one client for everything, made when it is needed first. */
export interface KubernetesAccess {
  /** Throws `ToolError` when there is no kubeconfig to be had. */
  open(signal?: AbortSignal): Promise<KubernetesClient>;
  /** Ends the connections. */
  close(): void;
}

/** Through the kubeconfig of a run, which is got from AKS when it is not there yet. `onRetry` as of the client. */
export function openWith(kubeconfig: Kubeconfig, onRetry?: (text: string) => void): KubernetesAccess {
  let client: KubernetesClient | undefined;
  return {
    async open(signal) {
      await kubeconfig.ensure(signal);
      const made = client ?? (await createKubernetesClient(kubeconfig.file, onRetry));
      // What is asked for at the same time may have been quicker.
      client ??= made;
      return client;
    },
    close: () => client?.close(),
  };
}
