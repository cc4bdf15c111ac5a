/**
 * How many requests may be under way at once, found out from the answers: more while the API server answers as quickly
 * as before, fewer when it slows down, far fewer when it asks for less. Pure.
 */
export interface Flow {
  /** The operator's upper bound. */
  readonly most: number;
  /** Requests that may be under way. */
  readonly limit: number;
  /** It doubles with each window, until the API server slows down for the first time. */
  readonly rising: boolean;
  /** The lowest mean of a window so far, in milliseconds; it fades, since what is normal changes. */
  readonly best: number | undefined;
  /** Answers of this window, and the milliseconds they took altogether. */
  readonly answers: number;
  readonly spent: number;
  /** Grows when the limit is cut, so that requests sent before do not cut it again. */
  readonly cuts: number;
}

const firstLimit = 32;
/** Answers in a window, at least. */
const leastWindow = 16;
/** Up to this many times the best mean counts as quick as before. */
const tolerance = 2;
/** Milliseconds. A server that answers within this is not held up by us, whatever its best was. */
const quickEnough = 3;
/** Slowness alone does not bring the limit below this: the server may have become slower for reasons of its own. */
const leastForSlowness = 32;
/** How much what counts as its best grows with each window, so that a slower server is taken as it is in time. */
const fading = 1.002;

export function startFlow(most: number): Flow {
  const limit = Math.min(firstLimit, most);
  return { most, limit, rising: true, best: undefined, answers: 0, spent: 0, cuts: 0 };
}

/** For the next pass: with the limit of this one, and a window of its own. */
export function goOn(flow: Flow): Flow {
  return { ...flow, answers: 0, spent: 0 };
}

/** After an answer that took so many milliseconds. */
export function answered(flow: Flow, milliseconds: number): Flow {
  const answers = flow.answers + 1;
  const spent = flow.spent + milliseconds;
  if (answers < Math.max(flow.limit, leastWindow)) return { ...flow, answers, spent };
  const mean = spent / answers;
  const best = Math.min(mean, flow.best === undefined ? mean : flow.best * fading);
  const quick = mean <= Math.max(tolerance * best, quickEnough);
  const rising = flow.rising && quick;
  const wanted = quick
    ? flow.limit + (rising ? flow.limit : Math.sqrt(flow.limit))
    : Math.max(Math.min(flow.limit, leastForSlowness), flow.limit * Math.max(0.5, (tolerance * best) / mean));
  return { ...flow, rising, best, answers: 0, spent: 0, limit: bounded(wanted, flow.most) };
}

/** After the server was busy or did not answer a request sent when `cuts` was as given. */
export function heldBack(flow: Flow, cuts: number): Flow {
  if (cuts !== flow.cuts) return flow;
  const limit = bounded(flow.limit / 2, flow.most);
  return { ...flow, rising: false, limit, answers: 0, spent: 0, cuts: cuts + 1 };
}

function bounded(limit: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(limit)));
}
