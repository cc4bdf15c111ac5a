/** Who the stand-in az is signed in as and which subscription is its default: read anew by every command, as az does. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { user } from '../subscription.ts';
import { readConfig } from './arm-client.ts';
import type { Values } from './arguments.ts';

interface Subscription {
  id: string;
  name: string;
}

interface Profile {
  user: string;
  /** Id of the default subscription. */
  subscription: string;
}

const path = (): string => join(process.env['AZURE_CONFIG_DIR'] ?? '', 'rehearsal-profile.json');

/** The profile as `az login` and `az account set` left it; at first the simulation's user and own subscription. */
export function readProfile(): Profile {
  const first: Profile = { user: user.name, subscription: readConfig().subscriptions[0]?.id ?? '' };
  try {
    return { ...first, ...(JSON.parse(readFileSync(path(), 'utf8')) as Partial<Profile>) };
  } catch {
    return first;
  }
}

/** Keeps a change for the commands that start from now on. */
export function changeProfile(change: Partial<Profile>): void {
  writeFileSync(path(), JSON.stringify({ ...readProfile(), ...change }), { mode: 0o600 });
}

/** The subscription of this id or name, whatever its case. */
export function subscriptionNamed(wanted: string): Subscription | undefined {
  const text = wanted.toLowerCase();
  return readConfig().subscriptions.find((one) => one.id === text || one.name.toLowerCase() === text);
}

/** Id of the subscription a command is for: the one it names, else the default. One az does not know stays as it is. */
export function subscriptionOf(values: Values): string {
  const wanted = values.get('subscription');
  if (wanted === undefined) return readProfile().subscription;
  const known = subscriptionNamed(wanted);
  if (known === undefined) process.stderr.write(`WARNING: Subscription '${wanted}' not recognized.\n`);
  return known?.id ?? wanted;
}
