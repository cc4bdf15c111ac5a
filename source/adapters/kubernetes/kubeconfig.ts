/** The run's own kubeconfig: got from AKS, kept beside the run, and no other file trusted or touched. */
import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parse } from 'yaml';
import type { Target } from '../../plan/model.ts';
import { ToolError } from '../../runbook/errors.ts';
import { azFailed } from '../azure/az.ts';
import { oneLine } from '../azure/errors.ts';
import { type Environment, runForText } from '../command/capture.ts';

export interface Kubeconfig {
  /** Where it is, for KUBECONFIG. The file need not be there yet. */
  readonly file: string;
  /** Gets the file from AKS, once for this object however often it is called. */
  ensure(signal?: AbortSignal): Promise<void>;
  /** Address of the API server in the file as it is now. Gets the file first. */
  server(signal?: AbortSignal): Promise<string>;
  /** Removes the file, when the run ends. Throws `ToolError`. */
  remove(): Promise<void>;
}

/**
 * The kubeconfig of `target` in `subscription` at `file` (0600, in a directory made 0700). `environment` is the one az runs in. For a
 * cluster with Microsoft Entra ID the file is made to use the az login, since nobody could answer kubelogin's
 * question in a browser.
 */
export function createKubeconfig(options: {
  file: string;
  target: Target;
  /** Id of its subscription. */
  subscription: string;
  environment: Environment;
}): Kubeconfig {
  const { file, target, subscription, environment } = options;
  let fetched = false;
  let fetching: Promise<void> | undefined;

  const fetch = async (signal?: AbortSignal): Promise<void> => {
    await withFile(file, 'made', () => mkdir(dirname(file), { recursive: true, mode: 0o700 }));
    const { clusterName, resourceGroup } = target;
    const names = ['--name', clusterName, '--resource-group', resourceGroup, '--subscription', subscription];
    const result = await runForText(
      ['az', 'aks', 'get-credentials', ...names, '--file', file, '--overwrite-existing'],
      { environment, signal },
    );
    if (result.code !== 0) throw azFailed(result, `get the kubeconfig of cluster ${clusterName}`);
    const text = await withFile(file, 'read', async () => {
      await chmod(file, 0o600);
      return readFile(file, 'utf8');
    });
    if (/^\s*command:\s*kubelogin\s*$/m.test(text)) await useAzLogin(file, environment, signal);
    fetched = true;
  };

  const ensure = async (signal?: AbortSignal): Promise<void> => {
    if (fetched) return;
    fetching ??= fetch(signal).finally(() => {
      fetching = undefined;
    });
    await fetching;
  };

  return {
    file,
    ensure,
    async server(signal) {
      await ensure(signal);
      return currentServer(file);
    },
    async remove() {
      fetched = false;
      try {
        await rm(file, { force: true });
      } catch (cause) {
        throw new ToolError(
          `The run's kubeconfig cannot be removed: ${(cause as Error).message}.`,
          `Remove ${file} yourself: it gives access to the cluster.`,
          { cause },
        );
      }
    },
  };
}

/** Does something with the file. Throws `ToolError` when the system refuses; `what` completes "cannot be". */
async function withFile<T>(file: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new ToolError(
      `The run's kubeconfig cannot be ${what}: ${(cause as Error).message}.`,
      `See that ${dirname(file)} is there and can be written to, then try again.`,
      { cause },
    );
  }
}

async function useAzLogin(file: string, environment: Environment, signal?: AbortSignal): Promise<void> {
  const result = await runForText(
    ['kubelogin', 'convert-kubeconfig', '--login', 'azurecli', '--kubeconfig', file],
    { environment, signal },
  );
  if (result.failure === 'missing')
    throw new ToolError(
      'The cluster signs in with Microsoft Entra ID, and kubelogin was not found.',
      'Install it (az aks install-cli), then try again.',
    );
  if (result.code !== 0)
    throw new ToolError(
      `kubelogin could not prepare the kubeconfig: ${oneLine(result.stderr)}`,
      'Look at what kubelogin says, then try again.',
    );
}

interface KubeconfigText {
  'current-context'?: string;
  contexts?: readonly { name?: string; context?: { cluster?: string } }[];
  clusters?: readonly { name?: string; cluster?: { server?: string } }[];
}

async function currentServer(file: string): Promise<string> {
  try {
    const config = (parse(await readFile(file, 'utf8')) ?? {}) as KubeconfigText;
    const context = config.contexts?.find(({ name }) => name === config['current-context']);
    const cluster = config.clusters?.find(({ name }) => name === context?.context?.cluster);
    const server = cluster?.cluster?.server;
    if (server === undefined) throw new Error('its current context names no server');
    return server;
  } catch (error) {
    throw new ToolError(
      `The run's kubeconfig cannot be used: ${(error as Error).message}.`,
      `Remove ${file} and try again; it is got anew.`,
      { cause: error },
    );
  }
}
