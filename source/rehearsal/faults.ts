/** Things that can be made to go wrong in a rehearsal, and the memory of how often each has. */
import type { State } from './state.ts';

/** Each is named on the command line; "once" faults strike and are gone, the others stay. */
export const faults = [
  { name: 'update-fails-once', description: 'The first update ends as Failed with InternalOperationError.' },
  { name: 'update-canceled', description: 'The first update ends as Canceled.' },
  { name: 'update-never-ends', description: 'Updates never end.' },
  { name: 'slow-update', description: 'Updates take 30 minutes instead of 5.' },
  {
    name: 'failure-keeps-goal',
    description: 'After a failed operation ARM shows the requested settings although they are not in force.',
  },
  {
    name: 'operation-in-progress',
    description: 'Somebody else is at work on the cluster at the first change.',
  },
  { name: 'identity-permission', description: "The cluster's identity may not use the key, the first time." },
  { name: 'key-expired', description: 'The key in the vault has expired, the first time.' },
  {
    name: 'vault-network-differs',
    description: 'A public vault has its public access turned off, a private one has it turned on.',
  },
  {
    name: 'vault-bypass-off',
    description: 'The vault does not let trusted Microsoft services pass its firewall.',
  },
  { name: 'vault-access-policies', description: 'The vault uses access policies instead of roles.' },
  {
    name: 'roles-missing',
    description: "The cluster's identity has neither roles nor a policy on the vault.",
  },
  { name: 'policy-blocks', description: 'A policy denies changes to secrets in the namespace payments.' },
  { name: 'no-permission', description: 'The signed-in account may not write the cluster.' },
  { name: 'feature-not-registered', description: 'The preview feature is not registered.' },
  { name: 'aks-preview-missing', description: 'The aks-preview extension is not installed.' },
  { name: 'aks-preview-old', description: 'The aks-preview extension is 18.0.0b1.' },
  { name: 'az-old', description: 'The Azure CLI is 2.70.0.' },
  { name: 'preview-api-refused', description: 'ARM knows no preview api-version of managed clusters.' },
  { name: 'throttled', description: 'The first three reads are answered with 429 and Retry-After.' },
  {
    name: 'azure-errors',
    description: 'The first three reads are answered with 500, 502 and 503.',
  },
  {
    name: 'polls-reset',
    description: 'The connection is reset each time the first change is asked after, until az gives up.',
  },
  {
    name: 'answer-lost',
    description: 'The first change is carried out, and the connection is reset before the answer.',
  },
  { name: 'stale-read', description: 'The first five reads after a change still show the old settings.' },
  {
    name: 'continue-expires',
    description: 'The first continue token of a list of secrets has expired when it is used.',
  },
  { name: 'token-expired', description: 'The sign-in has expired at the first change.' },
  {
    name: 'sign-in-ends',
    description: 'The sign-in runs out during the first change, until az login.',
  },
  { name: 'token-expires-soon', description: 'The tokens az gets are good for ten minutes.' },
  {
    name: 'second-subscription',
    description:
      'A second subscription has a cluster of the same name, in a resource group of the same name.',
  },
] as const satisfies readonly { name: string; description: string }[];

export type FaultName = (typeof faults)[number]['name'];

/** The namespace `policy-blocks` is about. */
export const blockedNamespace = 'payments';

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
