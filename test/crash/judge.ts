/** What has to hold of a run, wherever it was stopped and taken up again. */
import { isDeepStrictEqual } from 'node:util';
import type { RunEvent } from '../../source/engine/events.ts';
import { askedBy, substance, wishes } from './evidence.ts';
import type { Evidence } from './evidence.ts';

export interface Circumstances {
  /** The same run, never stopped. */
  whole: Evidence;
  /** The journal as it was when the process had been stopped. */
  journalThen: string;
  /** The journal as it is in the end. */
  journalNow: string;
  /** Lines of output that were on screen, in each sitting. */
  shown: readonly (readonly string[])[];
  /** How many steps the screen of the sitting that was stopped said were settled. */
  saidSettled: number;
  /** The operator did what was proposed: the run has to end as the whole one did. */
  follows: boolean;
}

/** What does not hold, in words; nothing when all does. */
export function judge(run: Evidence, circumstances: Circumstances): string[] {
  const { whole, journalThen, journalNow, shown, saidSettled, follows } = circumstances;
  const wrong: string[] = [];
  const demand = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(what);
  };
  const kept = journalThen.slice(0, journalThen.lastIndexOf('\n') + 1);
  demand(journalNow.startsWith(kept), 'records that were on disk are gone');
  const settledThen = journalThen
    .split('\n')
    .filter((line) => [...settling].some((type) => line.includes(`"event":{"type":"${type}"`)));
  demand(saidSettled <= settledThen.length, 'the screen was ahead of the record');
  demand(run.tornBytes === 0, 'a torn record was left in the journal');
  demand(run.altered.length === 0, `outputs are not as recorded: ${run.altered.join(', ')}`);
  const lost = shown.flatMap((lines) => missing(lines, run.printed));
  demand(lost.length === 0, `output that was on screen is not on disk: ${lost[0]}`);
  wrong.push(...unconfirmedStarts(run), ...repeatedSteps(run), ...unwantedChanges(run, whole, follows));
  wrong.push(...repeatedWrites(run));
  if (!follows) return wrong;
  const [is, ought] = [substance(run), substance(whole)] as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  for (const [name, value] of Object.entries(ought))
    if (!isDeepStrictEqual(is[name], value))
      wrong.push(
        `the record tells another ${name}: ${JSON.stringify(is[name])} and not ${JSON.stringify(value)}`,
      );
  return wrong;
}

/** Lines that are more often in the first list than in the second. */
function missing(lines: readonly string[], among: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of among) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

const settling: ReadonlySet<RunEvent['type']> = new Set<RunEvent['type']>([
  'step.succeeded',
  'step.accepted',
  'step.acknowledged',
  'step.attested',
  'step.skipped',
  'step.overridden',
]);

/** No step that was settled is begun again. */
function repeatedSteps({ records }: Evidence): string[] {
  const settled = new Set<string>();
  const wrong: string[] = [];
  for (const { event } of records) {
    if (!('step' in event) || event.step === undefined) continue;
    if (settling.has(event.type)) settled.add(event.step);
    else if (event.type === 'step.started' && settled.has(event.step))
      wrong.push(`step ${event.step} was settled and begun again`);
  }
  return wrong;
}

/** No command is begun but on a word given for that attempt in that sitting. */
function unconfirmedStarts({ records }: Evidence): string[] {
  const confirmed = new Set<string>();
  const wrong: string[] = [];
  for (const { event } of records) {
    if (event.type === 'run.resumed') confirmed.clear();
    if (event.type === 'step.confirmed') confirmed.add(`${event.step} ${event.attempt}`);
    if (event.type !== 'step.started' || event.command === undefined) continue;
    if (!confirmed.delete(`${event.step} ${event.attempt}`))
      wrong.push(`${event.step} was begun without a word in that sitting`);
  }
  return wrong;
}

/**
 * No change is begun again but by the operator's word, and none reaches the simulation more often than it was begun;
 * nor twice at all when the operator only did what was proposed.
 */
function unwantedChanges(run: Evidence, whole: Evidence, follows: boolean): string[] {
  const wrong: string[] = [];
  const starts = new Map<string, number>();
  const words = new Map<string, number>();
  for (const { event } of run.records) {
    if (event.type === 'step.rerun-chosen' || event.type === 'step.retried')
      words.set(event.step, (words.get(event.step) ?? 0) + 1);
    if (event.type !== 'step.started' || event.command === undefined) continue;
    const count = (starts.get(event.step) ?? 0) + 1;
    starts.set(event.step, count);
    if (count > 1 + (words.get(event.step) ?? 0))
      wrong.push(`${event.step} was begun again without the operator's word`);
  }
  const asked = askedBy(whole);
  const changes = wishes(run.world);
  for (const [step, wish] of asked) {
    const times = changes.filter((other) => other === wish).length;
    const most = follows ? 1 : (starts.get(step) ?? 0);
    if (times > most) wrong.push(`${step} reached Azure ${times} times: ${wish}`);
  }
  const strange = changes.find((wish) => ![...asked.values()].includes(wish));
  if (strange !== undefined && follows) wrong.push(`Azure was asked for something else: ${strange}`);
  let most = 0;
  for (const [step, times] of starts) if (!asked.has(step)) most += times;
  for (const [path, times] of run.replaced)
    if (times > most) wrong.push(`${path} was replaced ${times} times`);
  return wrong;
}

/** No pass writes a secret twice, a verification looks at one that it moved once more, and each is counted once. */
function repeatedWrites({ records, state, patched, world }: Evidence): string[] {
  const wrong: string[] = [];
  const most = records
    .flatMap(({ event }) => (event.type === 'rewrite.begun' ? (event.verifies ? 2 : 1) : 0))
    .reduce<number>((sum, times) => sum + times, 0);
  for (const [path, times] of patched)
    if (times > most) wrong.push(`${path} was written ${times} times, and not ${most} at most`);
  for (const [step, { rewrite = [] }] of Object.entries(state.steps))
    for (const { number, counts, endedAt } of rewrite)
      if (endedAt !== undefined && counts.listed !== world.secrets)
        wrong.push(
          `pass ${number} of ${step} tells of ${counts.listed} secrets, and not of ${world.secrets}`,
        );
  return wrong;
}
