/** Rewriting Secrets through the API server: the engine's `SecretRewriter` port. */
import type { Clock, SecretRewriter } from '../engine/ports.ts';
import type { SecretsApi } from './api.ts';
import { usualInFlight } from '../engine/rewriting.ts';
import { goOn, startFlow } from './flow.ts';
import { Sitting } from './sitting.ts';
import { keepHeapSmall } from './small-heap.ts';

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
    async extent(namespaces, signal) {
      const [all, secrets] = await survey(await api(signal), namespaces, signal);
      return { secrets, namespaces: all.length };
    },
    async pass(work) {
      keepHeapSmall();
      const opened = await api(work.signal);
      const [all, total] = await survey(opened, work.namespaces, work.signal);
      const sitting = new Sitting(opened, clock, flow, work, { namespaces: all, total });
      try {
        return await sitting.run();
      } finally {
        flow = goOn(sitting.flow);
      }
    },
  };
}

/** The namespaces there are to go through, and about how many Secrets are in them. */
async function survey(
  api: SecretsApi,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<[readonly string[], number | undefined]> {
  return Promise.all([
    namespaces.length > 0 ? namespaces : api.namespaces(signal),
    api.count(namespaces, signal),
  ]);
}
