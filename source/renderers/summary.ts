/** How a run ended, as lines: the summary screen, what stays on the primary screen, and the end of plain mode. */
import { encryptionText, settingsEncryption } from '../engine/encryption.ts';
import type { ClusterSettings } from '../engine/events.ts';
import type { RunState, StepState } from '../engine/state.ts';
import { currentStep } from '../engine/decide.ts';
import { hint } from '../engine/hint.ts';
import {
  attention,
  count,
  passedOverSteps,
  rewriteSummary,
  stepCounts,
  unverifiedRewrite,
} from '../engine/in-short.ts';
import { between, duration } from './time.ts';
import { place, statusLook } from './status.ts';

export interface Summary {
  /** One line: how it ended. */
  outcome: string;
  tone: 'good' | 'warn' | 'bad';
  /** Headed lists, those with nothing to say left out. */
  parts: readonly { title: string; lines: readonly string[] }[];
}

/** What a summary names besides the run. */
export interface SummaryPlaces {
  /** The path of the change record, if written. */
  transcript?: string | undefined;
  /** What `--state-dir` said, if it was given. */
  stateDir?: string | undefined;
}

/** Everything there is to say about a run in short. */
export function summarize(state: RunState, { transcript, stateDir }: SummaryPlaces = {}): Summary {
  const { runId, rehearsal } = state.header;
  const resume = hint(['resume', runId], { rehearsal, stateDir });
  const parts = [
    { title: 'Attention', lines: [attention(state) ?? []].flat() },
    // First, so that it is in sight in a small window: it is what one leaves with.
    { title: 'Transcript', lines: transcript === undefined ? [] : [transcript] },
    { title: 'Left to do', lines: leftToDo(state) },
    { title: 'Resume with', lines: state.status === 'completed' ? [] : [resume] },
    { title: 'Steps', lines: [stepCounts(state).join(', ')] },
    { title: 'Secrets', lines: rewrites(state) },
    { title: 'What changed on the cluster', lines: changes(state) },
    { title: 'Decided by the operator', lines: decisions(state) },
    { title: 'Failed', lines: failures(state) },
    { title: 'Warnings', lines: state.warnings.map(({ text }) => text) },
    ...afterwards(state),
  ];
  return { ...outcome(state), parts: parts.filter(({ lines }) => lines.length > 0) };
}

/** The summary as plain lines, the mark of a rehearsal included. */
export function summaryLines(state: RunState, places?: SummaryPlaces): string[] {
  const { outcome, parts } = summarize(state, places);
  const { plan, header } = state;
  return [
    ...(header.rehearsal ? ['REHEARSAL: nothing real was touched.'] : []),
    [plan.runbook.title, plan.target.clusterName, plan.target.resourceGroup]
      .filter((part) => part !== '')
      .join(' · '),
    outcome,
    ...parts.flatMap(({ title, lines }) =>
      lines.length === 1 ? [`${title}: ${lines[0]}`] : [`${title}:`, ...lines.map((line) => `  ${line}`)],
    ),
  ];
}

function outcome(state: RunState): Pick<Summary, 'outcome' | 'tone'> {
  if (state.status === 'completed') {
    const took = duration(between(state.startedAt, state.updatedAt));
    const open = passedOverSteps(state);
    if (open === undefined) return { outcome: `Completed in ${took}.`, tone: 'good' };
    return {
      outcome: `Ended after ${took}, with ${open}.`,
      tone: 'warn',
    };
  }
  const step = currentStep(state);
  const where = step === undefined ? '' : ` at step ${place(state, step.id)}, “${step.title}”`;
  if (state.status === 'active') return { outcome: `Under way${where}.`, tone: 'warn' };
  if (state.drift !== undefined) {
    return {
      outcome: 'Stopped: something is not as it was when the run was last worked on. The run can be resumed.',
      tone: 'warn',
    };
  }
  switch (state.stoppedBecause) {
    case 'detached':
      return {
        outcome: `Left${where}. The command goes on by itself; resume to see how it ends.`,
        tone: 'warn',
      };
    case 'failed':
      return { outcome: `Stopped${where}, which failed. The run can be resumed.`, tone: 'bad' };
    case 'unconfirmed':
      return { outcome: `Stopped${where}, which was not confirmed. The run can be resumed.`, tone: 'warn' };
    case 'closed':
      return {
        outcome: `Stopped${where}: the tool was told to close. The run can be resumed.`,
        tone: 'warn',
      };
    default:
      return { outcome: `Stopped${where}. The run can be resumed.`, tone: 'warn' };
  }
}

/** What the document says after its last step. */
function afterwards({ plan, status }: RunState): Summary['parts'] {
  const last = plan.sections.findLastIndex(({ steps }) => steps.length > 0);
  return status !== 'completed'
    ? []
    : plan.sections.slice(last + 1).map(({ title, text = '' }) => ({
        title,
        lines: text.split('\n').filter((line) => line.trim() !== ''),
      }));
}

/** The words that let a step run that cannot be undone or has to be typed for. */
function typedWords(title: string, progress: StepState): string[] {
  const confirmed = progress.attempts.findLast(({ confirmed }) => confirmed?.typed !== undefined)?.confirmed;
  if (confirmed?.typed === undefined) return [];
  const { by, typed } = confirmed;
  if (by === 'typed') return [`${title} · confirmed by typing “${typed}”`];
  return [`${title} · given with ${by === '--yes' ? '--yes' : `--accept-irreversible ${typed}`}`];
}

function rewrites(state: RunState): string[] {
  return state.plan.steps.flatMap((step) => {
    const progress = state.steps[step.id];
    return (progress?.rewrite && rewriteSummary(progress.rewrite, { ...step, ...progress })) ?? [];
  });
}

function decisions(state: RunState): string[] {
  return state.plan.steps.flatMap((step) => {
    const progress = state.steps[step.id];
    if (progress === undefined) return [];
    const typed = typedWords(step.title, progress);
    if (!['skipped', 'overridden', 'acknowledged', 'attested'].includes(progress.status)) return typed;
    const unread = progress.by === '--yes' ? ' with --yes, unread' : '';
    const reason = progress.reason === undefined ? '' : `: ${progress.reason}`;
    return [...typed, `${step.title} · ${statusLook(progress.status).word}${unread}${reason}`];
  });
}

/** What a step that is behind us has left undone. */
function leftToDo(state: RunState): string[] {
  return state.plan.steps.flatMap(({ id, title, kind }) => {
    const { status, rewrite } = state.steps[id] ?? {};
    const unverified = unverifiedRewrite(state, id);
    const refused = rewrite?.at(-1)?.counts.refused ?? 0;
    return [
      ...(status === 'skipped' && kind !== 'rewrite-secrets' ? [`${title} (skipped)`] : []),
      ...(unverified === undefined ? [] : [`${title}: ${unverified}`]),
      ...(refused === 0 ? [] : [`${title}: ${count(refused)} refused, still stored as before`]),
    ];
  });
}

function failures(state: RunState): string[] {
  return state.plan.steps.flatMap((step) => {
    const progress = state.steps[step.id];
    if (progress?.status !== 'failed') return [];
    return [`${step.title}: ${progress.attempts.at(-1)?.failure?.what ?? 'no reason was kept'}`];
  });
}

/** Settings that are not as they were before the run, as `name: before → after`. */
function changes(state: RunState): string[] {
  const { before, after } = state.settings;
  if (before === undefined || after === undefined) return [];
  const changed = compareSettings(before, after).filter(({ was, is }) => was !== is);
  if (changed.length === 0) return ['nothing'];
  const [old, now] = [before, after].map((settings) =>
    encryptionText(settingsEncryption(settings, state.header.cluster.kubernetesVersion)),
  );
  return [
    ...(old === now ? [] : [`${old} → ${now}`]),
    ...changed.map(({ name, was, is }) => `${name}: ${was} → ${is}`),
  ];
}

/** Every setting of two readings, by name, as it was and as it is. */
export function compareSettings(
  before: ClusterSettings,
  after: ClusterSettings,
): { name: string; was: string; is: string }[] {
  const was = new Map(leaves('', before));
  const is = new Map(leaves('', after));
  const names = [...new Set([...was.keys(), ...is.keys()])].sort();
  return names.map((name) => ({ name, was: shown(was.get(name)), is: shown(is.get(name)) }));
}

function shown(value: string | undefined): string {
  if (value === undefined) return 'not set';
  return value === '' ? 'empty' : value;
}

function leaves(path: string, value: unknown): [string, string][] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => leaves(path === '' ? key : `${path}.${key}`, item));
  }
  return value === undefined || value === null ? [] : [[path, String(value)]];
}
