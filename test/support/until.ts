import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when the condition holds; gives up when the test's time is over. */
export async function until(t: TestContext, condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(5, undefined, { signal: t.signal });
}
