/** From a run's journal to its change record. */
import { encryptionText, settingsEncryption } from '../engine/encryption.ts';
import type { ClusterSettings, ConfirmedBy, JournalRecord } from '../engine/events.ts';
import { attention, unverifiedRewrite } from '../engine/in-short.ts';
import { isSettled, lastAttempt, stepState } from '../engine/state.ts';
import type { RunState } from '../engine/state.ts';
import { quoteWords } from '../plan/command.ts';
import { diffSettings, listSettings } from './diff.ts';
import { excerpt, whole } from './excerpt.ts';
import type {
  Attestation,
  AttemptOutput,
  ChangeRecord,
  Deviation,
  IrreversibleStep,
  RemainingStep,
  SessionRecord,
  SettingsChange,
  StepName,
  StepRecord,
} from './model.ts';
import { outcomeOf } from './outcome.ts';
import { say } from './phrase.ts';
import { Scrubber } from './scrub.ts';
import type { Redact } from './scrub.ts';
import { resultOf, stepRecord } from './steps.ts';
import type { ShownOutput } from './steps.ts';
import { precedesSession, timeline } from './timeline.ts';

/** What a change record is made from. */
export interface RecordSource {
  state: RunState;
  /** All records of the journal, in order; `state` is what they add up to. */
  records: readonly JournalRecord[];
  /** SHA-256 (hex) of the journal's last line. */
  chainHead: string;
  /** The kept output of an attempt; undefined when there is none or it cannot be read. */
  output(step: string, attempt: number): AttemptOutput | undefined;
  /** Show outputs whole. */
  full?: boolean | undefined;
  /** Takes out more than secrets. */
  redactMore?: Redact | undefined;
}

/**
 * The change record of a run. Pure. Everything in it has been redacted again: outputs whole, before they are
 * shortened, so that no secret escapes by being cut in two.
 */
export function buildRecord(source: RecordSource): ChangeRecord {
  const { state, records, chainHead, output, full = false, redactMore } = source;
  const { header, plan } = state;
  const scrubber = new Scrubber(redactMore);
  const names = new Map(plan.steps.map(({ id, title }, index) => [id, { number: index + 1, id, title }]));
  const told = timeline(records, names);
  const steps = new Map(
    plan.steps.map((planned): [string, StepRecord] => {
      const outputOf = (attempt: number): ShownOutput | undefined => {
        const kept = output(planned.id, attempt);
        if (kept === undefined) return undefined;
        if (kept.altered === true) return {};
        return { excerpt: (full ? whole : excerpt)(scrubber.text(kept.text), kept.lines) };
      };
      const name = nameIn(names, planned.id);
      const own = stepRecord(planned, name, state, told.steps.get(planned.id) ?? [], outputOf);
      return [planned.id, { ...own, unverified: unverifiedRewrite(state, planned.id) }];
    }),
  );
  const sessions = sessionsOf(records);
  const record = scrubber.data<Omit<ChangeRecord, 'redactions' | 'redactionsAsked'>>({
    runId: header.runId,
    rehearsal: header.rehearsal,
    simulation: header.simulation,
    runbook: plan.runbook,
    parameters: scrubber.values(plan.parameters),
    fingerprint: plan.fingerprint,
    target: plan.target,
    cluster: header.cluster,
    subscription: header.subscription,
    context: header.context,
    tenant: header.tenant,
    operator: header.operator,
    versions: header.versions,
    sessions,
    startedAt: state.startedAt,
    endedAt: endOf(state, records),
    outcome: outcomeOf(state, names, sessions.at(-1)?.operator ?? header.operator),
    attention: attention(state),
    settings: settingsOf(state, records),
    confirmations: confirmationsOf(records),
    irreversible: irreversibleOf(state, names),
    deviations: deviationsOf(state, names),
    notable: told.notable,
    remaining: remainingOf(state, names),
    attestations: attestationsOf(state, records, names),
    sections: plan.sections.map(({ title, steps: ids }) => ({
      title,
      steps: ids.flatMap((id) => steps.get(id) ?? []),
    })),
    history: told.history,
    journal: { records: records.length, chainHead },
  });
  return { ...record, redactions: scrubber.secrets, redactionsAsked: scrubber.asked };
}

function nameIn(names: ReadonlyMap<string, StepName>, id: string): StepName {
  return names.get(id) ?? { number: 0, id, title: id };
}

function endOf(state: RunState, records: readonly JournalRecord[]): string {
  if (state.status === 'active') return state.updatedAt;
  const end = records.findLast(({ event: { type } }) => type === 'run.completed' || type === 'run.stopped');
  return end?.time ?? state.updatedAt;
}

function sessionsOf(records: readonly JournalRecord[]): SessionRecord[] {
  const sessions: SessionRecord[] = [];
  let atStart: SessionRecord['versions'] = {};
  for (const { event, time } of records) {
    if (event.type === 'run.started') atStart = event.session.versions;
    if (event.type === 'run.started' || event.type === 'run.resumed') {
      const changedVersions = differing(atStart, event.session.versions);
      const { operator, pid, versions, speed, timeZone, maxInFlight } = event.session;
      sessions.push({
        operator,
        pid,
        versions,
        speed,
        timeZone,
        maxInFlight,
        startedAt: time,
        endedAt: time,
        changedVersions,
      });
    }
    const current = sessions.at(-1);
    if (current !== undefined && !precedesSession(event)) current.endedAt = time;
  }
  return sessions;
}

function differing(
  before: SessionRecord['versions'],
  now: SessionRecord['versions'],
): SessionRecord['changedVersions'] {
  const all = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return all
    .filter((name) => before[name] !== now[name])
    .map((name) => ({ name, before: before[name], now: now[name] }));
}

function settingsOf({ header }: RunState, records: readonly JournalRecord[]): SettingsChange {
  const observed = records.flatMap(({ event, time }) =>
    event.type === 'run.settings-observed' ? [{ time, moment: event.moment, settings: event.settings }] : [],
  );
  const before = observed.find(({ moment }) => moment === 'before');
  const after = observed.findLast(({ moment }) => moment === 'after');
  const one = before ?? after;
  const lines =
    before !== undefined && after !== undefined
      ? diffSettings(before.settings, after.settings)
      : one === undefined
        ? []
        : listSettings(one.settings);
  const encryption = (observed: typeof one): string | undefined =>
    observed && encryptionText(settingsEncryption(observed.settings, header.cluster.kubernetesVersion));
  return {
    before: before?.time,
    after: after?.time,
    encryption: { before: encryption(before), after: encryption(after) },
    key: before && keyOf(before.settings),
    kmsOff: kmsOff(observed, header.cluster.kubernetesVersion),
    lines,
  };
}

function keyOf({ azureKeyVaultKms }: ClusterSettings): string | undefined {
  const id = (azureKeyVaultKms as { keyId?: unknown } | null | undefined)?.keyId;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** When KMS, on at first, was off, as far as readings show it. */
function kmsOff(
  observed: readonly { time: string; settings: ClusterSettings }[],
  version: string,
): { from: string; to?: string }[] {
  const spans: { from: string; to?: string }[] = [];
  let wasOn = false;
  for (const { time, settings } of observed) {
    const off = settingsEncryption(settings, version).generation === 'none';
    const last = spans.at(-1);
    if (off && wasOn) spans.push({ from: time });
    else if (!off && last !== undefined) last.to ??= time;
    wasOn = !off;
  }
  return spans;
}

function confirmationsOf(records: readonly JournalRecord[]): ChangeRecord['confirmations'] {
  const counts: Record<ConfirmedBy, number> = { key: 0, typed: 0, '--yes': 0, '--accept-irreversible': 0 };
  for (const { event } of records) if ('by' in event) counts[event.by] += 1;
  return (['key', 'typed', '--yes', '--accept-irreversible'] as const)
    .filter((how) => counts[how] > 0)
    .map((how) => ({ how, count: counts[how] }));
}

function irreversibleOf(state: RunState, names: ReadonlyMap<string, StepName>): IrreversibleStep[] {
  return state.plan.steps.flatMap((planned) => {
    const step = stepState(state, planned.id);
    const at = step.attempts.find(({ startedAt }) => startedAt !== undefined)?.startedAt;
    if (planned.irreversible === undefined || at === undefined) return [];
    return [
      {
        step: nameIn(names, planned.id),
        at,
        why: planned.irreversible,
        result: resultOf(planned, step),
        command: lastAttempt(step)
          ?.command?.map((words) => quoteWords(words))
          .join(' | '),
      },
    ];
  });
}

/** Steps that were settled in another way than the plan has it. */
function deviationsOf(state: RunState, names: ReadonlyMap<string, StepName>): Deviation[] {
  return state.plan.steps.flatMap((planned) => {
    const step = stepState(state, planned.id);
    if (!['skipped', 'overridden', 'acknowledged'].includes(step.status)) return [];
    const result = resultOf(planned, step);
    const warning = step.status === 'acknowledged' ? lastAttempt(step)?.failure?.what : undefined;
    return [
      {
        step: nameIn(names, planned.id),
        result: warning === undefined ? result : say`${result}: ${warning}`,
      },
    ];
  });
}

/** Steps that are not settled, and those that were skipped. */
function remainingOf(state: RunState, names: ReadonlyMap<string, StepName>): RemainingStep[] {
  return state.plan.steps.flatMap((planned) => {
    const step = stepState(state, planned.id);
    if (isSettled(step) && step.status !== 'skipped') return [];
    return [
      {
        step: nameIn(names, planned.id),
        result: resultOf(planned, step),
        instruction: planned.kind === 'manual' ? planned.instruction : undefined,
      },
    ];
  });
}

function attestationsOf(
  state: RunState,
  records: readonly JournalRecord[],
  names: ReadonlyMap<string, StepName>,
): Attestation[] {
  let by = state.header.operator.name;
  return records.flatMap(({ event, time }) => {
    if (event.type === 'run.started' || event.type === 'run.resumed') by = event.session.operator.name;
    if (event.type !== 'step.attested') return [];
    const planned = state.plan.steps.find(({ id }) => id === event.step);
    if (planned?.kind !== 'manual') return [];
    const { attest: statement, instruction } = planned;
    return [
      {
        step: nameIn(names, event.step),
        statement,
        instruction,
        note: event.note,
        at: time,
        by,
        how: event.by,
      },
    ];
  });
}
