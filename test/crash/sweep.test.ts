/** The engine and the journal, stopped between any two things they do in a whole run, and taken up again. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Intent } from '../../source/engine/controller.ts';
import type { Question } from '../../source/engine/decide.ts';
import { eachOf, soaking } from '../support/soak.ts';
import { goAhead } from '../support/world.ts';
import { gather } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { judge } from './judge.ts';
import { fates } from './machine.ts';
import type { Fate } from './machine.ts';
import { Scenery } from './stage.ts';
import type { Deed, Stop } from './stage.ts';

interface Point extends Stop {
  fate: Fate;
  operator: 'follower' | 'contrarian';
}

/** An operator, from one sitting to the next. */
type Operator = (question: Question) => Intent;

/** What of the ways there are an operator takes who goes ahead. */
type Choice = (question: Question, intent: Intent) => Intent;

const asProposed: Choice = (_, intent) => intent;

/** The runs, and the moments at which each thing they do is stopped where not all can be: most are like the one before. */
for (const [id, moments] of [
  ['kms-v2-private-to-cmk', ['before', 'during', 'after']],
  ['kms-v1-to-v2-public', ['during', 'after']],
] as const)
  test(`${id}: wherever it is stopped, it goes on with nothing lost and nothing done twice`, async (t) => {
    const scenery = await Scenery.make(id);
    t.after(() => scenery.tearDown());
    const { whole, deeds } = await wholeRun(scenery);
    await sweep(t, scenery, whole, pointsOf(deeds, moments));
  });

test('the document’s command, stopped anywhere, is not lost sight of, and all secrets are verified', async (t) => {
  const scenery = await Scenery.make('kms-v1-to-v2-public');
  t.after(() => scenery.tearDown());
  const { whole, deeds } = await wholeRun(scenery, asDocumented);
  assert.ok(whole.replaced.size > 0);
  assert.deepEqual([...whole.patched.keys()].sort(), [...whole.replaced.keys()].sort());
  const start = deeds.findIndex(({ name }) => name.startsWith('start kubectl'));
  // From its start on record to that of the verification.
  const end = deeds.findIndex(({ name }, index) => index > start && name.startsWith('append rewrite.begun '));
  const about = soaking ? deeds : deeds.slice(start - 1, end + 1);
  await sweep(t, scenery, whole, pointsOf(about, ['after']), asDocumented);
});

test('stopped again and again, each time a few records further, it comes to its end all the same', async (t) => {
  const scenery = await Scenery.make('kms-v1-to-v2-public');
  t.after(() => scenery.tearDown());
  const { whole } = await wholeRun(scenery);
  const nights = Array.from({ length: soaking ? 200 : 3 }, (_, night) => night + 1);
  let stops = 0;
  const wrong = await eachOf(nights, 3, async (night) => {
    const stage = await scenery.stage();
    const random = randomFrom(night);
    const operator = follower();
    try {
      for (;;) {
        // Fewer than that, and a sitting gets no further than the one before.
        const at = 8 + random(12);
        const when = (['before', 'during', 'after'] as const)[random(3)] ?? 'after';
        if ((await stage.sit(operator, { at, when })) !== 'stopped dead') break;
        stops += 1;
        await stage.machine.leave(fates[random(fates.length)] ?? 'it ends');
      }
      const run = await gather(stage.files, stage.record());
      const journal = readFileSync(stage.files.journal, 'utf8');
      const found = judge(run, {
        whole,
        journalThen: journal,
        journalNow: journal,
        shown: [],
        saidSettled: 0,
        follows: true,
      });
      return found.map((what) => `night ${night}: ${what}`);
    } finally {
      await stage.clear();
    }
  });
  t.diagnostic(`${nights.length} nights, stopped ${stops} times`);
  assert.deepEqual(wrong.flat().slice(0, 10), []);
});

/** Numbers below a bound, the same for the same seed (a linear congruential generator, Numerical Recipes). */
function randomFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Chooses the document's own command where it can be. */
function asDocumented(question: Question, intent: Intent): Intent {
  const offered = question.kind === 'confirm' && question.documented === true;
  return offered && intent.type === 'confirm' ? { ...intent, documented: true } : intent;
}

async function wholeRun(
  scenery: Scenery,
  choose = asProposed,
): Promise<{ whole: Evidence; deeds: readonly Deed[] }> {
  const stage = await scenery.stage();
  try {
    assert.equal(await stage.sit((question) => choose(question, goAhead(question))), 'completed');
    return { whole: await gather(stage.files, stage.record()), deeds: stage.deeds };
  } finally {
    await stage.clear();
  }
}

function pointsOf(deeds: readonly Deed[], moments: readonly Stop['when'][]): Point[] {
  const points: Point[] = [];
  let command = false;
  for (const { name, tears } of deeds) {
    if (name.startsWith('append step.confirmed ')) command = true;
    for (const when of ['before', 'during', 'after'] as const) {
      if (when === 'during' && !tears) continue;
      if (!soaking && !moments.includes(when) && !name.startsWith('start ')) continue;
      const held =
        name.startsWith('append command.spawned ') || (name.startsWith('start ') && when === 'after');
      for (const fate of held ? fates : fates.slice(0, 1)) {
        points.push({ at: name, when, fate, operator: 'follower' });
        // On disk, most moments are like the one before: where a sweep must be short, one of them will do.
        if (soaking || (command && when === 'after'))
          points.push({ at: name, when, fate, operator: 'contrarian' });
      }
    }
    if (name.startsWith('append step.succeeded ')) command = false;
  }
  return points;
}

async function sweep(
  t: TestContext,
  scenery: Scenery,
  whole: Evidence,
  points: readonly Point[],
  choose = asProposed,
): Promise<void> {
  const wrong = await eachOf(points, 3, async (point) => {
    const { at, when, fate, operator } = point;
    const found = await stopAndResume(scenery, whole, point, choose).catch((error: unknown) => [
      String(error),
    ]);
    return found.map((what) => `stopped ${when} “${at}” (${fate}; ${operator}): ${what}`);
  });
  t.diagnostic(`${points.length} points tried`);
  assert.deepEqual(wrong.flat().slice(0, 10), [], `${wrong.flat().length} things do not hold`);
}

async function stopAndResume(
  scenery: Scenery,
  whole: Evidence,
  point: Point,
  choose: Choice,
): Promise<string[]> {
  // Azure has to be at work still when the run is taken up: an update then lasts a fifth of a second.
  const stage = await scenery.stage(point.fate === 'it dies while Azure is at work' ? 1_500 : undefined);
  try {
    const ended = await stage.sit((question) => choose(question, goAhead(question)), point);
    if (ended !== 'stopped dead') return [`it was never there: the run ${ended}`];
    await stage.machine.leave(point.fate);
    const journalThen = readFileSync(stage.files.journal, 'utf8');
    const decide = point.operator === 'follower' ? follower() : contrarian();
    const operator: Operator = (question) => choose(question, decide(question));
    let outcome = await stage.sit(operator);
    for (let more = 2; outcome !== 'completed' && more > 0; more -= 1) outcome = await stage.sit(operator);
    const run = await gather(stage.files, stage.record());
    const follows = point.operator === 'follower';
    const journalNow = readFileSync(stage.files.journal, 'utf8');
    const wrong = judge(run, { whole, journalThen, journalNow, shown: [], saidSettled: 0, follows });
    return follows && outcome !== 'completed' ? [`it ${outcome}`, ...wrong] : wrong;
  } finally {
    await stage.clear();
  }
}

/** Goes ahead with what is proposed; what failed is tried again. */
function follower(): Operator {
  let retries = 0;
  return (question) => {
    if (question.kind !== 'failed') return goAhead(question);
    retries += 1;
    return retries < 5 ? { type: 'retry', step: question.step } : { type: 'stop' };
  };
}

/** Stops at the first question, then once does something else than what is proposed after an interruption. */
function contrarian(): Operator {
  let stopped = false;
  let contradicted = false;
  const reason = 'tried on purpose';
  return (question) => {
    if (!stopped || question.kind === 'drift') {
      stopped = true;
      return { type: 'stop' };
    }
    if (question.kind === 'failed') return { type: 'stop' };
    if (question.kind !== 'unknown' || contradicted) return goAhead(question);
    contradicted = true;
    const { step, effect } = question;
    if (effect === true) return { type: 'run-again', step };
    return effect === false ? { type: 'skip', step, reason } : { type: 'override', step, reason };
  };
}
