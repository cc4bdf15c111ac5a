/** One namespace in a pass: its pages in order, each with what became of its Secrets. */
import { addCounts, noCounts } from '../engine/rewriting.ts';
import type {
  NamespacePoint,
  NamespaceProgress,
  RefusedSecrets,
  RewriteCounts,
} from '../engine/rewriting.ts';
import { ToolError } from '../runbook/errors.ts';

/** A page of a namespace's list, from when it was received until it is committed. */
export interface Page {
  readonly place: Place;
  /** Those not asked for yet begin at `next`. */
  readonly names: readonly string[];
  next: number;
  /** Secrets without an end yet. */
  open: number;
  counts: RewriteCounts;
  readonly refused: { name: string; message: string }[];
  /** Where the list goes on after it; undefined: nowhere. */
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
    this.token = token;
    this.listing = token === undefined ? 'done' : 'ready';
    const page: Page = {
      place: this,
      names: fresh,
      next: 0,
      open: fresh.length,
      counts: noCounts,
      refused: [],
      continue: token,
    };
    this.pages.push(page);
    return page;
  }

  /** The list has run out of time. With a new token it goes on there, else it begins anew. */
  expire(token: string | undefined): void {
    this.expired += 1;
    this.listing = 'ready';
    this.token = token;
  }

  /** Commits the pages that have come to their end, in order. Returns whether the namespace has. */
  commit(): boolean {
    for (let page = this.pages[0]; page?.open === 0; page = this.pages[0]) {
      this.pages.shift();
      this.#counts = addCounts(this.#counts, page.counts);
      this.#point = {
        done: false,
        after: page.names.at(-1) ?? this.#point.after,
        continue: page.continue,
      };
      for (const { name, message } of page.refused)
        // In the server's words, but for the name, so that what is the same for many is told once.
        this.#refused.push({
          namespace: this.name,
          names: [name],
          message: message.replaceAll(`"${name}"`, '"…"'),
        });
      this.#changed = true;
    }
    if (this.listing !== 'done' || this.pages.length > 0) return false;
    this.#point = { done: true };
    this.#changed = true;
    return true;
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
