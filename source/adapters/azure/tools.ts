/** Versions of the programs the runbooks use. */
import { type Environment, runForText } from '../command/capture.ts';

/** Versions as the programs say them, without a leading `v`; null when not installed or when it does not say. */
export interface Tools {
  az: string | null;
  'aks-preview': string | null;
  kubectl: string | null;
  kubelogin: string | null;
}

/** Asks each program for its version. One that is missing or fails is null, not an error. */
export async function readTools(environment: Environment, signal?: AbortSignal): Promise<Tools> {
  const text = async (argv: readonly [string, ...string[]]): Promise<string> =>
    (await runForText(argv, { environment, signal, timeout: 60_000 })).stdout;
  const [az, kubectl, kubelogin] = await Promise.all([
    text(['az', 'version', '-o', 'json']),
    text(['kubectl', 'version', '--client', '-o', 'json']),
    text(['kubelogin', '--version']),
  ]);
  const azure = json<{ 'azure-cli'?: string; extensions?: Record<string, string> }>(az);
  const client = json<{ clientVersion?: { gitVersion?: string } }>(kubectl);
  return {
    az: azure?.['azure-cli'] ?? null,
    'aks-preview': azure?.extensions?.['aks-preview'] ?? null,
    kubectl: client?.clientVersion?.gitVersion?.replace(/^v/, '') ?? null,
    // "git hash: v0.1.4/2b52…" on the second line.
    kubelogin: /\bv?(\d+\.\d+\.\d+)\b/.exec(kubelogin)?.[1] ?? null,
  };
}

function json<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
