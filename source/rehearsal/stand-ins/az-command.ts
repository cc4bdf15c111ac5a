/** What every az command of the stand-in is made of. */
import type { Option, Values } from './arguments.ts';
import { subscriptionOf } from './az-profile.ts';

export type Json = Record<string, unknown>;

export interface Command {
  options: readonly Option[];
  /** Runs it; what it resolves with is printed. */
  run: (values: Values) => unknown;
  /** JMESPath: what `--output table` shows, for commands whose table is not simply everything. */
  columns?: string;
}

export const name: Option = { names: ['--name', '-n'], required: true };
export const group: Option = { names: ['--resource-group', '-g'], required: true };
export const yes: Option = { names: ['--yes', '-y'], flag: true };

/** ARM path of the subscription a command is for. */
export function root(values: Values): string {
  return `/subscriptions/${subscriptionOf(values)}`;
}

/** ARM path of the resource group that was named. */
export function groupPath(values: Values): string {
  return `${root(values)}/resourceGroups/${encodeURIComponent(values.get('resource-group') ?? '')}`;
}

/** az shows a resource with its `properties` among its own fields and the resource group added. */
export function flat(resource: Json): Json {
  const { properties, ...rest } = resource;
  return asPrinted({ ...rest, ...(properties as Json), resourceGroup: groupOf(resource) }) as Json;
}

/** Words that ARM writes in capitals and az does not, as in `enableRBAC` and `enableRbac`. */
const capitals = /(?<=[a-z])(?:FIPS|FQDN|GB|IP|RBAC|SKU|UID)$/u;

/** The names and times of a resource as az writes them. */
function asPrinted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asPrinted);
  if (typeof value !== 'object' || value === null) return asPythonTime(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(capitals, (word) => `${word[0]}${word.slice(1).toLowerCase()}`),
      asPrinted(inner),
    ]),
  );
}

function asPythonTime(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{3})Z$/u, '$1.$2000+00:00');
}

/** The same, for a command that may have nothing to show. */
export function flatOrNothing(resource: Json | undefined): Json | undefined {
  return resource === undefined ? undefined : flat(resource);
}

/** The resource group in a resource's id. */
export function groupOf(resource: Json): string | undefined {
  return /\/resourceGroups\/([^/]+)/iu.exec(String(resource['id']))?.[1];
}
