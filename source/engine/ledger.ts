import { ToolError } from '../runbook/errors.ts';
import type { RunEvent } from './events.ts';
import type { JournalWriter } from './ports.ts';
import { reduce } from './reduce.ts';
import { withoutSecrets } from './scrub.ts';
import type { RunState } from './state.ts';

/** A run's state and the only way to change it: an event goes to disk first, then into the state. */
export class Ledger {
  readonly #journal: JournalWriter;
  readonly #changed: () => void;
  #state: RunState | undefined;
  /** Appends one at a time, in the order asked for. */
  #appending: Promise<unknown> = Promise.resolve();

  /** `changed` is called after each event that has become part of the state. */
  constructor(journal: JournalWriter, state: RunState | undefined, changed: () => void) {
    this.#journal = journal;
    this.#state = state;
    this.#changed = changed;
  }

  /** What the events add up to. Throws before the first one. */
  get state(): RunState {
    if (this.#state === undefined)
      throw new ToolError('The run has no beginning.', 'Report this as a defect.');
    return this.#state;
  }

  /** Puts an event on disk, then into the state. Rejects when it cannot be written; the state is then unchanged. */
  async append(event: RunEvent): Promise<void> {
    await this.#inTurn(async () => {
      const record = await this.#journal.append(withoutSecrets(event));
      this.#state = reduce(this.#state, record);
      this.#changed();
    });
  }

  /** Rejects when nothing more can be appended. */
  async check(): Promise<void> {
    await this.#inTurn(() => this.#journal.check());
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#appending.then(work);
    this.#appending = done.catch(() => undefined);
    await done;
  }
}
