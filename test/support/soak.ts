/** How long fuzzing goes on: briefly, or with SOAK set in the environment, for long. */

/** SOAK=1 is 40 times the usual, SOAK=2 80 times, and so on. */
const factor = 40 * (Number(process.env['SOAK']) || 0) || 1;

/** Cases to try where `usual` are tried in CI. */
export function cases(usual: number): number {
  return usual * factor;
}

/** Time a test may take, in milliseconds, where it may usually take a minute. */
export const time = 60_000 * factor;
