/** Keeping secrets out of what is recorded of the world. Outputs are redacted where they are kept, by their keepers. */
import type { RunEvent } from './events.ts';
import { redact } from './redaction.ts';

/** The events whose texts may quote Azure, the cluster or a command. The others say what the tool itself chose. */
const quoting: ReadonlySet<RunEvent['type']> = new Set<RunEvent['type']>([
  'run.drifted',
  'run.settings-observed',
  'run.warned',
  'step.failed',
  'step.investigated',
  'step.succeeded',
]);

/** The event without the secrets in what it quotes. */
export function withoutSecrets(event: RunEvent): RunEvent {
  return quoting.has(event.type) ? (scrub(event) as RunEvent) : event;
}

function scrub(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, scrub(item)]));
}
