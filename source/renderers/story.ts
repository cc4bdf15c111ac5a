/** What has happened in a run so far, as lines: the cluster's settings before and now, then everything in order of time. */
import { type Attempt, isSettled, lastAttempt, type RunState, type StepState } from '../engine/state.ts';
import { statusLook } from './status.ts';
import { compareSettings } from './summary.ts';
import { between, clockTime, duration } from './time.ts';

interface Moment {
  /** ISO 8601, UTC. */
  time: string;
  text: string;
}

/** Milliseconds: what takes less is told once, when it has ended. */
const shortest = 1000;

/** The lines, as long as they are. Times are UTC, by the day once and then by the clock. */
export function storyLines(state: RunState): string[] {
  // What Azure shows of it is not looked at where the cluster is known by a context only.
  const settings = state.header.context === undefined ? [...settingsLines(state), ''] : [];
  return [...settings, 'Timeline (UTC)', '', ...timeline(state)];
}

function settingsLines({ settings: { before, after } }: RunState): string[] {
  const title = 'Encryption settings of the cluster';
  if (before === undefined) return [title, '', '  They have not been read yet.'];
  const compared = compareSettings(before, after ?? before);
  const changed = compared.filter(({ was, is }) => was !== is);
  const widest = Math.max(0, ...compared.map(({ name }) => name.length));
  const told =
    changed.length === 0
      ? 'as before the run'
      : `${changed.length} of ${compared.length} other than before the run`;
  return [
    `${title}: ${told}`,
    '',
    ...compared.flatMap(({ name, was, is }) =>
      was === is
        ? [`    ${name.padEnd(widest)}  ${is}`]
        : [`  - ${name.padEnd(widest)}  ${was}`, `  + ${name.padEnd(widest)}  ${is}`],
    ),
  ];
}

function timeline(state: RunState): string[] {
  const moments = [
    ...state.sessions.map(({ startedAt, operator }, index) => ({
      time: startedAt,
      text: `${index === 0 ? 'Run begun' : 'Taken up again'} by ${operator.name} on ${operator.host}`,
    })),
    ...state.plan.steps.flatMap(({ id, title }) => momentsOf(title, state.steps[id])),
    ...state.warnings.map(({ time, text }) => ({ time, text: `! ${text}` })),
    ...state.notes.map(({ time, text }) => ({ time, text: `Note: ${text}` })),
  ];
  const ordered = moments.toSorted((one, other) => one.time.localeCompare(other.time));
  let day = '';
  return ordered.flatMap(({ time, text }) => {
    const [date = '', clock = ''] = clockTime(time).split(' ');
    const heading = date === day ? [] : [`  ${date}`];
    day = date;
    return [...heading, `  ${time.slice(11, 19) || clock}  ${text}`];
  });
}

/** The attempts of a step, and how it was settled where no attempt says that. */
function momentsOf(title: string, step: StepState | undefined): Moment[] {
  if (step === undefined) return [];
  const last = lastAttempt(step);
  const attempts = step.attempts.flatMap((attempt) => {
    const name = attempt.number === 1 ? title : `${title} (attempt ${attempt.number})`;
    const settled = attempt === last && isSettled(step);
    return momentsOfAttempt(name, attempt, settled, settled ? step.value : undefined);
  });
  const { settledAt } = step;
  if (settledAt === undefined || last?.endedAt === settledAt) return attempts;
  const look = statusLook(step.status);
  const why = step.reason === undefined ? '' : `: ${step.reason}`;
  return [...attempts, { time: settledAt, text: `${look.glyph} ${title}: ${look.word}${why}` }];
}

/** Its beginning and its end, the latter only where it is known how it ended; one of them when it was short. */
function momentsOfAttempt(
  name: string,
  attempt: Attempt,
  settled: boolean,
  found: string | undefined,
): Moment[] {
  const { startedAt, endedAt, failure, outcome } = attempt;
  if (startedAt === undefined) return [];
  const began = { time: startedAt, text: `▸ ${name}` };
  if (endedAt === undefined || !(settled || outcome !== undefined || failure !== undefined)) return [began];
  const length = between(startedAt, endedAt);
  const told = [
    ...(length < shortest ? [] : [duration(length)]),
    ...(failure === undefined ? [] : [failure.what]),
    ...(found === undefined ? [] : [found]),
  ].join(', ');
  const mark = failure === undefined ? '✔' : '✘';
  const end = { time: endedAt, text: `${mark} ${name}${told === '' ? '' : `: ${told}`}` };
  return length < shortest ? [end] : [began, end];
}
