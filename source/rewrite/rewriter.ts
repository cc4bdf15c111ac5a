/** Rewriting Secrets through the API server: the engine's `SecretRewriter` port. */
import { setFlagsFromString } from 'node:v8';
import type { Clock, SecretRewriter } from '../engine/ports.ts';
import type { SecretsApi } from './api.ts';
import { Sitting } from './sitting.ts';

/** Requests under way at most, unless the operator says otherwise. */
export const usualInFlight = 64;

export interface RewriterOptions {
  /** Opened when the first pass begins. Throws `ToolError`. */
  api(signal: AbortSignal): Promise<SecretsApi>;
  clock: Clock;
  maxInFlight?: number | undefined;
}

/**
 * Has V8 leave the part of its heap for short-lived objects as large as it is. It doubles that part, up to 64 MB, the more
 * requests there have been, and nothing is gained by it here: what a request leaves behind is garbage at once.
 */
function keepSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

export function createRewriter({ api, clock, maxInFlight = usualInFlight }: RewriterOptions): SecretRewriter {
  return {
    async pass(work) {
      keepSmall();
      const opened = await api(work.signal);
      // A verification may well reach another API server than the pass before it.
      opened.reconnect();
      const all = work.namespaces.length > 0 ? work.namespaces : await opened.namespaces(work.signal);
      const total = await opened.count(work.namespaces, work.signal);
      return new Sitting(opened, clock, maxInFlight, work, { namespaces: all, total }).run();
    },
  };
}
