/** The stand-in for kubectl: the few commands a migration meets, for secrets and namespaces. */
import { parseArgs } from 'node:util';

import { Ended } from './ended.ts';
import { configCommand } from './kubectl-config.ts';
import { get, patch, replace } from './kubectl-secrets.ts';
import { KubernetesClient, readKubeconfig } from './kubernetes-client.ts';

const options = {
  'all-namespaces': { type: 'boolean', short: 'A' },
  namespace: { type: 'string', short: 'n' },
  output: { type: 'string', short: 'o' },
  filename: { type: 'string', short: 'f' },
  patch: { type: 'string', short: 'p' },
  type: { type: 'string' },
  'dry-run': { type: 'string' },
  client: { type: 'boolean' },
  minify: { type: 'boolean' },
  raw: { type: 'boolean' },
  'no-headers': { type: 'boolean' },
  'chunk-size': { type: 'string' },
  quiet: { type: 'boolean', short: 'q' },
  kubeconfig: { type: 'string' },
  'request-timeout': { type: 'string' },
} as const;

export type Flags = Partial<Record<keyof typeof options, string | boolean>>;

/**
 * Runs one kubectl command.
 *
 * @throws Ended with kubectl's words and exit status 1.
 */
export async function kubectl(words: readonly string[]): Promise<void> {
  const { values, positionals } = parse(words);
  const flags: Flags = values;
  const [command = '', ...rest] = positionals;
  if (command === 'version' && flags.client === true) {
    version(undefined, flags);
    return;
  }
  if (!['version', 'config', 'get', 'replace', 'patch', 'auth'].includes(command))
    throw new Ended(1, `error: unknown command "${command}" for "kubectl"`);
  const config = await readKubeconfig(values.kubeconfig);
  if (command === 'config') {
    await configCommand(config, rest, flags);
    return;
  }
  const client = new KubernetesClient(config);
  try {
    if (command === 'version') version(await client.ask('GET', '/version'), flags);
    else if (command === 'get') await get(client, rest, flags);
    else if (command === 'replace') await replace(client, flags);
    else if (command === 'patch') await patch(client, rest, flags);
    else await canI(client, rest, flags);
  } finally {
    client.close();
  }
}

function parse(
  words: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    throw new Ended(1, `error: ${(error as Error).message}`);
  }
}

function version(server: Record<string, unknown> | undefined, flags: Flags): void {
  const client = { major: '1', minor: '34', gitVersion: 'v1.34.1', platform: 'linux/amd64' };
  const lines = [`Client Version: ${client.gitVersion}`, 'Kustomize Version: v5.7.1'];
  if (server !== undefined) lines.push(`Server Version: ${String(server['gitVersion'])}`);
  const all = {
    clientVersion: client,
    kustomizeVersion: 'v5.7.1',
    ...(server === undefined ? {} : { serverVersion: server }),
  };
  process.stdout.write(
    flags.output === 'json' ? `${JSON.stringify(all, undefined, 2)}\n` : `${lines.join('\n')}\n`,
  );
}

/** `kubectl auth can-i VERB RESOURCE`. */
async function canI(client: KubernetesClient, [word, verb, resource]: string[], flags: Flags): Promise<void> {
  if (word !== 'can-i' || verb === undefined || resource === undefined)
    throw new Ended(1, 'error: you must specify two arguments: verb resource or verb resource/resourceName.');
  const review = await client.ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    spec: {
      resourceAttributes: {
        verb,
        resource,
        ...(flags['all-namespaces'] === true ? {} : { namespace: flags.namespace ?? 'default' }),
      },
    },
  });
  const allowed = (review['status'] as { allowed?: boolean } | undefined)?.allowed === true;
  if (flags.quiet !== true) process.stdout.write(allowed ? 'yes\n' : 'no\n');
  if (!allowed) throw new Ended(1, '');
}
