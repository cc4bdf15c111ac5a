/** The operator's own kubeconfig, read as kubectl reads it where the library does otherwise. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';

/**
 * Reads those of `files` that are there, or else of those KUBECONFIG names, or the usual one. Of several each name
 * counts as in the first that has it, also that of the current context. (The library takes the last file's context, and
 * a name that comes twice for an error, and does not know `tokenFile`.) Throws what reading or parsing throws.
 * Source: "Organizing Cluster Access Using kubeconfig Files" in the Kubernetes documentation; `AuthInfo` of client-go.
 */
export async function readKubeconfig(files: readonly string[] = usualFiles()): Promise<KubeConfig> {
  const { KubeConfig } = await import('./library.ts');
  const config = new KubeConfig();
  const there = files.filter((file) => existsSync(file));
  const parts = there.map((file) => {
    const part = new KubeConfig();
    part.loadFromFile(file);
    return part;
  });
  // In a pod there may be no file: the library knows what there is instead.
  if (parts.length === 0 && !process.env['KUBECONFIG']) {
    config.loadFromDefault();
    // Where there is nothing at all, it makes up a cluster on this machine.
    if (config.getCurrentContext() === 'loaded-context')
      config.loadFromOptions({ clusters: [], users: [], contexts: [], currentContext: '' });
  } else
    config.loadFromOptions({
      clusters: firstOfEach(parts.flatMap((part) => part.getClusters())),
      users: firstOfEach(parts.flatMap((part) => part.getUsers())),
      contexts: firstOfEach(parts.flatMap((part) => part.getContexts())),
      currentContext: parts.map((part) => part.getCurrentContext()).find((context) => context) ?? '',
    });
  useTokenFiles(config, firstOfEach(there.flatMap(usersIn)));
  return config;
}

function usualFiles(): string[] {
  const named = process.env['KUBECONFIG'];
  return named ? named.split(delimiter) : [join(homedir(), '.kube', 'config')];
}

function firstOfEach<T extends { name: string }>(all: readonly T[]): T[] {
  const known = new Map<string, T>();
  for (const one of all) if (!known.has(one.name)) known.set(one.name, one);
  return [...known.values()];
}

interface User {
  name: string;
  /** Absolute. */
  tokenFile: string | undefined;
}

function usersIn(file: string): User[] {
  const text = parse(readFileSync(file, 'utf8')) as {
    users?: readonly { name: string; user?: { tokenFile?: string } }[];
  } | null;
  return (text?.users ?? []).map(({ name, user }) => ({
    name,
    tokenFile: user?.tokenFile && resolve(dirname(file), user.tokenFile),
  }));
}

/** Such a file is read each time, since what is in it is renewed, and it counts for more than a token beside it. */
function useTokenFiles(config: KubeConfig, users: readonly User[]): void {
  const tokenFiles = new Map(
    users.flatMap(({ name, tokenFile }): [string, string][] => (tokenFile ? [[name, tokenFile]] : [])),
  );
  for (const user of config.getUsers())
    if (tokenFiles.has(user.name)) Object.assign(user, { token: undefined });
  config.addAuthenticator({
    isAuthProvider: ({ name }) => tokenFiles.has(name),
    async applyAuthentication({ name }, options) {
      const token = await readFile(tokenFiles.get(name) ?? '', 'utf8');
      options.headers = { ...options.headers, Authorization: `Bearer ${token.trim()}` };
    },
  });
}
