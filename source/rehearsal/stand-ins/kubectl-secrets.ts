/** `kubectl get`, `replace` and `patch`. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import { Ended } from './ended.ts';
import type { Flags } from './kubectl.ts';
import type { KubernetesClient } from './kubernetes-client.ts';

interface Item {
  kind: string;
  metadata: { name: string; namespace?: string; creationTimestamp?: string; resourceVersion?: string };
  type?: string;
  data?: Record<string, string>;
}

/** Lists secrets or namespaces in pages, or reads one. */
export async function get(
  client: KubernetesClient,
  [resource = '', name]: string[],
  flags: Flags,
): Promise<void> {
  const path = resourcePath(resource, flags);
  const items: Item[] = [];
  let next = '';
  do {
    const query = name === undefined ? `?limit=${flags['chunk-size'] ?? 500}&continue=${next}` : '';
    const answer = await client.ask('GET', `${path}${name === undefined ? '' : `/${name}`}${query}`);
    check(answer);
    if (name !== undefined) items.push(answer as unknown as Item);
    else items.push(...itemsOf(answer));
    next = String((answer['metadata'] as { continue?: string }).continue ?? '');
  } while (next !== '');
  if (items.length === 0 && flags.output === undefined) {
    process.stderr.write('No resources found\n');
    return;
  }
  const shown =
    name === undefined
      ? { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } }
      : items[0];
  process.stdout.write(await rendered(shown, items, flags));
}

/** What a list holds, each said to be what the list is one of. */
function itemsOf(list: Record<string, unknown>): Item[] {
  const kind = String(list['kind']).replace(/List$/u, '');
  const items = (list['items'] ?? []) as Omit<Item, 'kind'>[];
  return items.map((item) => ({ apiVersion: list['apiVersion'], kind, ...item }));
}

/**
 * Puts every object of the file in the place of the stored one. As with kubectl 1.33, it goes on after a failure, and
 * nothing to replace is no failure.
 */
export async function replace(client: KubernetesClient, flags: Flags): Promise<void> {
  if (typeof flags.filename !== 'string') throw new Ended(1, 'error: must specify --filename, -f');
  const source = flags.filename === '-' ? 'STDIN' : flags.filename;
  const content = source === 'STDIN' ? await text(process.stdin) : readFileSync(source, 'utf8');
  const objects = (await documents(content)).flatMap((object) => object.items ?? [object]);
  let failures = 0;
  for (const object of objects) {
    const { name, namespace = String(flags.namespace ?? 'default') } = object.metadata;
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}${dryRun(flags)}`;
    const answer = await client.ask('PUT', path, object);
    if (answer['kind'] === 'Status') {
      failures += 1;
      process.stderr.write(`${serverError(answer, `error when replacing "${source}": `)}\n`);
    } else process.stdout.write(`secret/${name} replaced${dryRunMark(flags)}\n`);
  }
  if (failures > 0) throw new Ended(1, '');
}

/** Applies a merge patch to one secret. */
export async function patch(
  client: KubernetesClient,
  [resource = '', given]: string[],
  flags: Flags,
): Promise<void> {
  const [kind = '', name = given] = resource.split('/');
  if (name === undefined || typeof flags.patch !== 'string')
    throw new Ended(1, 'error: must specify --patch or --patch-file');
  const path = `${resourcePath(kind, { ...flags, 'all-namespaces': false })}/${name}`;
  const type =
    flags.type === 'merge' ? 'application/merge-patch+json' : 'application/strategic-merge-patch+json';
  const before = await client.ask('GET', path);
  check(before);
  const after = await client.ask('PATCH', `${path}${dryRun(flags)}`, JSON.parse(flags.patch), type);
  check(after);
  const moved = versionOf(before) !== versionOf(after);
  process.stdout.write(`secret/${name} patched${dryRunMark(flags)}${moved ? '' : ' (no change)'}\n`);
}

function resourcePath(resource: string, flags: Flags): string {
  if (/^(?:ns|namespaces?)$/u.test(resource)) return '/api/v1/namespaces';
  if (!/^secrets?$/u.test(resource))
    throw new Ended(1, `error: the server doesn't have a resource type "${resource}"`);
  return flags['all-namespaces'] === true
    ? '/api/v1/secrets'
    : `/api/v1/namespaces/${String(flags.namespace ?? 'default')}/secrets`;
}

async function rendered(shown: unknown, items: readonly Item[], flags: Flags): Promise<string> {
  if (flags.output === 'json') return `${JSON.stringify(shown, undefined, 4)}\n`;
  if (flags.output === 'yaml') return (await import('yaml')).stringify(shown);
  if (flags.output === 'name')
    return items
      .map(({ kind, metadata }) => `${(kind ?? 'secret').toLowerCase()}/${metadata.name}\n`)
      .join('');
  if (flags.output !== undefined && flags.output !== 'wide')
    throw new Ended(1, `error: unable to match a printer suitable for the output format "${flags.output}"`);
  const all = flags['all-namespaces'] === true;
  const header = [...(all ? ['NAMESPACE'] : []), 'NAME', 'TYPE', 'DATA'];
  const rows = items.map(({ metadata, type, data }) => [
    ...(all ? [metadata.namespace ?? ''] : []),
    metadata.name,
    type ?? '',
    String(Object.keys(data ?? {}).length),
  ]);
  const lines = flags['no-headers'] === true ? rows : [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}

async function documents(content: string): Promise<(Item & { items?: Item[] })[]> {
  if (content.trim() === '') return [];
  if (content.trimStart().startsWith('{')) return [JSON.parse(content) as Item];
  const { parseAllDocuments } = await import('yaml');
  return parseAllDocuments(content).map((document) => document.toJSON() as Item);
}

function check(answer: Record<string, unknown>): void {
  if (answer['kind'] === 'Status') throw new Ended(1, serverError(answer, ''));
}

interface Details {
  kind?: string;
  name?: string;
  causes?: { field?: string; message?: string }[];
}

function serverError(status: Record<string, unknown>, where: string): string {
  const { code, reason, message, details } = status as { [name: string]: unknown; details?: Details };
  if (code === 401) return 'error: You must be logged in to the server (Unauthorized)';
  if (reason === 'Invalid' && details?.causes !== undefined && where === '') {
    const causes = details.causes.map(({ field = '', message: told }) => `${field}: ${told}`);
    return `The ${details.kind} "${details.name}" is invalid: ${causes.join(', ')}`;
  }
  const why = reason === undefined ? '' : ` (${String(reason)})`;
  return `Error from server${why}: ${where}${String(message)}`;
}

function versionOf(object: Record<string, unknown>): unknown {
  return (object as unknown as Item).metadata.resourceVersion;
}

function dryRun(flags: Flags): string {
  return flags['dry-run'] === 'server' ? '?dryRun=All' : '';
}

function dryRunMark(flags: Flags): string {
  return flags['dry-run'] === 'server' ? ' (server dry run)' : '';
}
