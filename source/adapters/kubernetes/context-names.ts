/** The names of the contexts in the operator's kubeconfig, read quickly and without the Kubernetes library. */
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';

/** Bytes; one that is longer is not a kubeconfig somebody waits for at a prompt. */
const most = 1024 * 1024;

/** Names of contexts, of all files that KUBECONFIG names or of the usual one. Never throws: what cannot be read has none. */
export async function contextNames(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const named = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  const files = named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
  const names = await Promise.all(files.map(namesIn));
  return [...new Set(names.flat())];
}

async function namesIn(file: string): Promise<string[]> {
  try {
    const { size } = await stat(file);
    if (size > most) return [];
    const { contexts } = (parse(await readFile(file, 'utf8')) ?? {}) as { contexts?: unknown };
    return Array.isArray(contexts)
      ? contexts.flatMap((context: unknown) => {
          const { name } = (context ?? {}) as { name?: unknown };
          return typeof name === 'string' ? [name] : [];
        })
      : [];
  } catch {
    return [];
  }
}
