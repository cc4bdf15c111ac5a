/**
 * One pass over all Secrets: what to ask for next, given what has been answered. Nothing here waits, asks or looks at
 * a clock, so any order of answers can be tried.
 */
import { addRefused } from '../engine/rewriting.ts';
import type {
  NamespacePoint,
  RefusedSecrets,
  RewriteCounts,
  RewriteProgress,
  SecretName,
} from '../engine/rewriting.ts';
import { addCounts, noCounts } from '../engine/rewriting.ts';
import { Place } from './place.ts';
import type { Outcome, Page } from './place.ts';
import { isNewer } from './revision.ts';

interface Request {
  /** Times it has failed while others worked. */
  failures: number;
  /** Times it was turned away because the server was busy; further ones only count while others are not. */
  turnedAway: number;
  /** Good answers in this pass when it failed or was turned away last. */
  goodBefore: number;
}

export interface PageRequest extends Request {
  kind: 'page';
  place: Place;
}

export interface SecretRequest extends Request {
  kind: 'secret';
  page: Page;
  /** Its place in the page. */
  index: number;
  name: string;
  /** The newest state known of when it was first sent: an answer that is no newer means that nothing was written. */
  floor: string;
  /** In a verification: how often it has been found written, each look right after the one before. */
  moved: number;
  conflicts: number;
}

export type Ask = PageRequest | SecretRequest;

/** Lists under way or waiting to be gone on with, at once. */
const openPlaces = 16;
/** Times a Secret is looked at again in a verification before it counts as one that keeps changing. */
const furtherLooks = 5;
/** Names kept of those that keep changing. */
const mostNamed = 1_000;

const untried = { failures: 0, turnedAway: 0, goodBefore: 0 };

export interface PassOptions {
  namespaces: readonly string[];
  verifies: boolean;
  /** By namespace, where an earlier sitting got to. */
  from: ReadonlyMap<string, NamespacePoint>;
}

export class Pass {
  readonly #verifies: boolean;
  readonly #from: ReadonlyMap<string, NamespacePoint>;
  /** Not begun, last one first. */
  readonly #ahead: string[];
  /** Begun and not ended. */
  readonly #places = new Set<Place>();
  /** Pages with names that have not been asked for. */
  readonly #pages: Page[] = [];
  readonly #again: Ask[] = [];
  /** Turned away: every other turn is for one of them, so that they hold up no others. */
  readonly #behind: Ask[] = [];
  #turn = false;
  readonly #unproven: SecretName[] = [];
  readonly #ended: Place[] = [];
  #waiting = 0;
  #floor = '0';
  #counts = noCounts;
  #retries = 0;
  #retriesTaken = 0;
  #namespacesDone: number;

  constructor({ namespaces, verifies, from }: PassOptions) {
    this.#verifies = verifies;
    this.#from = from;
    const left = namespaces.filter((name) => from.get(name)?.done !== true);
    this.#ahead = left.toSorted().toReversed();
    this.#namespacesDone = namespaces.length - left.length;
  }

  /** Secrets dealt with in this sitting. */
  get counts(): RewriteCounts {
    return this.#counts;
  }

  get namespacesDone(): number {
    return this.#namespacesDone;
  }

  get retries(): number {
    return this.#retries;
  }

  /** Of a verification: Secrets that were written at every look. */
  get unproven(): readonly SecretName[] {
    return this.#unproven;
  }

  /** Everything has come to its end. */
  get done(): boolean {
    return this.#ahead.length === 0 && this.#places.size === 0;
  }

  /** Nothing is left but what is under way or to be tried again. */
  get ending(): boolean {
    return this.#ahead.length === 0 && this.#waiting === 0 && !this.#hasList();
  }

  /**
   * The next thing to ask for; undefined when there is nothing until an answer comes. Keeps about `ready` names listed
   * ahead, so that sending need not wait for a list.
   */
  next(ready: number): Ask | undefined {
    const again = this.#again.pop();
    if (again !== undefined) return again;
    this.#turn = !this.#turn;
    if (this.#turn) return this.#choose(ready) ?? this.#behind.shift();
    return this.#behind.shift() ?? this.#choose(ready);
  }

  /** A page was received. `token` is where the list goes on. */
  listed(
    { place }: PageRequest,
    names: readonly string[],
    token: string | undefined,
    revision: string,
  ): void {
    this.#see(revision);
    const page = place.add(names, token);
    this.#waiting += page.names.length;
    if (page.names.length > 0) this.#pages.push(page);
    this.#commit(place);
  }

  /** The list a page was to come from has run out of time; with a new token it can be gone on with. */
  expired({ place }: PageRequest, token: string | undefined): void {
    this.#retries += 1;
    place.expire(token);
  }

  /** A Secret was answered with; `revision` is that of its state now. */
  patched(ask: SecretRequest, revision: string): void {
    const written = isNewer(revision, ask.floor);
    this.#see(revision);
    if (written && this.#verifies && ask.moved < furtherLooks) {
      // Whether it is current now shows in that a further patch leaves it as this one did.
      ask.moved += 1;
      ask.floor = revision;
      this.#again.push(ask);
      return;
    }
    if (written && this.#verifies && this.#unproven.length < mostNamed)
      this.#unproven.push({ namespace: ask.page.place.name, name: ask.name });
    this.#end(ask, written || ask.moved > 0 ? 'rewritten' : 'current');
  }

  gone(ask: SecretRequest): void {
    this.#end(ask, 'gone');
  }

  refused(ask: SecretRequest, message: string): void {
    ask.page.refusals.set(ask.index, message);
    this.#end(ask, 'refused');
  }

  /** It is to be asked for again: at once, or when `ready` is called. */
  retry(ask: Ask, at: 'once' | 'later'): void {
    this.#retries += 1;
    if (at === 'once') this.#again.push(ask);
  }

  /** What was put off may be asked for again; what was turned away, by turns with what was not asked for yet. */
  ready(ask: Ask): void {
    if (ask.turnedAway > 0) this.#behind.push(ask);
    else this.#again.push(ask);
  }

  /** What has been done since this was asked last, ready to be recorded; undefined: nothing. */
  take(): RewriteProgress | undefined {
    const taken = [...this.#ended.splice(0), ...this.#places].flatMap((place) => place.take() ?? []);
    const retries = this.#retries - this.#retriesTaken;
    this.#retriesTaken = this.#retries;
    if (taken.length === 0 && retries === 0) return undefined;
    return {
      namespaces: taken.map(({ progress }) => progress),
      refused: taken.reduce<readonly RefusedSecrets[]>((all, { refused }) => addRefused(all, refused), []),
      retries,
    };
  }

  #choose(ready: number): Ask | undefined {
    const list = this.#waiting < ready ? this.#nextList() : undefined;
    return list ?? this.#nextSecret();
  }

  #nextList(): PageRequest | undefined {
    let place = [...this.#places].find(({ listing }) => listing === 'ready');
    if (place === undefined && this.#places.size < openPlaces) {
      const name = this.#ahead.pop();
      if (name === undefined) return undefined;
      place = new Place(name, this.#from.get(name));
      this.#places.add(place);
    }
    if (place === undefined) return undefined;
    place.listing = 'asked';
    return { kind: 'page', place, ...untried };
  }

  #nextSecret(): SecretRequest | undefined {
    const page = this.#pages[0];
    const index = page?.next ?? 0;
    const name = page?.names[index];
    if (page === undefined || name === undefined) return undefined;
    page.next += 1;
    if (page.next === page.names.length) this.#pages.shift();
    this.#waiting -= 1;
    const fresh = { ...untried, moved: 0, conflicts: 0 };
    return { kind: 'secret', page, index, name, floor: this.#floor, ...fresh };
  }

  #hasList(): boolean {
    return [...this.#places].some(({ listing }) => listing === 'ready');
  }

  #see(revision: string): void {
    if (isNewer(revision, this.#floor)) this.#floor = revision;
  }

  #end({ page, index }: SecretRequest, as: Outcome): void {
    page.outcomes[index] = as;
    this.#counts = addCounts(this.#counts, { ...noCounts, listed: 1, [as]: 1 });
    // What ends before its turn waits for those before it.
    if (index === page.committed) this.#commit(page.place);
  }

  #commit(place: Place): void {
    if (!place.commit()) return;
    this.#places.delete(place);
    this.#ended.push(place);
    this.#namespacesDone += 1;
  }
}
