/** What has happened in a run so far, as lines: the cluster's settings before and now, then everything in order of time. */
import { lastAttempt, type RunState, type StepState } from '../engine/state.ts';
import { statusLook } from './status.ts';
import { compareSettings } from './summary.ts';
import { between, clockTime, duration } from './time.ts';

interface Moment {
  /** ISO 8601, UTC. */
  time: string;
  text: string;
}

/** The lines, as long as they are. Times are UTC, by the day once and then by the clock. */
export function storyLines(state: RunState): string[] {
  return [...settingsLines(state), '', 'Timeline (UTC)', '', ...timeline(state)];
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
  const attempts = step.attempts.flatMap(({ number, startedAt, endedAt, failure, outcome }): Moment[] => {
    if (startedAt === undefined) return [];
    const again = number === 1 ? '' : ` (attempt ${number})`;
    const began = { time: startedAt, text: `▸ ${title}${again}` };
    if (endedAt === undefined) return [began];
    const took = duration(between(startedAt, endedAt));
    const end =
      failure === undefined ? `✔ ${title}${again}: ${took}` : `✘ ${title}${again}: ${took}, ${failure.what}`;
    return outcome === undefined && failure === undefined ? [began] : [began, { time: endedAt, text: end }];
  });
  const { settledAt } = step;
  if (settledAt === undefined || lastAttempt(step)?.endedAt === settledAt) return attempts;
  const look = statusLook(step.status);
  const why = step.reason === undefined ? '' : `: ${step.reason}`;
  const found = step.value === undefined ? '' : ` (${step.value})`;
  return [...attempts, { time: settledAt, text: `${look.glyph} ${title}: ${look.word}${found}${why}` }];
}
