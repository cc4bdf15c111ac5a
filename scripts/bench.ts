/**
 * Measures the tool against its budgets, as ratios within one run: a table on standard error, JSON on standard output.
 * Run it after a build, on a machine that does nothing else: `npm run bench`, or with the names of topics for some. With
 * `--keep` what was measured takes its place in docs/bench.json, and in the README's table.
 */
import { readFileSync, writeFileSync } from 'node:fs';

import { sending } from './bench/bytes.ts';
import { printingWithoutEnd } from './bench/output.ts';
import { machine, tell } from './bench/results.ts';
import type { Measured, Result } from './bench/results.ts';
import { replaying } from './bench/replay.ts';
import { againstBareLoop, againstPipeline, ofManySecrets } from './bench/rewrite.ts';
import { starting } from './bench/startup.ts';
import { kept, writeTable } from './bench/table.ts';

const topics: Record<string, () => Promise<Result[]>> = {
  start: starting,
  output: printingWithoutEnd,
  bytes: sending,
  rewrite: async () => [...(await againstPipeline(0)), ...(await againstPipeline(24))],
  loop: async () => [await againstBareLoop(0), await againstBareLoop(24)],
  memory: async () => [await ofManySecrets()],
  replay: async () => replaying(),
};

const keep = process.argv.includes('--keep');
const asked = process.argv.slice(2).filter((word) => word !== '--keep');
const unknown = asked.filter((name) => topics[name] === undefined);
if (unknown.length > 0)
  throw new RangeError(
    `There is no topic ${unknown.join(', ')}; there are ${Object.keys(topics).join(', ')}.`,
  );
const measured: Measured = { machine: machine(), topics: {} };
for (const [name, measure] of Object.entries(topics))
  if (asked.length === 0 || asked.includes(name)) measured.topics[name] = await measure();
process.stderr.write(tell(Object.values(measured.topics).flat()));
process.stdout.write(`${JSON.stringify(measured, undefined, 2)}\n`);
if (keep) {
  const before = JSON.parse(readFileSync(kept, 'utf8')) as Measured;
  const all = { ...before.topics, ...measured.topics };
  const inOrder = Object.keys(topics).flatMap((name) =>
    all[name] === undefined ? [] : [[name, all[name]] as const],
  );
  writeFileSync(
    kept,
    `${JSON.stringify({ ...measured, topics: Object.fromEntries(inOrder) }, undefined, 2)}\n`,
  );
  writeTable();
}
