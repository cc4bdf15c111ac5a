/** Calls that come often, carried out at most once per interval; the last one is never lost. */
export interface Throttled {
  (): void;
  /** Drops what waits and ends the timer. */
  stop(): void;
}

/** `action` at once when it has been quiet for `milliseconds`, else when they are over. */
export function throttle(action: () => void, milliseconds: number): Throttled {
  let timer: NodeJS.Timeout | undefined;
  let waiting = false;
  const run = (): void => {
    waiting = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (waiting) run();
    }, milliseconds);
    action();
  };
  const call = (): void => {
    if (timer === undefined) run();
    else waiting = true;
  };
  return Object.assign(call, {
    stop() {
      clearTimeout(timer);
      timer = undefined;
      waiting = false;
    },
  });
}
