/** The engine's `Clock` port. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../engine/ports.ts';

/** The machine's clock. */
export const systemClock: Clock = hurriedClock(1);

/** Tells the real time and sleeps `speed` times shorter, for a rehearsal in which minutes pass in seconds. */
export function hurriedClock(speed: number): Clock {
  return {
    now: () => new Date(),
    async sleep(milliseconds, signal) {
      try {
        await delay(milliseconds / speed, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}
