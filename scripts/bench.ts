/**
 * Measures the tool against its budgets, as ratios within one run: a table on standard error, JSON on standard output.
 * Run it after a build, on a machine that does nothing else: `npm run bench`, or with the names of topics for some.
 */
import { printingWithoutEnd } from './bench/output.ts';
import { machine, tell } from './bench/results.ts';
import type { Result } from './bench/results.ts';
import { replaying } from './bench/replay.ts';
import { againstBareLoop, againstPipeline, ofManySecrets } from './bench/rewrite.ts';
import { starting } from './bench/startup.ts';

const topics: Record<string, () => Promise<Result[]>> = {
  start: starting,
  output: printingWithoutEnd,
  rewrite: async () => [...(await againstPipeline(0)), ...(await againstPipeline(24))],
  loop: async () => [await againstBareLoop(0), await againstBareLoop(24)],
  memory: async () => [await ofManySecrets()],
  replay: async () => [replaying()],
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => topics[name] === undefined);
if (unknown.length > 0)
  throw new RangeError(
    `There is no topic ${unknown.join(', ')}; there are ${Object.keys(topics).join(', ')}.`,
  );
const results: Result[] = [];
for (const [name, measure] of Object.entries(topics))
  if (asked.length === 0 || asked.includes(name)) results.push(...(await measure()));
process.stderr.write(tell(results));
process.stdout.write(`${JSON.stringify({ machine: machine(), results }, undefined, 2)}\n`);
