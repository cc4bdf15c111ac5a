/** The limit on requests under way (API Priority and Fairness), under the fault `api-throttled`. */
import { setTimeout } from 'node:timers/promises';

import { Refusal } from './http.ts';
import type { Reply } from './http.ts';

/** Requests worked on at once, and those that wait for their turn. */
const limits = { seats: 16, queue: 32 };
/** Milliseconds that a request holds its seat. */
const work = 4;

export class RequestLimit {
  #taken = 0;
  readonly #queue: (() => void)[] = [];

  /**
   * The answer, when its turn has come.
   *
   * @throws Refusal (429, text and no `Status`, with Retry-After) when too many wait already.
   */
  async take(answer: () => Reply): Promise<Reply> {
    await this.#seat();
    try {
      await setTimeout(work);
      return answer();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }

  /** Resolves with a seat of one's own: a free one, or that of whoever leaves. */
  async #seat(): Promise<void> {
    if (this.#taken < limits.seats) {
      this.#taken += 1;
      return;
    }
    if (this.#queue.length >= limits.queue) throw tooManyRequests();
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }
}

function tooManyRequests(): Refusal {
  return new Refusal({
    status: 429,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' },
    body: Buffer.from('Too many requests, please try again later.\n'),
  });
}
