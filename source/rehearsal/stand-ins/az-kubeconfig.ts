/** `az aks get-credentials`: where the kubeconfig goes, and how it joins one that is already there. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import type { Values } from './arguments.ts';
import { azError } from './ended.ts';

interface Named {
  name: string;
}
interface Kubeconfig {
  clusters?: Named[];
  contexts?: Named[];
  users?: Named[];
  'current-context'?: string;
}

/**
 * Writes or merges the kubeconfig (0600), or prints it for `--file -`.
 *
 * @throws Ended when an entry of that name is there already and may not be replaced.
 */
export async function storeKubeconfig(kubeconfig: string, values: Values): Promise<void> {
  const path =
    values.get('file') ?? process.env['KUBECONFIG']?.split(':')[0] ?? join(homedir(), '.kube', 'config');
  if (path === '-') {
    process.stdout.write(kubeconfig);
    return;
  }
  const { parse, stringify } = await import('yaml');
  const added = parse(kubeconfig) as Kubeconfig;
  const existing = existsSync(path) ? (parse(readFileSync(path, 'utf8')) as Kubeconfig | null) : null;
  const merged = existing === null ? added : merge(existing, added, values.has('overwrite-existing'));
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, stringify(merged), { mode: 0o600 });
  chmodSync(path, 0o600);
  process.stderr.write(`Merged "${added['current-context']}" as current context in ${path}\n`);
}

function merge(existing: Kubeconfig, added: Kubeconfig, overwrite: boolean): Kubeconfig {
  const merged: Kubeconfig = { ...existing };
  for (const part of ['clusters', 'users', 'contexts'] as const) {
    const byName = new Map((added[part] ?? []).map((entry) => [entry.name, entry]));
    const kept = (existing[part] ?? []).filter(({ name }) => !byName.has(name));
    const clash = (existing[part] ?? []).find(
      (entry) => byName.has(entry.name) && !isDeepStrictEqual(entry, byName.get(entry.name)),
    );
    if (clash !== undefined && !overwrite)
      throw azError(
        `A different object named ${clash.name} already exists in ${part} in your kubeconfig file.`,
      );
    merged[part] = [...kept, ...(added[part] ?? [])];
  }
  merged['current-context'] = added['current-context'] ?? '';
  return merged;
}
