/** Things that can be made to go wrong in a rehearsal, and the memory of how often each has. */
import { chance } from './random.ts';
import type { State } from './state.ts';

/** Where a fault bites, in the order of a night. */
export const faultPlaces = {
  checks: 'Before the first change: what the checks and doctor find',
  'sign-in': 'While a change runs: the sign-in',
  change: 'While the cluster is changed',
  azure: 'Whenever Azure is read',
  secrets: 'While the secrets are rewritten (what is denied shows in the checks, too)',
  server: 'Whenever the API server is asked for secrets',
} as const;

type FaultPlace = keyof typeof faultPlaces;

/** Each is named on the command line; "once" faults strike and are gone, the others stay. */
export const faults = [
  {
    name: 'update-fails-once',
    at: 'change',
    description: 'The first update ends as Failed with InternalOperationError.',
  },
  { name: 'update-canceled', at: 'change', description: 'The first update ends as Canceled.' },
  { name: 'update-never-ends', at: 'change', description: 'Updates never end.' },
  { name: 'slow-update', at: 'change', description: 'Updates take 30 minutes instead of 5.' },
  {
    name: 'failure-keeps-goal',
    at: 'change',
    description: 'After a failed operation ARM shows the requested settings although they are not in force.',
  },
  {
    name: 'operation-in-progress',
    at: 'change',
    description: 'Somebody else is at work on the cluster at the first change.',
  },
  {
    name: 'identity-permission',
    at: 'change',
    description: "The cluster's identity may not use the key, the first time.",
  },
  { name: 'key-expired', at: 'change', description: 'The key in the vault has expired, the first time.' },
  {
    name: 'vault-network-differs',
    at: 'checks',
    description: 'A public vault has its public access turned off, a private one has it turned on.',
  },
  {
    name: 'vault-bypass-off',
    at: 'checks',
    description: 'The vault does not let trusted Microsoft services pass its firewall.',
  },
  {
    name: 'vault-access-policies',
    at: 'checks',
    description: 'The vault uses access policies instead of roles.',
  },
  {
    name: 'roles-missing',
    at: 'checks',
    description: "The cluster's identity has neither roles nor a policy on the vault.",
  },
  {
    name: 'policy-blocks',
    at: 'secrets',
    description: 'A webhook of Gatekeeper denies changes to secrets in the namespace payments (403).',
  },
  {
    name: 'policy-validates',
    at: 'secrets',
    description: 'A ValidatingAdmissionPolicy denies changes to secrets in the namespace payments (422).',
  },
  {
    name: 'webhook-refuses',
    at: 'secrets',
    description: 'A webhook that gives no status denies changes to secrets in the namespace payments (400).',
  },
  {
    name: 'webhook-down',
    at: 'secrets',
    description: 'A webhook that every change to a secret needs does not answer (500).',
  },
  {
    name: 'webhook-stamps',
    at: 'secrets',
    description:
      'A webhook adds the time to each secret of the namespace monitoring that is written: every write changes it.',
  },
  {
    name: 'secret-refused',
    at: 'secrets',
    description: 'A webhook denies changes to the secret client-0001 in identity (403).',
  },
  {
    name: 'one-namespace',
    at: 'checks',
    description:
      'In the cluster the signed-in account may act in the namespace payments only, and list nothing else.',
  },
  {
    name: 'secrets-forbidden',
    at: 'checks',
    description: 'The signed-in account may read secrets but not change them.',
  },
  { name: 'no-permission', at: 'checks', description: 'The signed-in account may not write the cluster.' },
  { name: 'feature-not-registered', at: 'checks', description: 'The preview feature is not registered.' },
  { name: 'aks-preview-missing', at: 'checks', description: 'The aks-preview extension is not installed.' },
  { name: 'aks-preview-old', at: 'checks', description: 'The aks-preview extension is 18.0.0b1.' },
  { name: 'az-old', at: 'checks', description: 'The Azure CLI is 2.70.0.' },
  {
    name: 'preview-api-refused',
    at: 'checks',
    description: 'ARM knows no preview api-version of managed clusters.',
  },
  {
    name: 'throttled',
    at: 'azure',
    description: 'The first three reads are answered with 429 and Retry-After.',
  },
  {
    name: 'azure-errors',
    at: 'azure',
    description: 'The first three reads are answered with 500, 502 and 503.',
  },
  {
    name: 'polls-reset',
    at: 'change',
    description: 'The connection is reset each time the first change is asked after, until az gives up.',
  },
  {
    name: 'answer-lost',
    at: 'change',
    description: 'The first change is carried out, and the connection is reset before the answer.',
  },
  {
    name: 'stale-read',
    at: 'change',
    description: 'The first five reads after a change still show the old settings.',
  },
  {
    name: 'continue-expires',
    at: 'secrets',
    description: 'The first continue token of a list of secrets has expired when it is used.',
  },
  {
    name: 'lists-expire',
    at: 'secrets',
    description:
      'Every continue token of a list of secrets has expired when it is used; the one given instead works.',
  },
  {
    name: 'secrets-busy',
    at: 'secrets',
    description: 'Others create, change and delete secrets while secrets are being rewritten.',
  },
  {
    name: 'api-server-lags',
    at: 'secrets',
    description:
      'Every other connection leads to an API server that still uses the key before, for 100 writes.',
  },
  { name: 'patch-conflicts', at: 'secrets', description: 'One patch of a secret in 20 is a conflict (409).' },
  {
    name: 'api-throttled',
    at: 'server',
    description: 'The API server works on 16 requests at a time, lets 32 wait, and refuses more (429).',
  },
  {
    name: 'api-errors',
    at: 'server',
    description:
      'One request for secrets in 20 fails (500, 502, 503, 504), some after they were carried out.',
  },
  {
    name: 'connections-reset',
    at: 'server',
    description:
      'At one request for secrets in 100 the connection breaks, sometimes after it was carried out.',
  },
  { name: 'api-hangs', at: 'server', description: 'One request for secrets in 100 is never answered.' },
  {
    name: 'distant-api-server',
    at: 'server',
    description: 'Each round trip between a client and the API server takes 24 ms longer.',
  },
  { name: 'token-expired', at: 'sign-in', description: 'The sign-in has expired at the first change.' },
  {
    name: 'sign-in-ends',
    at: 'sign-in',
    description: 'The sign-in runs out during the first change, until az login.',
  },
  { name: 'token-expires-soon', at: 'sign-in', description: 'The tokens az gets are good for ten minutes.' },
  {
    name: 'second-subscription',
    at: 'checks',
    description:
      'A second subscription has a cluster of the same name, in a resource group of the same name.',
  },
] as const satisfies readonly { name: string; at: FaultPlace; description: string }[];

export type FaultName = (typeof faults)[number]['name'];

/** The namespace that policies protect. */
export const blockedNamespace = 'payments';
/** The namespace `webhook-stamps` is about. */
export const stampedNamespace = 'monitoring';
/** The only namespace `one-namespace` lets anything be done in. */
export const ownNamespace = 'payments';
/** The secret `secret-refused` is about. */
export const refusedSecret = 'identity/client-0001';

export function isFaultName(name: string): name is FaultName {
  return faults.some((fault) => fault.name === name);
}

export function has(state: State, fault: FaultName): boolean {
  return state.faults.includes(fault);
}

/** True the first `times` times it is asked while the fault is in place. The caller saves the state. */
export function strikes(state: State, fault: FaultName, times = 1): boolean {
  const before = state.struck[fault] ?? 0;
  if (!has(state, fault) || before >= times) return false;
  state.struck[fault] = before + 1;
  return true;
}

/**
 * True for one in `period` of the times it is asked while the fault is in place: once in each `period` of them, at a
 * place that follows from the seed.
 */
export function strikesOneIn(state: State, fault: FaultName, period: number): boolean {
  if (!has(state, fault)) return false;
  state.met ??= {};
  const before = state.met[fault] ?? 0;
  state.met[fault] = before + 1;
  const place = Math.floor(chance(seedOf(state), fault, Math.floor(before / period)) * period);
  return before % period === place;
}

/** The seed of everything that happens by chance in this rehearsal. */
export function seedOf(state: State): number {
  return state.seed ?? 1;
}
