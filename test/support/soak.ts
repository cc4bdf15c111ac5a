/** Whether the long sweeps are asked for (`npm run soak`), which no change has to wait for. */
export const soaking = (Number(process.env['SOAK']) || 0) > 0;

/** Does `work` for each item, `width` at a time, and gives back what came of it in the items' order. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const entries = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of entries) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

/** SOAK=1 is 40 times the usual, SOAK=2 80 times, and so on. */
const factor = 40 * (Number(process.env['SOAK']) || 0) || 1;

/** Cases to try where `usual` are tried in CI. */
export function cases(usual: number): number {
  return usual * factor;
}

/** Time a test may take, in milliseconds, where it may usually take a minute. */
export const time = 60_000 * factor;
