/** Ctrl-Z and `fg`: the terminal goes back to the shell and comes back. Commands are not affected. */
import process from 'node:process';

interface Handle {
  resume(): Promise<void>;
}

/** Milliseconds for the signal to arrive. */
const settleTime = 100;

export class Suspension {
  readonly #handOver: () => Promise<Handle>;
  #handle: Handle | undefined;
  #busy = false;
  /** Another program of ours has the terminal. */
  #lent = false;

  /** `handOver` gives the terminal away and returns how to take it back (Ink's `suspendTerminal`). */
  constructor(handOver: () => Promise<Handle>) {
    this.#handOver = handOver;
  }

  /** Stops this process and its group, as the terminal itself does for Ctrl-Z; nothing where there is no such thing. */
  suspend(): void {
    if (process.platform === 'win32' || this.#busy) return;
    this.#busy = true;
    void this.#stop();
  }

  /** Lets another program have the terminal for as long as `work` takes. Rejects as `work` does. */
  async lend(work: () => Promise<void>): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#lent = true;
    try {
      const handle = await this.#handOver();
      try {
        await work();
      } finally {
        await handle.resume();
      }
    } finally {
      this.#lent = false;
      this.#busy = false;
    }
  }

  async #stop(): Promise<void> {
    this.#handle = await this.#handOver();
    process.kill(0, 'SIGTSTP');
    // Reached when the process goes on, or at once where nobody could wake it and the signal is therefore dropped. The
    // signal to go on has mostly been heard by then, and the terminal taken back: once is enough.
    setTimeout(() => {
      if (this.#handle !== undefined) void this.#takeBack();
    }, settleTime);
  }

  /** Draws anew when the process goes on, however it was stopped. Returns what ends the watching. */
  watch(): () => void {
    const back = (): void => void this.#takeBack();
    process.on('SIGCONT', back);
    return () => process.off('SIGCONT', back);
  }

  async #takeBack(): Promise<void> {
    // Whoever has it goes on by itself.
    if (this.#lent) return;
    // Stopped from outside: raw mode and the alternate screen have to be set up again all the same.
    const handle = this.#handle ?? (this.#busy ? undefined : await this.#handOver());
    this.#handle = undefined;
    this.#busy = false;
    await handle?.resume();
  }
}
