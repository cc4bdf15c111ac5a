/** The tool itself and its keepers, killed at their boundaries with the world, and the run taken up in a new process. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { currentStep } from '../../source/engine/decide.ts';
import { replay } from '../../source/engine/reduce.ts';
import { readChain } from '../../source/journal/chain.ts';
import { runFiles, stateDirectory } from '../../source/journal/state-directory.ts';
import type { RunFiles } from '../../source/journal/state-directory.ts';
import { readRecord } from '../../source/rehearsal/index.ts';
import { eachOf, soaking } from '../support/soak.ts';
import type { Blow } from './blow.ts';
import { askedBy, gather, wishes } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { judge } from './judge.ts';
import { contrarian, follower } from './operator.ts';
import type { Operator } from './operator.ts';
import { place } from './place.ts';
import { aboutCommands, pointsOf, tellingPoints } from './points.ts';
import {
  ask,
  beginSitting,
  countSettled,
  killCommands,
  leftRunning,
  resumeSittings,
  shownOutput,
} from './sitting.ts';

/** The runs, and at how many points about their commands they are struck where not all can be. */
for (const [id, count] of [
  ['kms-v2-private-to-cmk', 10],
  ['kms-v1-to-v2-public', 5],
] as const)
  test(`${id}: killed anywhere, it goes on with nothing lost and nothing done twice`, async (t) => {
    const directory = await mkdtemp(join(place, 'crash-whole-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const { status, diary } = await beginSitting(directory, id, null);
    assert.equal(status, 0);
    const files = runIn(directory);
    assert.ok(files);
    const whole = await gather(files, readRecord(files.simulation));
    const points = soaking ? pointsOf(diary) : tellingPoints(diary, count);
    const isAboutCommand = aboutCommands(diary);
    let [tries, missed] = [0, 0];
    const wrong = await eachOf(points, availableParallelism(), async (blow) => {
      const found: string[] = [];
      for (const operator of soaking && isAboutCommand(blow) ? [follower, contrarian] : [follower]) {
        tries += 1;
        const what = await strike(t, id, blow, operator, whole).catch((error: unknown) => [String(error)]);
        if (what === undefined) missed += 1;
        else found.push(...what);
      }
      return found.map((what) => `${blow.victims.join(' and ')} killed ${blow.when} “${blow.name}”: ${what}`);
    });
    t.diagnostic(
      `${tries} kills at ${points.length} points, ${missed} of them at something that did not come`,
    );
    assert.deepEqual(wrong.flat().slice(0, 10), [], `${wrong.flat().length} things do not hold`);
    assert.ok(missed <= tries / 20, `${missed} of ${tries} points were not reached`);
  });

/** What does not hold after a kill and what follows it; undefined when the run never came to the point. */
async function strike(
  t: TestContext,
  id: string,
  blow: Blow,
  operatorOf: (acted: () => boolean) => Operator,
  whole: Evidence,
): Promise<string[] | undefined> {
  const directory = await mkdtemp(join(place, 'crash-'));
  const files = (): RunFiles | undefined => runIn(directory);
  try {
    const struck = await beginSitting(directory, id, blow);
    if (!struck.diary.some((line) => 'struck' in line)) return undefined;
    if (blow.victims.includes('command')) await killCommands(files()?.output ?? '', 'commands');
    const run = files();
    if (run === undefined || !readFileSync(run.journal, 'utf8').includes('\n'))
      return neverBegun(directory, run);
    const journalThen = readFileSync(run.journal, 'utf8');
    const completed = journalThen.includes('"type":"run.completed"') && journalThen.endsWith('\n');
    const operator = operatorOf(() => hasActed(run, whole));
    const resumed = completed ? undefined : await resumeSittings(t, directory, operator);
    const evidence = await gather(run, readRecord(run.simulation));
    const journalNow = readFileSync(run.journal, 'utf8');
    const screens = [struck.screen, ...(resumed?.screens ?? [])];
    const { follows } = operator;
    const wrong = judge(evidence, {
      whole,
      journalThen,
      journalNow,
      shown: screens.map(shownOutput),
      saidSettled: countSettled(struck.screen),
      follows,
    });
    if (follows && resumed !== undefined && resumed.status !== 0)
      wrong.push(`it ended with ${resumed.status}: ${resumed.screens.at(-1)?.slice(-600)}`);
    const left = await leftRunning(run.output);
    const alive = [...left.keepers, ...left.commands];
    if (alive.length > 0) wrong.push(`processes ${alive.join(', ')} still run`);
    const { runId } = evidence.state.header;
    const checks = await Promise.all([ask(directory, ['verify', runId]), ask(directory, ['export', runId])]);
    for (const { status, text } of checks) if (status !== 0) wrong.push(`verify or export: ${text}`);
    if (evidence.state.status === 'completed' && existsSync(run.kubeconfig))
      wrong.push('the kubeconfig of a completed run is still there');
    return wrong;
  } finally {
    await killCommands(files()?.output ?? '', 'all');
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Whether Azure has been asked for what the step is for that the run is at. */
function hasActed({ journal, simulation }: RunFiles, whole: Evidence): boolean {
  const { records } = readChain(readFileSync(journal));
  const state = replay(records);
  const step = state && currentStep(state)?.id;
  const wish = askedBy(whole).get(step ?? '');
  return wish !== undefined && wishes(readRecord(simulation)).includes(wish);
}

/** A run of which nothing was written has changed nothing, and stands in nobody's way. */
async function neverBegun(directory: string, run: RunFiles | undefined): Promise<string[]> {
  const wrong: string[] = [];
  if (run !== undefined && readRecord(run.simulation).mutations.length > 0)
    wrong.push('the cluster was changed before anything was on record');
  const { status, text } = await ask(directory, ['runs', '--rehearse']);
  if (status !== 0) wrong.push(`the runs cannot be listed: ${text}`);
  return wrong;
}

/** The files of the only run, if its journal is there. */
function runIn(directory: string): RunFiles | undefined {
  const state = stateDirectory(directory, true);
  const [runId] = existsSync(state.runs) ? readdirSync(state.runs) : [];
  const files = runId === undefined ? undefined : runFiles(state, runId);
  return files !== undefined && existsSync(files.journal) ? files : undefined;
}
