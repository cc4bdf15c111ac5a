/** What every az command of the stand-in is made of. */
import { location, subscription } from '../subscription.ts';
import type { Option, Values } from './arguments.ts';

export type Json = Record<string, unknown>;

export interface Command {
  options: readonly Option[];
  /** Runs it; what it resolves with is printed. */
  run: (values: Values) => unknown;
}

export const name: Option = { names: ['--name', '-n'], required: true };
export const group: Option = { names: ['--resource-group', '-g'], required: true };
export const yes: Option = { names: ['--yes', '-y'], flag: true };

/** ARM path of the subscription. */
export const root = `/subscriptions/${subscription.id}`;

/** ARM path of the resource group that was named. */
export function groupPath(values: Values): string {
  return `${root}/resourceGroups/${encodeURIComponent(values.get('resource-group') ?? '')}`;
}

/** az shows a resource with its `properties` among its own fields and the resource group added. */
export function flat(resource: Json): Json {
  const { properties, ...rest } = resource;
  return { ...rest, ...(properties as Json), location, resourceGroup: groupOf(resource) };
}

/** The same, for a command that may have nothing to show. */
export function flatOrNothing(resource: Json | undefined): Json | undefined {
  return resource === undefined ? undefined : flat(resource);
}

/** The resource group in a resource's id. */
export function groupOf(resource: Json): string | undefined {
  return /\/resourceGroups\/([^/]+)/iu.exec(String(resource['id']))?.[1];
}
