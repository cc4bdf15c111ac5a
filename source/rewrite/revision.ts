/**
 * Resource versions as numbers of the store's state. Within one type of resource a later write has a higher number:
 * documented from Kubernetes 1.35 on ("Resource versions", comparable), and before that how etcd, which AKS keeps
 * Secrets in, has always numbered them.
 */

/** Whether `text` is such a number: decimal, without leading zeros. */
export function isRevision(text: unknown): text is string {
  return typeof text === 'string' && /^(?:0|[1-9][0-9]*)$/.test(text);
}

/** Whether `a` is of a later state than `b`. Exact for numbers of any length. */
export function isNewer(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}
