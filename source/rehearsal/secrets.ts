/**
 * The simulated etcd, as far as secrets go: each is stored with the key it is under. Kept in an append-only file of
 * secret versions, so that a write costs one line and is not lost when the process is killed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Log, writeWhole } from './files.ts';

/** Never changed once stored; a change stores another in its place. */
export interface Secret {
  namespace: string;
  name: string;
  uid: string;
  creationTimestamp: string;
  type: string;
  data: Record<string, string>;
  immutable?: boolean | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  resourceVersion: number;
  /** `identity` (in clear), or what encrypts it: `kms-v1:KEY`, `kms-v2:KEY`, `platform:…`, `cmk:KEY`. */
  key: string;
}

/** What a client or the cluster wants to be stored. */
export type NewSecret = Omit<Secret, 'resourceVersion'>;

/** All secrets as they were at one time, by namespace and name as in etcd. */
export interface Snapshot {
  revision: number;
  secrets: readonly Secret[];
}

interface Name {
  namespace: string;
  name: string;
}

/** The same content under another key. */
type Rewritten = Name & { rewritten: number; key: string };
type Deleted = Name & { deleted: number };
type Line = Secret | Rewritten | Deleted;

/** Snapshots that can be asked for again. etcd too forgets old revisions, by the clock (`--etcd-compaction-interval`). */
const remembered = 8;

export class SecretStore {
  readonly #secrets = new Map<string, Secret>();
  readonly #path: string;
  #log: Log | undefined;
  #revision = 100_000;
  /** Every secret's place, in order. Made when first needed, and kept in order from then on. */
  #places: string[] | undefined;
  /** By revision, oldest first. */
  readonly #snapshots = new Map<number, Snapshot>();

  private constructor(path: string) {
    this.#path = path;
  }

  /** A store that reads the file of `directory` and never writes it: what is put into it is soon forgotten. */
  static read(directory: string): SecretStore {
    const store = new SecretStore(join(directory, 'secrets.jsonl'));
    store.#load();
    return store;
  }

  /** A store that goes on with the file of `directory`; a missing one begins with `initial`. */
  static open(directory: string, initial: () => Iterable<Secret>): SecretStore {
    const store = new SecretStore(join(directory, 'secrets.jsonl'));
    let superfluous = Number.POSITIVE_INFINITY;
    if (existsSync(store.#path)) superfluous = store.#load();
    else for (const secret of initial()) store.#remember(secret);
    // An incomplete last line counts as superfluous, so that nothing is appended to it.
    if (superfluous > store.size) writeWhole(store.#path, store.#lines());
    store.#log = new Log(store.#path);
    return store;
  }

  /** The newest version given out; new writes get higher ones. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#secrets.size;
  }

  /** All secrets, in no particular order. */
  values(): Iterable<Secret> {
    return this.#secrets.values();
  }

  get(namespace: string, name: string): Secret | undefined {
    return this.#secrets.get(placeOf({ namespace, name }));
  }

  /** The secret at a share of the whole order, from 0 up to 1; undefined when there are none. */
  at(share: number): Secret | undefined {
    const places = this.#ordered();
    return this.#secrets.get(places[Math.floor(share * places.length)] ?? '');
  }

  /** All secrets as they are, or as they were when a snapshot of `revision` was last taken; undefined if forgotten. */
  snapshot(revision = this.#revision): Snapshot | undefined {
    const known = this.#snapshots.get(revision);
    if (known !== undefined || revision !== this.#revision) return known;
    const secrets = this.#ordered()
      .map((place) => this.#secrets.get(place))
      .filter((secret) => secret !== undefined);
    const taken = { revision, secrets };
    this.#snapshots.set(revision, taken);
    for (const old of this.#snapshots.keys()) {
      if (this.#snapshots.size <= remembered) break;
      this.#snapshots.delete(old);
    }
    return taken;
  }

  /** Stores a new version. Returns it with its resource version. */
  put(secret: NewSecret): Secret {
    const stored = { ...secret, resourceVersion: this.#revision + 1 };
    this.#append([stored]);
    return stored;
  }

  /** Stores a secret as it is, under another key. Returns it with its resource version. */
  rewrite(secret: Secret, key: string): Secret {
    this.rewriteAll([secret], key);
    return { ...secret, resourceVersion: this.#revision, key };
  }

  /** Stores secrets as they are, under another key, in one write. */
  rewriteAll(secrets: readonly Secret[], key: string): void {
    this.#append(
      secrets.map(({ namespace, name }, index) => ({
        namespace,
        name,
        rewritten: this.#revision + 1 + index,
        key,
      })),
    );
  }

  delete({ namespace, name }: Name): void {
    this.#append([{ namespace, name, deleted: this.#revision + 1 }]);
  }

  /** How many secrets are under each key. */
  countByKey(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { key } of this.#secrets.values()) counts[key] = (counts[key] ?? 0) + 1;
    return counts;
  }

  close(): void {
    this.#log?.close();
  }

  #ordered(): string[] {
    this.#places ??= [...this.#secrets.keys()].sort();
    return this.#places;
  }

  #append(lines: readonly Line[]): void {
    this.#log?.append(lines.map(toLine).join(''));
    for (const line of lines) this.#remember(line);
  }

  *#lines(): Generator<string> {
    for (const secret of this.#secrets.values()) yield toLine(secret);
  }

  /** Reads the file. Returns how many of its lines are not needed any more; infinitely many when the last is torn. */
  #load(): number {
    const text = readFileSync(this.#path, 'utf8');
    const shared = new Map<string, string>();
    let [count, start] = [0, 0];
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#remember(shareStrings(JSON.parse(text.slice(start, end)) as Line, shared));
      start = end + 1;
      count += 1;
    }
    return start < text.length ? Number.POSITIVE_INFINITY : count - this.size;
  }

  #remember(line: Line): void {
    const place = placeOf(line);
    const before = this.#secrets.get(place);
    if ('deleted' in line) {
      this.#revision = Math.max(this.#revision, line.deleted);
      this.#secrets.delete(place);
      if (before !== undefined) this.#places?.splice(firstAtLeast(this.#places, place), 1);
      return;
    }
    const secret = 'rewritten' in line ? rewritten(before, line) : line;
    if (secret === undefined) return;
    this.#revision = Math.max(this.#revision, secret.resourceVersion);
    this.#secrets.set(place, secret);
    if (before === undefined) this.#places?.splice(firstAtLeast(this.#places, place), 0, place);
  }
}

/** The place of a secret in etcd's order. */
export function placeOf({ namespace, name }: Name): string {
  return `${namespace}/${name}`;
}

/** Where in a sorted list the first entry is that does not come before `sought`. */
export function firstAtLeast<T>(
  sorted: readonly T[],
  sought: string,
  textOf: (entry: T) => string = String,
): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = sorted[middle];
    if (entry !== undefined && textOf(entry) < sought) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rewritten(before: Secret | undefined, line: Rewritten): Secret | undefined {
  return before && { ...before, resourceVersion: line.rewritten, key: line.key };
}

/** Lets the strings that many secrets have in common be one in memory. */
function shareStrings(line: Line, shared: Map<string, string>): Line {
  const one = (text: string): string => {
    const known = shared.get(text);
    if (known === undefined) shared.set(text, text);
    return known ?? text;
  };
  line.namespace = one(line.namespace);
  if ('key' in line) line.key = one(line.key);
  if ('type' in line) {
    line.type = one(line.type);
    line.creationTimestamp = one(line.creationTimestamp);
  }
  return line;
}

function toLine(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}
