/** How many a second, over the last few seconds. Pure. */
export interface Rate {
  /** When how many had been done, oldest first. Milliseconds. */
  readonly marks: readonly { at: number; done: number }[];
}

const span = 5_000;
const apart = 250;

export function startRate(at: number): Rate {
  return { marks: [{ at, done: 0 }] };
}

export function markDone(rate: Rate, at: number, done: number): Rate {
  const last = rate.marks.at(-1);
  if (last !== undefined && at - last.at < apart) return rate;
  // One mark from before the span stays, so that there always is something to count from.
  const recent = rate.marks.filter((mark, index) => at - mark.at <= span || index === rate.marks.length - 1);
  return { marks: [...recent, { at, done }] };
}

export function perSecond({ marks }: Rate, at: number, done: number): number {
  const [first] = marks;
  if (first === undefined || at <= first.at) return 0;
  return ((done - first.done) * 1000) / (at - first.at);
}
