/** A cluster of plain values for the rewrite: its Secrets, the key each is under, and what goes wrong on the way. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../source/engine/ports.ts';
import type { Answer, PageAnswer, SecretsApi } from '../../source/rewrite/api.ts';

interface Stored {
  revision: number;
  key: string;
}

/** What happens to a request instead of, or before, its normal answer. */
export type Trouble = (request: {
  kind: 'page' | 'rewrite';
  namespace: string;
  /** Of a rewrite. */
  name?: string;
}) => Answer | Error | undefined;

export class FakeCluster implements SecretsApi {
  readonly namespacesOf = new Map<string, Map<string, Stored>>();
  revision = 1_000;
  key = 'new';
  pageSize = 3;
  trouble: Trouble = () => undefined;
  /** Called before each request is answered. */
  meanwhile: () => void = () => undefined;
  /** Tokens from before this revision have run out. */
  oldest = 0;
  /** With a 410 comes a token to go on with. */
  renews = true;
  inFlight = 0;
  mostInFlight = 0;
  readonly patched: string[] = [];
  requests = 0;
  reconnects = 0;
  signIns = 0;

  /** Adds `count` Secrets, stored under an older key. */
  fill(namespace: string, count: number, key = 'old'): this {
    for (let index = 0; index < count; index += 1)
      this.put(namespace, `s${String(index).padStart(5, '0')}`, key);
    return this;
  }

  put(namespace: string, name: string, key = this.key): void {
    this.revision += 1;
    const secrets = this.namespacesOf.get(namespace) ?? new Map<string, Stored>();
    this.namespacesOf.set(namespace, secrets.set(name, { revision: this.revision, key }));
  }

  delete(namespace: string, name: string): void {
    this.revision += 1;
    this.namespacesOf.get(namespace)?.delete(name);
  }

  get size(): number {
    return [...this.namespacesOf.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Secrets not under the current key, as `namespace/name`. */
  stale(): string[] {
    return [...this.namespacesOf].flatMap(([namespace, secrets]) =>
      [...secrets].flatMap(([name, { key }]) => (key === this.key ? [] : [`${namespace}/${name}`])),
    );
  }

  async namespaces(): Promise<string[]> {
    return [...this.namespacesOf.keys()];
  }

  async count(namespaces: readonly string[]): Promise<number | undefined> {
    if (namespaces.length === 0) return this.size;
    return namespaces.reduce((sum, name) => sum + (this.namespacesOf.get(name)?.size ?? 0), 0);
  }

  async page(namespace: string, token: string | undefined): Promise<PageAnswer> {
    const trouble = await this.#ask({ kind: 'page', namespace });
    if (trouble !== undefined) return { names: [], ...trouble };
    return this.pageNow(namespace, token);
  }

  async rewrite(namespace: string, name: string): Promise<Answer> {
    const trouble = await this.#ask({ kind: 'rewrite', namespace, name });
    return trouble ?? this.rewriteNow(namespace, name);
  }

  reconnect(): void {
    this.reconnects += 1;
  }

  signInAgain(): void {
    this.signIns += 1;
  }

  /** The page as it is now, without any trouble. */
  pageNow(namespace: string, token: string | undefined): PageAnswer {
    const [after = '', at = String(this.revision)] = token?.split(' ') ?? [];
    if (token !== undefined && Number(at) < this.oldest)
      return {
        status: 410,
        names: [],
        ...(this.renews && { continue: `${after} ${this.revision}` }),
      };
    const all = [...(this.namespacesOf.get(namespace)?.keys() ?? [])].sort().filter((name) => name > after);
    const names = all.slice(0, this.pageSize);
    const more = all.length > names.length ? { continue: `${names.at(-1)} ${at}` } : {};
    return { status: 200, revision: String(this.revision), names, ...more };
  }

  /** An empty merge patch: writes only what is stored under another key. */
  rewriteNow(namespace: string, name: string): Answer {
    const secrets = this.namespacesOf.get(namespace);
    const stored = secrets?.get(name);
    if (secrets === undefined || stored === undefined)
      return { status: 404, missing: true, message: `secrets "${name}" not found` };
    this.patched.push(`${namespace}/${name}`);
    if (stored.key !== this.key) this.put(namespace, name);
    return { status: 200, revision: String(secrets.get(name)?.revision) };
  }

  async #ask(request: Parameters<Trouble>[0]): Promise<Answer | undefined> {
    this.requests += 1;
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    await setImmediate();
    this.inFlight -= 1;
    this.meanwhile();
    const trouble = this.trouble(request);
    if (trouble instanceof Error) throw trouble;
    return trouble;
  }
}

/** A clock that never waits, and tells what it was asked to wait. */
export function quickClock(): Clock & { slept: number[] } {
  let now = Date.parse('2026-11-21T20:15:00Z');
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(now),
    async sleep(milliseconds, signal) {
      slept.push(milliseconds);
      await setImmediate();
      signal?.throwIfAborted();
      now += milliseconds;
    },
  };
}
