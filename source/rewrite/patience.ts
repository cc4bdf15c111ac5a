/**
 * How long to wait after a setback: as the API server asks, else longer each time. Setbacks in a row, with nothing
 * that worked between them, are borne for a limited time. Pure.
 */
export interface Patience {
  /** Waits in a row. */
  readonly rounds: number;
  /** Milliseconds waited in them. */
  readonly waited: number;
}

export const patient: Patience = { rounds: 0, waited: 0 };

const firstWait = 50;
const longestWait = 15_000;
/** Milliseconds of waiting after which there is no more point in it: a busy server, and one that fails. */
const limits = { busy: 300_000, failed: 60_000 };

/** The next wait in milliseconds, or `over` when enough has been waited. */
export function wait(
  patience: Patience,
  because: keyof typeof limits,
  retryAfter: number | undefined,
): { milliseconds: number; patience: Patience; over: boolean } {
  const own = Math.min(longestWait, firstWait * 2 ** patience.rounds);
  // A server that asks for no wait at all is not to be asked without end.
  const milliseconds = retryAfter === undefined ? own : Math.max(retryAfter, firstWait);
  const waited = patience.waited + milliseconds;
  return {
    milliseconds,
    patience: { rounds: patience.rounds + 1, waited },
    over: waited > limits[because],
  };
}
