/** What the home screen offers, as one list: unfinished runs first, then the clusters, runbooks and finished runs. */
import type { RunState } from '../../../engine/state.ts';
import { cut, width } from '../../text.ts';
import { clockTime, localTime } from '../../time.ts';
import type { ListItem } from '../list/list.ts';
import type { HomeData, RunSummary, RunbookChoice } from '../app.ts';

/** Of each kind of runs, those that can be expanded. */
export type RunKind = 'unfinished' | 'finished';

export interface HomeItem extends ListItem {
  what:
    | { kind: 'resume'; run: RunSummary }
    | { kind: 'start'; runbook: RunbookChoice }
    | { kind: 'look'; run: RunSummary }
    | { kind: 'clusters' }
    /** `next` is the value of the item that then stands in its place. */
    | { kind: 'more'; runs: RunKind; next: string | undefined };
}

/** Runs of a kind that are listed before it is expanded: the newest are those looked for. */
const listed = 5;

/**
 * The list, each label at most `columns` wide. Times of today are told without the day; `now` says what today is.
 * `clusters`: they can be listed.
 */
export function homeItems(
  data: HomeData,
  clusters: boolean,
  expanded: ReadonlySet<RunKind>,
  columns: number,
  now: Date,
): HomeItem[] {
  const some = (kind: RunKind, item: (run: RunSummary) => HomeItem): HomeItem[] => {
    const shown = expanded.has(kind) ? data[kind] : data[kind].slice(0, listed);
    const more = data[kind].length - shown.length;
    return [...shown.map(item), ...(more > 0 ? [moreItem(kind, more, data[kind][listed])] : [])];
  };
  return [
    ...some('unfinished', (run) => resumeItem(run, columns, now)),
    ...(clusters ? [clustersItem] : []),
    ...data.runbooks.map((runbook): HomeItem => ({
      value: `start ${runbook.id}`,
      label: cut(`Start    ${runbook.title}`, columns),
      title: runbook.title,
      about: aboutRunbook(runbook),
      what: { kind: 'start', runbook },
    })),
    ...some('finished', (run) => ({
      value: valueOf('finished', run),
      label: runLabel('Look at', run, run.runbookId, run.end?.replace('ended, ', '') ?? '', columns, now),
      title: titleOfRun(run),
      about: [`${ended(run)} ${clockTime(run.updatedAt)}, begun ${clockTime(run.startedAt)}.`, ...about(run)],
      what: { kind: 'look', run },
    })),
  ];
}

const clustersItem: HomeItem = {
  value: 'clusters',
  label: 'Clusters and what to do with each',
  about: [
    'Lists the clusters you can see, how each encrypts its secrets, and the runbook for each. Changes nothing.',
  ],
  what: { kind: 'clusters' },
};

function resumeItem(run: RunSummary, columns: number, now: Date): HomeItem {
  const why = whyStopped(run);
  return {
    value: valueOf('unfinished', run),
    label: runLabel('Resume', run, run.currentStep ?? run.runbookTitle, why, columns, now),
    title: titleOfRun(run),
    about: [
      `Begun ${clockTime(run.startedAt)}, last worked on ${clockTime(run.updatedAt)}: ${why}.`,
      run.currentStep === undefined
        ? 'Nothing is left to do but to finish it.'
        : `It is at step ${run.place}, “${run.currentStep}”.`,
      ...(run.status === 'active' && run.openBy === undefined ? [cutOff] : []),
      ...about(run),
    ],
    what: { kind: 'resume', run },
  };
}

/** What one wants to know first after a tool was killed. */
const cutOff =
  'Taking it up sends nothing again: the command, Azure and the cluster are looked at first, and you are asked.';

function moreItem(runs: RunKind, count: number, next: RunSummary | undefined): HomeItem {
  return {
    value: `more ${runs}`,
    label: `         … ${count} more ${runs}`,
    title: `${runs} runs`,
    about: [`Shows all ${runs} runs.`],
    what: { kind: 'more', runs, next: next && valueOf(runs, next) },
  };
}

/** When, which cluster, at what, why and which run; where it is too narrow for all, `at` gives way. */
function runLabel(
  verb: string,
  run: RunSummary,
  at: string,
  why: string,
  columns: number,
  now: Date,
): string {
  const before = `${verb.padEnd(8)} ${localTime(run.updatedAt, now)} · ${run.cluster} · `;
  const after = `${why === '' ? '' : ` · ${why}`} · ${shortId(run.runId)}`;
  const room = columns - width(before) - width(after);
  return cut(`${before}${cut(at, Math.max(4, room))}${after}`, columns);
}

/** The part of a run's id that tells it from another of the same minute. */
function shortId(runId: string): string {
  return runId.split('-').at(-1) ?? runId;
}

const reasons: Readonly<Record<NonNullable<RunState['stoppedBecause']>, string>> = {
  operator: 'stopped by you',
  unconfirmed: 'not confirmed',
  failed: 'failed',
  detached: 'left running',
  closed: 'closed',
};

function whyStopped({ status, stoppedBecause, openBy }: RunSummary): string {
  if (openBy !== undefined) return `open (${openBy})`;
  if (stoppedBecause !== undefined) return reasons[stoppedBecause];
  // No word of an end was kept, and nobody is at it.
  return status === 'active' ? 'cut off' : 'stopped';
}

/** How a run ended, as the beginning of a sentence that goes on with when. */
function ended({ end = 'completed' }: RunSummary): string {
  return end === 'completed' ? 'Completed' : `${end.charAt(0).toUpperCase()}${end.slice(1)},`;
}

function valueOf(kind: RunKind, { runId }: RunSummary): string {
  return `${kind === 'unfinished' ? 'resume' : 'look'} ${runId}`;
}

function titleOfRun({ runbookTitle, cluster }: RunSummary): string {
  return `${runbookTitle} · ${cluster}`;
}

function about(run: RunSummary): string[] {
  return [`By ${run.operator}. Run ${run.runId}${run.rehearsal ? ', a rehearsal' : ''}.`];
}

/** What a runbook is for, and its sections with the number of steps in each. */
export function aboutRunbook({ description, sections }: RunbookChoice): string[] {
  const steps = sections.reduce((sum, section) => sum + section.steps, 0);
  return [
    description,
    '',
    `${steps} steps:`,
    ...sections.map(({ title, steps }) => `  ${title}${steps === 0 ? '' : ` (${steps})`}`),
  ];
}
