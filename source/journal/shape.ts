/**
 * Whether a record is one this version could have written. The chain tells that a line is as it was written; not by
 * whom, nor by which version. What is not known here is not guessed at.
 */
import type { JournalRecord, RunEvent } from '../engine/events.ts';
import type { PlannedStep } from '../plan/model.ts';

/** Whether a value is of one shape. */
type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const ordinal: Check = (value) => count(value) && value !== 0;
const time: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const anything: Check = (value) => value !== undefined;

const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const oneOf =
  (...known: readonly unknown[]): Check =>
  (value) =>
    known.includes(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const recordOf =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check);
const object =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check(own(value, name)));

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

const operator = object({ name: text, localUser: text, host: text });
const session = object({
  operator,
  pid: count,
  versions: recordOf(text),
  speed: maybe(Number.isFinite),
  timeZone: maybe(text),
  maxInFlight: maybe(count),
});
const identity = object({ pid: count, startMark: text, host: text });
const holder = object({ pid: count, host: text, operator: text, since: text });
const words = listOf(listOf(text));
const by = oneOf('key', 'typed', '--yes', '--accept-irreversible');
const failure = object({
  reason: text,
  what: text,
  detail: maybe(text),
  explanation: maybe(object({ means: text, do: text, link: maybe(text) })),
});
const exit = object({
  code: orNull(Number.isSafeInteger),
  signal: orNull(text),
  codes: maybe(listOf(orNull(Number.isSafeInteger))),
  failure: maybe(text),
  outputBytes: count,
  outputSha256: text,
  outputLost: maybe(count),
  endedAt: time,
});

const expression = object({
  source: text,
  facts: listOf(text),
  position: object({ file: text, line: count, column: count }),
});
const part: Check = (value) => object({ text })(value) || object({ name: text })(value);
const anyStep = {
  id: text,
  title: text,
  text: maybe(text),
  when: maybe(expression),
  doneWhen: maybe(expression),
  irreversible: maybe(text),
  confirm: (value: unknown) =>
    object({ kind: oneOf('enter') })(value) || object({ kind: oneOf('type'), expected: text })(value),
  capture: listOf(object({ name: text, expression })),
  timeout: maybe(count),
  normal: maybe(count),
  evenIfFailed: listOf(text),
  explain: listOf(object({ pattern: text, means: text, do: text, link: maybe(text) })),
};
const steps: Readonly<Record<PlannedStep['kind'], Check>> = {
  run: object({
    ...anyStep,
    pipeline: listOf(listOf(listOf(part))),
    source: text,
    changes: flag,
    tolerate: listOf(object({ pattern: text, because: text })),
  }),
  check: object({
    ...anyStep,
    check: expression,
    message: text,
    fix: maybe(text),
    value: maybe(expression),
    severity: oneOf('blocking', 'warning'),
  }),
  wait: object({ ...anyStep, until: expression, every: count, timeout: count }),
  'rewrite-secrets': object({
    ...anyStep,
    namespaces: listOf(text),
    noExceptions: maybe(text),
    stored: maybe(text),
    documented: maybe(
      object({
        pipeline: listOf(listOf(listOf(part))),
        source: text,
        tolerate: listOf(object({ pattern: text, because: text })),
      }),
    ),
  }),
  manual: object({ ...anyStep, instruction: text, attest: text, note: oneOf('optional', 'required') }),
};
const step: Check = (value) => isObject(value) && find(steps, own(value, 'kind'))?.(value) === true;
const plan = object({
  runbook: object({
    id: text,
    title: text,
    source: object({ title: text, url: text, date: text }),
    digest: text,
    rehearsal: text,
  }),
  parameters: recordOf(text),
  target: object({ clusterName: text, resourceGroup: text }),
  sections: listOf(object({ title: text, text: maybe(text), steps: listOf(text) })),
  steps: listOf(step),
  fingerprint: text,
});
const header = object({
  runId: text,
  rehearsal: flag,
  runbook: text,
  plan,
  operator,
  tenant: maybe(text),
  subscription: maybe(object({ id: text, name: text })),
  context: maybe(object({ name: text, server: text, uid: text, namespace: maybe(text) })),
  simulation: maybe(object({ scenario: text, faults: listOf(text), clients: text })),
  cluster: object({ id: text, kubernetesVersion: text, fqdn: text, createdAt: maybe(text) }),
  versions: recordOf(text),
});

const ofAttempt = { step: text, attempt: ordinal };
const events: Readonly<Record<RunEvent['type'], Check>> = {
  'run.started': object({ header, session }),
  'run.resumed': object({ session }),
  'run.lock-taken-over': object({ from: maybe(holder), reason: maybe(text) }),
  'run.journal-repaired': object({ droppedBytes: count }),
  'run.drifted': object({ differences: listOf(object({ what: text, expected: text, found: text })) }),
  'run.drift-accepted': object({ reason: text }),
  'run.settings-observed': object({ moment: oneOf('before', 'after'), settings: recordOf(anything) }),
  'run.noted': object({ step: maybe(text), text }),
  'run.warned': object({ step: maybe(text), text }),
  'run.stopped': object({ reason: oneOf('operator', 'unconfirmed', 'failed', 'detached', 'closed') }),
  'run.completed': object({}),
  'step.assessed': object({
    step: text,
    applies: flag,
    alreadyDone: orNull(flag),
    extent: maybe(object({ secrets: maybe(count), namespaces: count })),
  }),
  'step.confirmed': object({ ...ofAttempt, by, typed: maybe(text), documented: maybe(flag) }),
  'step.started': object({ ...ofAttempt, command: maybe(words) }),
  'command.spawned': object({ ...ofAttempt, identity }),
  'command.exited': object({ ...ofAttempt, exit, tolerated: maybe(text), toleratedLines: maybe(count) }),
  'command.cancelled': object(ofAttempt),
  'step.cluster-busy': object({ ...ofAttempt, provisioningState: text }),
  'step.cluster-settled': object({ ...ofAttempt, provisioningState: text }),
  'step.investigated': object({ ...ofAttempt, effect: orNull(flag), failure: maybe(failure) }),
  'step.verified': object({ ...ofAttempt, expression: text, holds: flag }),
  'step.succeeded': object({ ...ofAttempt, value: maybe(text) }),
  'step.failed': object({ ...ofAttempt, failure }),
  'step.acknowledged': object({ step: text, by }),
  'step.attested': object({ step: text, by, note: maybe(text) }),
  'step.accepted': object({ step: text, why: oneOf('already', 'took-effect'), by }),
  'step.skipped': object({ step: text, reason: text }),
  'step.overridden': object({
    step: text,
    reason: text,
    acknowledged: maybe(listOf(object({ namespace: text, names: listOf(text) }))),
  }),
  'step.retried': object({ step: text }),
  'step.rerun-chosen': object({ step: text }),
  'step.detoured': object({ step: text, after: text }),
  'rewrite.begun': object({ ...ofAttempt, pass: ordinal, verifies: flag, goesOn: maybe(flag) }),
  'rewrite.progressed': object({
    ...ofAttempt,
    pass: ordinal,
    namespaces: listOf(object({ name: text, counts: recordOf(count), done: flag })),
    refused: listOf(object({ namespace: text, names: listOf(text), message: text })),
    retries: count,
  }),
  'rewrite.pass-ended': object({
    ...ofAttempt,
    pass: ordinal,
    unproven: listOf(object({ namespace: text, name: text })),
  }),
  'rewrite.paused': object(ofAttempt),
  'rewrite.continued': object(ofAttempt),
  'value.captured': object({ step: text, name: text, value: text }),
};

/** The first record that is not one of this version's, or undefined when all are. */
export function strangeRecord(records: readonly JournalRecord[]): JournalRecord | undefined {
  return records.find(({ time: at, event }) => !time(at) || find(events, event.type)?.(event) !== true);
}

function find(table: Readonly<Record<string, Check>>, name: unknown): Check | undefined {
  return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
}
