/** One namespace in a pass: its pages in order, each with what became of its Secrets. */
import { addCounts, noCounts } from '../engine/rewriting.ts';
import type {
  NamespacePoint,
  NamespaceProgress,
  RefusedSecrets,
  RewriteCounts,
} from '../engine/rewriting.ts';
import { ToolError } from '../runbook/errors.ts';

/** What became of a Secret. */
export type Outcome = keyof Omit<RewriteCounts, 'listed'>;

/** A page of a namespace's list, from when it was received until all of it is committed. */
export interface Page {
  readonly place: Place;
  /** Those not asked for yet begin at `next`, those not committed at `committed`. */
  readonly names: readonly string[];
  next: number;
  committed: number;
  /** By the place of the name; absent while it is not known. */
  readonly outcomes: (Outcome | undefined)[];
  readonly refusals: Map<number, string>;
  /** The token it was got with, and that of the page after it; undefined: the first page, and none. */
  readonly token: string | undefined;
  readonly continue: string | undefined;
}

export class Place {
  readonly name: string;
  readonly pages: Page[] = [];
  /** `ready`: its next page may be asked for. */
  listing: 'ready' | 'asked' | 'done' = 'ready';
  /** For the next page. */
  token: string | undefined;
  /** Times in a row that the list has run out. */
  expired = 0;
  /** All up to this name have been listed before. */
  #listedTo: string;
  /** What has been committed and not taken yet. */
  #point: NamespacePoint;
  #counts = noCounts;
  #refused: RefusedSecrets[] = [];
  #changed = false;

  constructor(name: string, from: NamespacePoint | undefined) {
    this.name = name;
    this.#point = from ?? { done: false };
    this.#listedTo = from?.after ?? '';
    this.token = from?.continue;
  }

  /**
   * Takes a page that has been received. What has been listed before is left out: a list may have begun anew. Throws
   * `ToolError` when the names are not in order, as those of the API server are.
   */
  add(names: readonly string[], token: string | undefined): Page {
    if (names.some((name, index) => index > 0 && name <= (names[index - 1] ?? '')))
      throw new ToolError(
        `The API server does not list the Secrets of namespace ${this.name} in the order of their names.`,
        "Use the document's own command instead.",
      );
    const fresh = names.filter((name) => name > this.#listedTo);
    this.#listedTo = fresh.at(-1) ?? this.#listedTo;
    if (fresh.length > 0) this.expired = 0;
    const page: Page = {
      place: this,
      names: fresh,
      next: 0,
      committed: 0,
      outcomes: [],
      refusals: new Map(),
      token: this.token,
      continue: token,
    };
    this.token = token;
    this.listing = token === undefined ? 'done' : 'ready';
    this.pages.push(page);
    return page;
  }

  /** The list has run out of time. With a new token it goes on there, else it begins anew. */
  expire(token: string | undefined): void {
    this.expired += 1;
    this.listing = 'ready';
    this.token = token;
  }

  /** Commits the Secrets that have come to their end, in order. Returns whether the namespace has. */
  commit(): boolean {
    for (let page = this.pages[0]; page !== undefined; page = this.pages[0]) {
      this.#commitPage(page);
      if (page.committed < page.names.length) return false;
      this.pages.shift();
      this.#point = { done: false, after: this.#point.after, continue: page.continue };
      this.#changed = true;
    }
    if (this.listing !== 'done') return false;
    this.#point = { done: true };
    this.#changed = true;
    return true;
  }

  /** As far as its Secrets have ended without a gap: the page is gone on with by its own token and the last name. */
  #commitPage(page: Page): void {
    for (;;) {
      const outcome = page.outcomes[page.committed];
      const name = page.names[page.committed];
      if (outcome === undefined || name === undefined) return;
      this.#counts = addCounts(this.#counts, { ...noCounts, listed: 1, [outcome]: 1 });
      const message = page.refusals.get(page.committed);
      // In the server's words, but for the name, so that what is the same for many is told once.
      if (message !== undefined)
        this.#refused.push({
          namespace: this.name,
          names: [name],
          message: message.replaceAll(`"${name}"`, '"…"'),
        });
      this.#point = { done: false, after: name, continue: page.token };
      this.#changed = true;
      page.committed += 1;
    }
  }

  /** What has been committed since it was taken last. */
  take(): { progress: NamespaceProgress; refused: readonly RefusedSecrets[] } | undefined {
    if (!this.#changed) return undefined;
    const taken = {
      progress: { name: this.name, ...this.#point, counts: this.#counts },
      refused: this.#refused,
    };
    this.#counts = noCounts;
    this.#refused = [];
    this.#changed = false;
    return taken;
  }
}
