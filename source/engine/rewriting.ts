/**
 * What a rewrite of all Secrets has got done, and what it does next. A rewrite is one pass that writes every Secret
 * anew, then passes that verify it: each must find every Secret current. Pure.
 */

/** Secrets looked at, and what became of them. `listed` is the sum of the others. */
export interface RewriteCounts {
  listed: number;
  /** Stored anew since they were listed: by this tool, or meanwhile by somebody else. In a verification: moved. */
  rewritten: number;
  /** Under the current key already: nothing was written. */
  current: number;
  /** Deleted meanwhile. */
  gone: number;
  refused: number;
}

/** Secrets the API server does not let be written, with its reason. The reason holds for each of `names`. */
export interface RefusedSecrets {
  namespace: string;
  names: readonly string[];
  message: string;
}

/** Where a namespace is to be gone on with. */
export interface NamespacePoint {
  /** All of its Secrets have been dealt with. */
  done: boolean;
  /** The last Secret, by name, that it and all before it have been dealt with. */
  after?: string | undefined;
  /** The API server's token for the list from there on; it lasts some minutes. */
  continue?: string | undefined;
}

/** What a pass has done in a namespace since it told so last (`counts`), and how far it is. */
export interface NamespaceProgress extends NamespacePoint {
  name: string;
  counts: RewriteCounts;
}

/** What a pass has done since it told so last. */
export interface RewriteProgress {
  namespaces: readonly NamespaceProgress[];
  refused: readonly RefusedSecrets[];
  /** Requests that had to be sent again: the API server was busy, did not answer, or had a conflict. */
  retries: number;
}

/** How much there is to write. */
export interface RewriteExtent {
  /** About how many Secrets; undefined: not told. */
  secrets?: number | undefined;
  /** Those without a Secret included. */
  namespaces: number;
}

/** Requests under way at most, unless the operator says otherwise. */
export const usualInFlight = 100;

export interface SecretName {
  namespace: string;
  name: string;
}

/** What a pass has told, as a list that grows without being copied: there may be thousands. */
interface Told {
  readonly last: RewriteProgress;
  readonly before: Told | undefined;
}

/** One pass over the Secrets. */
export interface RewritePass {
  /** From 1. */
  number: number;
  verifies: boolean;
  startedAt: string;
  endedAt?: string | undefined;
  counts: RewriteCounts;
  retries: number;
  /** What it has told, the last first; `namespacesOf` and `refusedIn` add it up. */
  told: Told | undefined;
  /** Of a verification that has ended: Secrets that were changed again at each further look. */
  unproven: readonly SecretName[];
}

/** The passes of a rewrite, in order. */
export type RewriteState = readonly RewritePass[];

/** What comes next in a rewrite. */
export type NextPass =
  /** `from`: the pass that is gone on with. */
  | { kind: 'pass'; number: number; verifies: boolean; from?: RewritePass | undefined }
  /** A verification, the last pass, found every Secret current that could be written. */
  | { kind: 'verified'; last: RewritePass }
  /** Secrets still moved in the last verification there is. */
  | { kind: 'unverified'; last: RewritePass };

/** Verifications before a rewrite is given up. */
export const mostVerifications = 5;

export const noCounts: RewriteCounts = { listed: 0, rewritten: 0, current: 0, gone: 0, refused: 0 };

/**
 * What comes next; `written`: something else has written the Secrets. A pass that writes goes on where it was interrupted; a verification is of one piece and begins
 * anew, since what it found before proves nothing about what has happened meanwhile.
 */
export function nextPass(passes: RewriteState, written = false): NextPass {
  const last = passes.at(-1);
  if (last === undefined) return { kind: 'pass', number: 1, verifies: written };
  if (last.endedAt === undefined) {
    if (!last.verifies) return { kind: 'pass', number: last.number, verifies: false, from: last };
    return { kind: 'pass', number: last.number + 1, verifies: true };
  }
  if (last.verifies && isClean(last)) return { kind: 'verified', last };
  const verifications = passes.filter((pass) => pass.verifies && pass.endedAt !== undefined).length;
  if (verifications >= mostVerifications) return { kind: 'unverified', last };
  return { kind: 'pass', number: last.number + 1, verifies: true };
}

/**
 * Whether a verification shows that all are current. A few may have been written by somebody else while it went on,
 * if each of those was found current when it was looked at once more.
 */
export function isClean({ counts, unproven }: RewritePass): boolean {
  return counts.rewritten <= Math.max(10, counts.listed / 100) && unproven.length === 0;
}

/** The passes with a new one, or with the last one taken up again. */
export function beginPass(
  passes: RewriteState,
  { number, verifies, time }: { number: number; verifies: boolean; time: string },
): RewriteState {
  if (passes.at(-1)?.number === number) return passes;
  const pass: RewritePass = {
    number,
    verifies,
    startedAt: time,
    counts: noCounts,
    retries: 0,
    told: undefined,
    unproven: [],
  };
  return [...passes, pass];
}

/** The passes after the last one has done more. */
export function addProgress(passes: RewriteState, progress: RewriteProgress): RewriteState {
  const { namespaces, refused, retries } = progress;
  return changeLast(passes, (pass) => ({
    ...pass,
    counts: namespaces.reduce((sum, { counts }) => addCounts(sum, counts), pass.counts),
    retries: pass.retries + retries,
    told: { last: { namespaces, refused, retries }, before: pass.told },
  }));
}

/** How far a pass is in each namespace it has begun, and what it has done there. */
export function namespacesOf({
  told,
}: RewritePass): ReadonlyMap<string, NamespacePoint & { counts: RewriteCounts }> {
  const all = new Map<string, NamespacePoint & { counts: RewriteCounts }>();
  for (const { namespaces } of inOrder(told))
    for (const { name, counts, ...point } of namespaces)
      all.set(name, { ...point, counts: addCounts(all.get(name)?.counts ?? noCounts, counts) });
  return all;
}

function inOrder(told: Told | undefined): RewriteProgress[] {
  const all: RewriteProgress[] = [];
  for (let at = told; at !== undefined; at = at.before) all.push(at.last);
  return all.toReversed();
}

/** What the API server refused in a pass. */
export function refusedIn({ told }: RewritePass): readonly RefusedSecrets[] {
  return addRefused(
    [],
    inOrder(told).flatMap(({ refused }) => refused),
  );
}

/** The passes after the last one has come to its end. */
export function endPass(passes: RewriteState, time: string, unproven: readonly SecretName[]): RewriteState {
  return changeLast(passes, (pass) => ({ ...pass, endedAt: time, unproven }));
}

/** One and the same namespace and reason are told once, with all names. */
export function addRefused(
  known: readonly RefusedSecrets[],
  added: readonly RefusedSecrets[],
): readonly RefusedSecrets[] {
  if (added.length === 0) return known;
  const groups = new Map<string, RefusedSecrets & { names: string[] }>();
  for (const group of [...known, ...added]) {
    const key = `${group.namespace} ${group.message}`;
    const names = groups.get(key)?.names;
    if (names === undefined) groups.set(key, { ...group, names: [...group.names] });
    else for (const name of group.names) names.push(name);
  }
  return [...groups.values()];
}

/** How many Secrets are refused. */
export function countRefused(refused: readonly Omit<RefusedSecrets, 'message'>[]): number {
  return refused.reduce((sum, { names }) => sum + names.length, 0);
}

export function addCounts(a: RewriteCounts, b: RewriteCounts): RewriteCounts {
  return {
    listed: a.listed + b.listed,
    rewritten: a.rewritten + b.rewritten,
    current: a.current + b.current,
    gone: a.gone + b.gone,
    refused: a.refused + b.refused,
  };
}

function changeLast(passes: RewriteState, change: (pass: RewritePass) => RewritePass): RewriteState {
  const last = passes.at(-1);
  return last === undefined ? passes : [...passes.slice(0, -1), change(last)];
}

/** Lines and names of a list that is shown; the record has them all. */
const mostLines = 20;
const mostNames = 8;

/** What is refused and why, a line for each namespace and reason, as far as it can be taken in. */
export function refusalLines(refused: readonly RefusedSecrets[]): string[] {
  const lines = refused.slice(0, mostLines).map(({ namespace, names, message }) => {
    // A name may end like that of a password, and what follows its colon would be taken for one.
    return `${refusedNames([{ namespace, names }], mostNames)} – ${message}`;
  });
  const rest = refused.slice(mostLines);
  return rest.length === 0 ? lines : [...lines, `… and ${countRefused(rest)} more for other reasons`];
}

/** `a/x, a/y, and 3 more`: the Secrets that are refused. */
export function refusedNames(refused: readonly Omit<RefusedSecrets, 'message'>[], most = mostLines): string {
  const all = refused.flatMap(({ namespace, names }) => names.map((name) => `${namespace}/${name}`));
  const more = all.length > most ? [`and ${all.length - most} more`] : [];
  return [...all.slice(0, most), ...more].join(', ');
}

/** Secrets as `namespace/name`, in a line that can be taken in. */
export function secretNames(secrets: readonly SecretName[]): string {
  return refusedNames(
    secrets.map(({ namespace, name }) => ({ namespace, names: [name] })),
    mostNames,
  );
}
