/** The clusters that were listed last, so that their names can be completed without asking Azure. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateDirectory } from './state-directory.ts';
import type { StateDirectory } from './state-directory.ts';

export interface KnownCluster {
  name: string;
  resourceGroup: string;
}

/** Milliseconds for which a list is taken for what there is. */
const fresh = 12 * 60 * 60 * 1000;

/** More than anybody completes by hand. */
const most = 2000;

/** Keeps a list in place of the one before. What cannot be kept is not: nothing depends on it. */
export async function keepClusters(
  state: StateDirectory,
  clusters: readonly KnownCluster[],
  now = Date.now(),
): Promise<void> {
  const file = fileOf(state);
  const written = `${file}.${process.pid}`;
  const names = clusters.slice(0, most).map(({ name, resourceGroup }) => ({ name, resourceGroup }));
  try {
    await makePrivateDirectory(state.root);
    await writeFile(written, JSON.stringify({ at: now, clusters: names }), { mode: 0o600 });
    await rename(written, file);
  } catch {
    await rm(written, { force: true }).catch(() => undefined);
  }
}

/** The list that was kept, while it is fresh. */
export async function knownClusters(
  state: StateDirectory,
  now = Date.now(),
): Promise<readonly KnownCluster[]> {
  try {
    const kept = JSON.parse(await readFile(fileOf(state), 'utf8')) as { at?: unknown; clusters?: unknown };
    if (typeof kept.at !== 'number' || kept.at > now || now - kept.at > fresh) return [];
    return Array.isArray(kept.clusters) ? kept.clusters.filter(isKnownCluster) : [];
  } catch {
    return [];
  }
}

function isKnownCluster(value: unknown): value is KnownCluster {
  const { name, resourceGroup } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof name === 'string' && typeof resourceGroup === 'string';
}

function fileOf({ root }: StateDirectory): string {
  return join(root, 'known-clusters.json');
}
