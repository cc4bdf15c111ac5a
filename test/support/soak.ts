/** Whether the long sweeps are asked for (`npm run soak`), which no change has to wait for. */
export const soaking = process.env['SOAK'] === '1';

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
