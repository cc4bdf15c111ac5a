import type { Clock, PassWork, RewriteView } from '../engine/ports.ts';
import type { SecretName } from '../engine/rewriting.ts';
import { ToolError } from '../runbook/errors.ts';
import type { Answer, PageAnswer, SecretsApi } from './api.ts';
import { answered, heldBack } from './flow.ts';
import type { Flow } from './flow.ts';
import { Pass } from './pass.ts';
import type { Ask, PageRequest, SecretRequest } from './pass.ts';
import { patient, wait } from './patience.ts';
import { markDone, perSecond, startRate } from './rate.ts';
import { isRevision } from './revision.ts';
import { verdict } from './verdict.ts';

/** Milliseconds between two records of what has been done, and between two views for the screen. */
const recordEvery = 2_000;
const showEvery = 100;
/** How long what is under way may take when everything is to stop. Milliseconds. */
const stopWithin = 10_000;
/** Failures of one request, while others work, before it is given up. */
const mostFailures = 6;
const mostConflicts = 20;
/** Times one Secret is turned away as too much, while this many others were dealt with, before it is given up. */
const mostTurnedAway = 20;
const othersBetween = 10;
/** Times in a row that a list may run out without a page from it. */
const mostExpired = 5;
/** What waits for its next try after so many failures. Milliseconds. */
const tryAgainAfter = (failures: number): number => Math.min(8_000, 250 * 2 ** failures);

/** Works one pass off: sends what there is to ask for, as much at once as the API server takes. */
export class Sitting {
  readonly #api: SecretsApi;
  readonly #clock: Clock;
  readonly #work: PassWork;
  readonly #pass: Pass;
  readonly #namespaces: number;
  readonly #total: number | undefined;
  /** What is under way was cut off, having been waited for long enough. */
  #cut = false;
  /** Ends every timer. */
  readonly #timers = new AbortController();
  readonly #end = Promise.withResolvers<void>();
  #flow: Flow;
  #rate: ReturnType<typeof startRate>;
  #patience = patient;
  #inFlight = 0;
  /** Good answers in this pass. */
  #good = 0;
  /** Set while nothing is sent because the API server cannot take it. */
  #holding: string | undefined;
  /** Why the pass ends before its time. */
  #broken: { error: unknown } | undefined;
  #recording: Promise<void> = Promise.resolve();
  #recordedAt: number;
  #shownAt = 0;

  constructor(
    api: SecretsApi,
    clock: Clock,
    flow: Flow,
    work: PassWork,
    scope: { namespaces: readonly string[]; total: number | undefined },
  ) {
    this.#api = api;
    this.#clock = clock;
    this.#work = work;
    this.#namespaces = scope.namespaces.length;
    this.#total = scope.total;
    this.#pass = new Pass({ namespaces: scope.namespaces, verifies: work.verifies, from: work.from });
    this.#flow = flow;
    this.#recordedAt = this.#now();
    this.#rate = startRate(this.#recordedAt);
  }

  /** How much was under way at last, and what that went by. */
  get flow(): Flow {
    return this.#flow;
  }

  async run(): Promise<{ unproven: readonly SecretName[] }> {
    const { signal, pause } = this.#work;
    const stop = (): void => this.#break(signal.reason);
    const paused = pause.subscribe(() => this.#go());
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) stop();
      this.#go();
      await this.#end.promise;
    } finally {
      signal.removeEventListener('abort', stop);
      paused();
      this.#timers.abort();
    }
    await this.#recording;
    await this.#record();
    this.#show();
    if (this.#broken !== undefined) throw this.#broken.error;
    return { unproven: this.#pass.unproven };
  }

  /** Sends what can be sent; ends the pass when nothing is left, or nothing may be sent and nothing is under way. */
  #go(): void {
    const { pause } = this.#work;
    while (
      this.#broken === undefined &&
      this.#holding === undefined &&
      !pause.on &&
      this.#inFlight < this.#flow.limit
    ) {
      const ask = this.#pass.next(2 * this.#flow.limit);
      if (ask === undefined) break;
      this.#send(ask);
    }
    if (this.#inFlight === 0 && (this.#broken !== undefined || this.#pass.done)) this.#end.resolve();
    const now = this.#now();
    const resting = pause.on && this.#inFlight === 0;
    if (resting || now - this.#recordedAt >= recordEvery) {
      this.#recordedAt = now;
      this.#recording = this.#recording.then(() => this.#record());
      this.#recording.catch((error: unknown) => this.#break(error));
    }
    if (resting || now - this.#shownAt >= showEvery) this.#show();
  }

  #send(ask: Ask): void {
    this.#inFlight += 1;
    this.#follow(ask)
      .catch((error: unknown) => this.#break(error))
      .finally(() => this.#go());
  }

  async #follow(ask: Ask): Promise<void> {
    const sentAt = this.#now();
    const { cuts } = this.#flow;
    const answer = await this.#request(ask).catch((lost: unknown) => ({ lost }));
    this.#inFlight -= 1;
    if ('lost' in answer) this.#fail(ask, answer.lost, cuts);
    else this.#take(ask, answer, this.#now() - sentAt, cuts);
  }

  #request(ask: Ask): Promise<Answer | PageAnswer> {
    if (ask.kind === 'page') return this.#api.page(ask.place.name, ask.place.token);
    return this.#api.rewrite(ask.page.place.name, ask.name);
  }

  #take(ask: Ask, answer: Answer | PageAnswer, milliseconds: number, cuts: number): void {
    const what = verdict(answer);
    switch (what) {
      case 'busy':
        return this.#turnAway(ask, answer, cuts);
      case 'failed':
        return this.#fail(ask, new ToolError(said(answer), 'Look at the API server, then try again.'), cuts);
      case 'signed-out':
        return this.#signInAgain(ask, answer);
      default:
    }
    // Every other answer shows that the server works.
    this.#flow = answered(this.#flow, milliseconds);
    this.#good += 1;
    this.#patience = patient;
    if (ask.kind === 'page') this.#takePage(ask, answer as PageAnswer, what);
    else this.#takeSecret(ask, answer, what);
  }

  #takePage(ask: PageRequest, answer: PageAnswer, what: ReturnType<typeof verdict>): void {
    const { name, token } = ask.place;
    if (what === 'done')
      return this.#pass.listed(ask, answer.names, answer.continue, revisionOf(answer, 'a list'));
    // A token of an earlier sitting may mean nothing to the server any more.
    const unusable = what === 'expired' || (answer.status === 400 && token !== undefined);
    const fresh = answer.continue === token ? undefined : answer.continue;
    if (unusable && ask.place.expired < mostExpired) return this.#pass.expired(ask, fresh);
    throw new ToolError(
      `Could not list the Secrets of namespace ${name}: ${said(answer)}`,
      'Look at what the API server says, then try again.',
    );
  }

  #takeSecret(ask: SecretRequest, answer: Answer, what: ReturnType<typeof verdict>): void {
    if (what === 'done') return this.#pass.patched(ask, revisionOf(answer, 'a Secret'));
    if (what === 'gone') return this.#pass.gone(ask);
    ask.conflicts += 1;
    if (what === 'again' && ask.conflicts <= mostConflicts) return this.#pass.retry(ask, 'once');
    return this.#pass.refused(ask, said(answer));
  }

  /** The server is busy. Others have their turn first: what is always turned away must not hold up all the rest. */
  #turnAway(ask: Ask, answer: Answer, cuts: number): void {
    if (ask.turnedAway === 0 || this.#good >= ask.goodBefore + othersBetween || this.#pass.ending) {
      ask.turnedAway += 1;
      ask.goodBefore = this.#good;
    }
    if (ask.kind === 'secret' && ask.turnedAway >= mostTurnedAway)
      return this.#pass.refused(ask, said(answer));
    this.#setBack('busy', said(answer), cuts, answer.retryAfter);
    this.#retryLater(ask, (answer.retryAfter ?? 0) + tryAgainAfter(ask.turnedAway));
  }

  #retryLater(ask: Ask, milliseconds: number): void {
    this.#pass.retry(ask, 'later');
    void this.#later(milliseconds, () => this.#pass.ready(ask));
  }

  /** The server failed at a request, or there was no answer to it. */
  #fail(ask: Ask, error: unknown, cuts: number): void {
    if (this.#cut) return;
    if (!(error instanceof ToolError)) throw error;
    // While nothing works at all, no single request is to blame.
    const alone = this.#good > ask.goodBefore || this.#pass.ending;
    ask.goodBefore = this.#good;
    if (alone) ask.failures += 1;
    if (ask.failures < mostFailures) this.#retryLater(ask, tryAgainAfter(ask.failures));
    else if (ask.kind === 'secret') this.#pass.refused(ask, error.message);
    else throw error;
    this.#setBack('failed', error.message, cuts, undefined, error);
  }

  #signInAgain(ask: Ask, answer: Answer): void {
    // Of those under way when it ran out, the first one has it renewed.
    if (this.#holding === undefined) this.#api.signInAgain();
    this.#pass.retry(ask, 'once');
    const error = new ToolError(
      `The API server does not take the sign-in: ${said(answer)}`,
      'Sign in anew, then try again.',
    );
    this.#setBack('failed', 'signing in anew', this.#flow.cuts, undefined, error);
  }

  /** Sends nothing for a while, and less at once afterwards. */
  #setBack(
    because: 'busy' | 'failed',
    what: string,
    cuts: number,
    retryAfter?: number,
    error: ToolError = new ToolError(what, 'Wait until the API server is less busy, then try again.'),
  ): void {
    this.#flow = heldBack(this.#flow, cuts);
    if (this.#holding !== undefined) return;
    const { milliseconds, patience, over } = wait(this.#patience, because, retryAfter);
    this.#patience = patience;
    if (over) throw error;
    this.#holding = what;
    void this.#later(milliseconds, () => {
      this.#holding = undefined;
    });
  }

  async #later(milliseconds: number, then: () => void): Promise<void> {
    try {
      await this.#clock.sleep(milliseconds, this.#timers.signal);
    } catch {
      return;
    }
    then();
    this.#go();
  }

  /** Ends the pass: nothing more is sent, and what is under way is waited for. */
  #break(error: unknown): void {
    this.#broken ??= { error };
    void this.#later(stopWithin, () => {
      this.#cut = true;
      this.#api.reconnect();
    });
    this.#go();
  }

  async #record(): Promise<void> {
    const progress = this.#pass.take();
    if (progress !== undefined) await this.#work.record(progress);
  }

  #show(): void {
    this.#shownAt = this.#now();
    const { counts, namespacesDone, retries } = this.#pass;
    this.#rate = markDone(this.#rate, this.#shownAt, counts.listed);
    const view: RewriteView = {
      pass: this.#work.pass,
      verifies: this.#work.verifies,
      done: this.#work.doneBefore + counts.listed,
      total: this.#total,
      namespacesDone,
      namespaces: this.#namespaces,
      rate: perSecond(this.#rate, this.#shownAt, counts.listed),
      inFlight: this.#inFlight,
      retries,
      refused: counts.refused,
      paused: this.#work.pause.on,
      waiting: this.#holding,
    };
    this.#work.show(view);
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

function said({ status, message }: Answer): string {
  return message ?? `the API server answered ${status}`;
}

function revisionOf({ revision }: Answer, what: string): string {
  if (isRevision(revision)) return revision;
  throw new ToolError(
    `The API server does not number the version of ${what}, so whether it was written cannot be told.`,
    "Use the document's own command instead.",
  );
}
