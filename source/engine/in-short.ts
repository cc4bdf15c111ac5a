/** What a run has come to, in few words: worded once for the screen, plain mode and the change record. Pure. */
import { storedText } from '../plan/describe.ts';
import { settingsEncryption } from './encryption.ts';
import { isClean, namespacesOf, nextPass } from './rewriting.ts';
import type { RewritePass, RewriteState } from './rewriting.ts';
import type { RunState, StepState, StepStatus } from './state.ts';

const groups: readonly { words: readonly [one: string, more: string]; statuses: readonly StepStatus[] }[] = [
  { words: ['done', 'done'], statuses: ['succeeded', 'accepted', 'attested'] },
  { words: ['warning acknowledged', 'warnings acknowledged'], statuses: ['acknowledged'] },
  { words: ['marked as done without proof', 'marked as done without proof'], statuses: ['overridden'] },
  { words: ['skipped', 'skipped'], statuses: ['skipped'] },
  { words: ['not applicable', 'not applicable'], statuses: ['not-applicable'] },
  { words: ['failed', 'failed'], statuses: ['failed'] },
  { words: ['begun and not finished', 'begun and not finished'], statuses: [] },
  {
    words: ['with unknown outcome', 'with unknown outcome'],
    statuses: ['running', 'settling', 'unknown', 'investigated'],
  },
  { words: ['not done', 'not done'], statuses: ['pending', 'ready', 'already-done', 'confirmed', 'warned'] },
];

/** How many steps ended in which way: `5 done (1 of them at the 2nd attempt)`, `1 skipped`. Every step is in one. */
export function stepCounts(state: RunState): string[] {
  const steps = Object.values(state.steps);
  return groups.flatMap(({ words: [one, more], statuses }) => {
    const those = steps.filter((step) =>
      isHalfDone(state, step) ? one.startsWith('begun') : statuses.includes(step.status),
    );
    if (those.length === 0) return [];
    const again = one === 'done' ? repeated(those) : '';
    return [`${those.length} ${those.length === 1 ? one : more}${again}`];
  });
}

/** A rewrite by the tool itself that the run was stopped in: what it has done is known, and it goes on from there. */
function isHalfDone({ status }: RunState, step: StepState): boolean {
  const running = step.status === 'running' && step.attempts.at(-1)?.command === undefined;
  return status === 'stopped' && running && (step.rewrite?.length ?? 0) > 0;
}

/** ` (1 of them at the 2nd attempt)`, for steps that took more than one; of a single step ` (at the 2nd attempt)`. */
function repeated(steps: readonly StepState[]): string {
  const numbers = steps.map(({ attempts }) => attempts.length).filter((number) => number > 1);
  if (numbers.length === 0) return '';
  if (steps.length === 1) return ` (at the ${ordinal(numbers[0] ?? 1)} attempt)`;
  const parts = [...new Set(numbers)]
    .sort((one, other) => one - other)
    .map((number) => {
      const count = numbers.filter((other) => other === number).length;
      return `${count} of them at the ${ordinal(number)} attempt`;
    });
  return ` (${parts.join(', ')})`;
}

function ordinal(number: number): string {
  const teen = number % 100 > 10 && number % 100 < 14;
  return `${number}${(teen ? undefined : ['th', 'st', 'nd', 'rd'][number % 10]) ?? 'th'}`;
}

/** Passed on the operator's word alone. */
const passedOver: ReadonlySet<StepStatus> = new Set<StepStatus>(['skipped', 'overridden']);

/** `completed`; `ended, 2 steps without proof` where steps were skipped or marked as done. For a run that has ended. */
export function endText(state: RunState): string {
  const open = countPassedOver(state);
  return open === 0 ? 'completed' : `ended, ${open} step${open === 1 ? '' : 's'} without proof`;
}

/** How many steps were skipped or marked as done without proof. */
export function countPassedOver({ steps }: RunState): number {
  return Object.values(steps).filter(({ status }) => passedOver.has(status)).length;
}

/** `step 3 skipped and steps 4 and 7 marked as done without proof`; undefined when there are none. */
export function passedOverSteps({ plan, steps }: RunState): string | undefined {
  const parts = groups.flatMap(({ words: [word], statuses }) => {
    const those = plan.steps.flatMap(({ id }, index) => {
      const status = steps[id]?.status;
      return status !== undefined && passedOver.has(status) && statuses.includes(status) ? [index + 1] : [];
    });
    return those.length === 0 ? [] : [`step${those.length === 1 ? '' : 's'} ${listed(those)} ${word}`];
  });
  return parts.length === 0 ? undefined : listed(parts);
}

/** `3, 4 and 7`. */
function listed(items: readonly (string | number)[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? String(last) : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/** What must not be forgotten while a run is not completed; undefined when there is nothing. */
export function attention({ status, settings: { before, after }, header }: RunState): string | undefined {
  if (status === 'completed' || before === undefined || after === undefined) return undefined;
  const { kubernetesVersion } = header.cluster;
  const was = settingsEncryption(before, kubernetesVersion).generation;
  const is = settingsEncryption(after, kubernetesVersion).generation;
  if (was === 'none' || is !== 'none') return undefined;
  return 'KMS is OFF on this cluster: what is written now is not encrypted with your key. Resume soon, or turn it on.';
}

/** What there is to a rewrite besides its passes. */
interface AroundRewrite {
  /** How the step leaves the Secrets, if not under the current key. */
  stored?: string | undefined;
  /** Secrets that attempts before those passes have written. */
  writtenBefore?: number | undefined;
}

/** What a rewrite has come to in all its attempts, in one sentence; undefined before anything was done. */
export function rewriteSummary(passes: RewriteState, around: AroundRewrite = {}): string | undefined {
  const [first] = passes;
  const last = passes.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const { writtenBefore = 0 } = around;
  const begun = first.counts.listed > 0 || first.endedAt !== undefined;
  const parts = first.verifies || !begun ? [] : [writtenText(first, passes, writtenBefore)];
  if (last.verifies && last.endedAt !== undefined) parts.push(verifiedText(last, passes, around));
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** What the passes and attempts before have written between them; the rest was current before. */
function writtenText(first: RewritePass, passes: RewriteState, writtenBefore: number): string {
  const { listed, gone } = first.counts;
  const refused = (passes.findLast(({ endedAt }) => endedAt !== undefined) ?? first).counts.refused;
  const places = [...namespacesOf(first).values()].filter(({ counts }) => counts.listed > 0).length;
  const later = passes.slice(1).reduce((sum, { counts }) => sum + counts.rewritten, 0);
  const writes = writtenBefore + first.counts.rewritten + later;
  // One may have been written several times, as by API servers that have not all heard of the new key.
  const rewritten = Math.min(writes, Math.max(0, listed - gone - refused));
  const how = [
    ...(writtenBefore > 0 ? [`${count(writtenBefore)} in earlier attempts`] : []),
    ...(later > 0 ? [`${count(later)} while verifying`] : []),
  ];
  const parts = [
    `${count(rewritten)} written again${how.length === 0 ? '' : ` (${how.join(', ')})`}`,
    `${count(Math.max(0, listed - rewritten - gone - refused))} current before`,
    ...(gone > 0 ? [`${count(gone)} deleted meanwhile`] : []),
    ...(refused > 0 ? [`${count(refused)} refused`] : []),
  ];
  const end = first.endedAt === undefined ? ' (not finished)' : '';
  return `${many(listed, 'Secret')} in ${many(places, 'namespace')}: ${parts.join(', ')}${end}`;
}

/**
 * What a rewrite that was skipped or marked as done has left undone, as the end of a sentence; undefined when it has
 * verified every Secret that can be written, or its step is another one.
 */
export function unverifiedRewrite({ plan, steps, captured }: RunState, id: string): string | undefined {
  const index = plan.steps.findIndex((step) => step.id === id);
  const step = steps[id];
  if (step === undefined || plan.steps[index]?.kind !== 'rewrite-secrets' || !passedOver.has(step.status))
    return undefined;
  const passes = step.rewrite ?? [];
  const next = nextPass(passes);
  if (next.kind === 'verified') return undefined;
  const [first] = passes;
  const last = passes.findLast(({ verifies, endedAt }) => verifies && endedAt !== undefined);
  if (last !== undefined) return verifiedText(last, passes);
  if (step.attempts.at(-1)?.confirmed?.documented === true)
    return 'what the command has written was not verified';
  if (first === undefined) return 'no Secret was written again, none verified';
  const { counts, endedAt } = first;
  const written = counts.rewritten + counts.current;
  if (endedAt !== undefined)
    return `${count(written)} of ${count(counts.listed)} Secrets written, none verified`;
  const noted = plan.steps
    .slice(0, index)
    .flatMap(({ capture }) => capture.filter(({ expression }) => expression.source === 'secrets.count'))
    .map(({ name }) => Number(captured[name]))
    .findLast((value) => value >= counts.listed);
  const all = noted === undefined ? 'Secrets' : `of ${count(noted)} Secrets`;
  return `${count(written)} ${all} written; the rest not written, none verified`;
}

function many(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

function verifiedText(last: RewritePass, passes: RewriteState, around: AroundRewrite = {}): string {
  const { counts } = last;
  const proven = counts.current + counts.rewritten - last.unproven.length;
  const times = passes.filter(({ verifies }) => verifies).length;
  const again = times > 1 ? ` at the ${ordinal(times)} verification` : '';
  if (!isClean(last))
    return `not verified: ${count(counts.rewritten)} of ${count(counts.listed)} moved${again}`;
  return `verified${again}: ${count(proven)} are ${storedText(around)}`;
}

/** `50,000`. */
export function count(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
