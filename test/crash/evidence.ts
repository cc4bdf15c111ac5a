/** What is left of a run: its journal and outputs, the change record made from them, and what the simulation recorded. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalRecord } from '../../source/engine/events.ts';
import type { RunState } from '../../source/engine/state.ts';
import { alteredOutputs } from '../../source/journal/output.ts';
import { readJournal } from '../../source/journal/read.ts';
import type { RunFiles } from '../../source/journal/state-directory.ts';
import type { SimulationRecord } from '../../source/rehearsal/index.ts';
import { buildRecord } from '../../source/transcript/build.ts';
import type { ChangeRecord } from '../../source/transcript/model.ts';

export interface Evidence {
  records: readonly JournalRecord[];
  state: RunState;
  record: ChangeRecord;
  /** Kept outputs that are not what the journal says. */
  altered: readonly string[];
  tornBytes: number;
  /** The lines of all output files. */
  printed: readonly string[];
  world: SimulationRecord;
  /** How often each secret was sent to be replaced, as the document's command does. */
  replaced: ReadonlyMap<string, number>;
  /** How often each secret was asked to be written as it is, dry runs apart. */
  patched: ReadonlyMap<string, number>;
}

/** Gathers it. Throws `ToolError` when the chain does not hold. */
export async function gather(files: RunFiles, world: SimulationRecord): Promise<Evidence> {
  const { records, state, head, tornBytes } = await readJournal(files);
  const altered = (await alteredOutputs(files, state)).map(({ file }) => file);
  const record = buildRecord({ state, records, chainHead: head, output: () => undefined });
  return {
    records,
    state,
    record,
    altered,
    tornBytes,
    printed: readdirSync(files.output)
      .filter((name) => name.endsWith('.log'))
      .flatMap((name) => readFileSync(join(files.output, name), 'utf8').split('\n')),
    world,
    replaced: requestsFor(files.simulation, 'PUT'),
    patched: requestsFor(files.simulation, 'PATCH'),
  };
}

/** How many requests with this method there were for each secret. */
function requestsFor(simulation: string, wanted: 'PUT' | 'PATCH'): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync(join(simulation, 'requests.jsonl'), 'utf8').split('\n').slice(0, -1)) {
    const { method, path: address } = JSON.parse(line) as { method: string; path: string };
    const [path = '', query] = address.split('?');
    if (method !== wanted || !path.includes('/secrets/') || new URLSearchParams(query).has('dryRun'))
      continue;
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return counts;
}

/** A request to change the cluster, without when it came and what became of it. */
export function wishes(world: SimulationRecord): string[] {
  return world.mutations.map(({ operation, summary }) => JSON.stringify({ operation, summary }));
}

/** For each step of a run that was left alone, what its command asked Azure for; not those that have no done-when. */
export function askedBy({ records, state, world }: Evidence): ReadonlyMap<string, string> {
  const blind = new Set(
    state.plan.steps.flatMap((step) => (step.kind === 'run' && step.doneWhen !== undefined ? [] : step.id)),
  );
  const begun = records.flatMap(({ event }) =>
    event.type === 'step.started' && event.command !== undefined && !blind.has(event.step) ? event.step : [],
  );
  return new Map(begun.map((step, index) => [step, wishes(world)[index] ?? '']));
}

/** What a change record says, apart from how many sittings and attempts it took, by whose word, and when. */
export function substance({ record, state, world }: Evidence): unknown {
  const settled: Record<string, string> = { succeeded: 'done', accepted: 'done', overridden: 'done' };
  return {
    outcome: record.outcome.kind,
    runbook: record.runbook.id,
    fingerprint: record.fingerprint,
    parameters: record.parameters,
    captured: state.captured,
    settings: record.settings.lines,
    irreversible: record.irreversible.map(({ step }) => step.id),
    remaining: record.remaining.map(({ step }) => step.id),
    attestations: record.attestations.map(({ step, statement }) => [step.id, statement]),
    steps: record.sections.flatMap(({ steps }) =>
      steps.map(({ id, status, attempts }) => [
        id,
        settled[status] ?? status,
        attempts.findLast(({ command }) => command !== undefined)?.command,
      ]),
    ),
    cluster: { ...world.cluster, fqdn: undefined },
    secretsByKey: world.secretsByKey,
  };
}
