/**
 * The simulated etcd, as far as secrets go: each is stored with the key it is under. Kept in an append-only file of
 * secret versions, so that a write costs one line and is not lost when the process is killed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Log, writeWhole } from './files.ts';

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

type Line = Secret | { namespace: string; name: string; deleted: number };

export class SecretStore {
  readonly #secrets = new Map<string, Secret>();
  readonly #path: string;
  #log: Log | undefined;
  #revision = 100_000;
  /** Every secret's place, in order; made anew only after one came or went. */
  #places: string[] | undefined;

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
  static open(directory: string, initial: () => readonly Secret[]): SecretStore {
    const store = new SecretStore(join(directory, 'secrets.jsonl'));
    if (existsSync(store.#path)) store.#load();
    else for (const secret of initial()) store.#remember(secret);
    writeWhole(store.#path, store.list().map(toLine).join(''));
    store.#log = new Log(store.#path);
    return store;
  }

  /** The newest version given out; new writes get higher ones. */
  get revision(): number {
    return this.#revision;
  }

  /** The secrets whose place begins with `prefix` and comes after `after`, by namespace and name as in etcd. */
  list(prefix = '', after = ''): Secret[] {
    this.#places ??= [...this.#secrets.keys()].sort();
    return this.#places
      .filter((place) => place > after && place.startsWith(prefix))
      .map((place) => this.#secrets.get(place))
      .filter((secret) => secret !== undefined);
  }

  get(namespace: string, name: string): Secret | undefined {
    return this.#secrets.get(order({ namespace, name }));
  }

  /** Stores new versions, in one write. Returns them with their resource versions. */
  put(secrets: readonly Omit<Secret, 'resourceVersion'>[]): Secret[] {
    const stored = secrets.map((secret) => {
      this.#revision += 1;
      return { ...secret, resourceVersion: this.#revision };
    });
    this.#append(stored.map(toLine).join(''));
    for (const secret of stored) this.#remember(secret);
    return stored;
  }

  delete(namespace: string, name: string): void {
    this.#revision += 1;
    const line = { namespace, name, deleted: this.#revision };
    this.#append(toLine(line));
    this.#remember(line);
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

  #append(lines: string): void {
    this.#log?.append(lines);
  }

  #load(): void {
    for (const line of readFileSync(this.#path, 'utf8').split('\n').slice(0, -1))
      this.#remember(JSON.parse(line) as Line);
  }

  #remember(line: Line): void {
    const place = order(line);
    const known = this.#secrets.has(place);
    if ('deleted' in line) this.#secrets.delete(place);
    else this.#secrets.set(place, line);
    this.#revision = Math.max(this.#revision, 'deleted' in line ? line.deleted : line.resourceVersion);
    if (known === 'deleted' in line) this.#places = undefined;
  }
}

/** The place of a secret in etcd's order. */
export function order(secret: { namespace: string; name: string }): string {
  return `${secret.namespace}/${secret.name}`;
}

function toLine(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}
