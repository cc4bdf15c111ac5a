/** Simulated clusters to measure against, each in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Cluster {
  /** A directory that is removed with it. */
  directory: string;
  kubeconfig: string;
  /** Secrets that are under the current key, and values that were sent to a client. */
  record(): Promise<{ current: number; valuesSent: number }>;
}

/** Does something with a new cluster whose Secrets are all under the key before. `roundTrip` in milliseconds. */
export async function withCluster<T>(
  secrets: number,
  roundTrip: number,
  use: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'aks-kms-runbook-bench-'));
  const script = fileURLToPath(new URL('../bench-cluster.ts', import.meta.url));
  const child = fork(script, [String(secrets), String(roundTrip), join(directory, 'simulation')]);
  try {
    const [content] = (await once(child, 'message')) as [string];
    const kubeconfig = join(directory, 'kubeconfig');
    writeFileSync(kubeconfig, content, { mode: 0o600 });
    return await use({
      directory,
      kubeconfig,
      async record() {
        child.send('record');
        const [record] = (await once(child, 'message')) as [{ current: number; valuesSent: number }];
        return record;
      },
    });
  } finally {
    const ended = child.exitCode === null ? once(child, 'exit') : undefined;
    child.disconnect();
    await ended;
    rmSync(directory, { recursive: true, force: true });
  }
}
