/** Rewriting Secrets through the API server: the engine's `SecretRewriter` port. */
import type { Clock, SecretRewriter } from '../engine/ports.ts';
import type { SecretsApi } from './api.ts';
import { goOn, startFlow } from './flow.ts';
import { Sitting } from './sitting.ts';
import { keepHeapSmall } from './small-heap.ts';

/** Requests under way at most, unless the operator says otherwise. */
export const usualInFlight = 100;

export interface RewriterOptions {
  /** Opened when the first pass begins. Throws `ToolError`. */
  api(signal: AbortSignal): Promise<SecretsApi>;
  clock: Clock;
  maxInFlight?: number | undefined;
}

export function createRewriter({ api, clock, maxInFlight = usualInFlight }: RewriterOptions): SecretRewriter {
  /** What one pass found out of how much the API server takes, the next one begins with. */
  let flow = startFlow(maxInFlight);
  return {
    async pass(work) {
      keepHeapSmall();
      const opened = await api(work.signal);
      const [all, total] = await Promise.all([
        work.namespaces.length > 0 ? work.namespaces : opened.namespaces(work.signal),
        opened.count(work.namespaces, work.signal),
      ]);
      const sitting = new Sitting(opened, clock, flow, work, { namespaces: all, total });
      try {
        return await sitting.run();
      } finally {
        flow = goOn(sitting.flow);
      }
    },
  };
}
