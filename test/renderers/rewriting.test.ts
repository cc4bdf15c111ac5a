/** A rewrite of all Secrets on the screen and in plain lines: asked for, under way, paused, refused, and summed up. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Activity, Intent } from '../../source/engine/controller.ts';
import type { RewriteView } from '../../source/engine/ports.ts';
import { doing } from '../../source/engine/perform-rewrite.ts';
import { redact } from '../../source/engine/redaction.ts';
import { addProgress, beginPass, endPass, noCounts, refusalLines } from '../../source/engine/rewriting.ts';
import type { RefusedSecrets, RewriteState } from '../../source/engine/rewriting.ts';
import type { RunState } from '../../source/engine/state.ts';
import type { PlannedStep } from '../../source/plan/model.ts';
import { runPlain } from '../../source/renderers/plain/index.ts';
import { rewriteSummary } from '../../source/engine/in-short.ts';
import { bar, doneText, paceText } from '../../source/renderers/rewriting.ts';
import { at, attempt, FakeController, moments, steps, withSteps } from './fake-run.ts';
import { appOf, armed, isWhole, keys, show, unhurried } from './terminal.ts';

const step = 'update-secrets';
const sizes = [
  [80, 24],
  [120, 40],
  [60, 20],
] as const;

/** The step of the scripted run that updates all secrets, as a rewrite. */
const rewriting = steps.map((planned): PlannedStep => {
  if (planned.id !== step || planned.kind !== 'run') return planned;
  const { kind: _, pipeline, source, changes: __, tolerate, ...base } = planned;
  return { ...base, kind: 'rewrite-secrets', namespaces: [], documented: { pipeline, source, tolerate } };
});

function asRewrite(state: RunState): RunState {
  const plan = { ...state.plan, steps: rewriting };
  return { ...state, plan, header: { ...state.header, plan } };
}

/** What passes told, with all that was left refused. */
function told(listed: number, rewritten: number, refused: readonly RefusedSecrets[] = []): RewriteState {
  const count = refused.reduce((sum, { names }) => sum + names.length, 0);
  const pass = (passes: RewriteState, number: number, written: number): RewriteState =>
    endPass(
      addProgress(beginPass(passes, { number, verifies: number > 1, time: at(83) }), {
        namespaces: [
          {
            name: 'payments',
            done: true,
            counts: {
              ...noCounts,
              listed,
              rewritten: written,
              current: listed - written - count,
              refused: count,
            },
          },
        ],
        refused,
        retries: 0,
      }),
      at(89),
      [],
    );
  return pass(pass([], 1, rewritten), 2, 0);
}

const view: RewriteView = {
  pass: 1,
  verifies: false,
  done: 12_400,
  total: 50_000,
  namespacesDone: 12,
  namespaces: 171,
  rate: 1_880,
  inFlight: 64,
  retries: 3,
  refused: 0,
  paused: false,
};

function activity(over: Partial<RewriteView> = {}): Activity {
  return {
    step,
    doing: 'writing every Secret again',
    since: at(60),
    normal: 600_000,
    command: false,
    overdue: false,
    rewrite: { ...view, ...over },
  };
}

const confirming = (): RunState => asRewrite(moments.confirmEnter());
const running = (): RunState =>
  withSteps(confirming(), { [step]: { status: 'running', attempts: [attempt(83)] } });
const refusing = (): RunState =>
  withSteps(confirming(), {
    [step]: {
      status: 'failed',
      rewrite: told(20, 18, [{ namespace: 'payments', names: ['a', 'b'], message: 'denied by policy' }]),
      attempts: [
        attempt(83, 90, {
          failure: {
            reason: 'refused',
            what: 'The API server refuses to write 2 Secrets; all others are under the current key.',
            detail: 'payments/a, payments/b – denied by policy',
          },
        }),
      ],
    },
  });

describe('before a rewrite', () => {
  const shown = [
    /Press Enter to write every\s/,
    /enter {2}Write every Secret again|enter rewrite/,
    /w as the document says|w {2,}/,
  ];
  for (const [columns, rows] of sizes)
    it(`says what it does and what else may be chosen, at ${columns}×${rows}`, async (t) => {
      const screen = show(t, appOf(new FakeController(confirming())), columns, rows);
      for (const what of shown) await screen.until(what);
      assert.ok(isWhole(screen.text()), screen.text());
    });

  it('says where, how much and how much at once, also line by line', async (t) => {
    const session = { ...moments.confirmEnter().sessions[0]!, maxInFlight: 2 };
    const state = withSteps(
      confirming(),
      { [step]: { status: 'ready', extent: { secrets: 500, namespaces: 23 } } },
      { sessions: [session] },
    );
    const told =
      /cluster rehearsal at rehearsal\.example, about 500 Secrets, 23 namespaces to look through, with at most 2 requests at once/;
    const lines: string[] = [];
    const asking = new FakeController(state);
    asking.onIntent = () => asking.finish('stopped');
    await runPlain(asking, { write: (line) => lines.push(line), yes: false, prompt: async () => 'q' });
    assert.match(lines.join('\n'), told);
    for (const [columns, rows] of sizes) {
      const screen = show(t, appOf(new FakeController(state)), columns, rows);
      await screen.until(/about\s+\W*\s*500 Secrets/);
      await screen.until(/Press Enter to write/);
    }
  });

  it('says that only the verification is left, where it is', async () => {
    const rewrite = beginPass(told(20, 18).slice(0, 1), { number: 2, verifies: true, time: at(95) });
    const state = withSteps(confirming(), { [step]: { status: 'ready', rewrite } });
    const lines: string[] = [];
    const asking = new FakeController(state);
    asking.onIntent = () => asking.finish('stopped');
    await runPlain(asking, { write: (line) => lines.push(line), yes: false, prompt: async () => 'q' });
    const all = lines.join('\n');
    assert.match(all, /20 Secrets were dealt with before; only the verification is left/);
    assert.match(all, /Press Enter to go on with the verification of all Secrets\./);
  });

  const answers: [string, Intent][] = [
    [keys.enter, { type: 'confirm', step, by: 'key' }],
    ['w', { type: 'confirm', step, by: 'key', documented: true }],
  ];
  for (const [key, intent] of answers)
    it(`takes ${JSON.stringify(key)}`, async (t) => {
      const controller = new FakeController(confirming());
      const screen = show(t, appOf(controller), 80, 24, { now: unhurried() });
      await screen.until(/Press Enter to write every/);
      await armed(screen);
      await screen.press(key);
      assert.deepEqual(controller.intents, [intent]);
    });
});

describe('during a rewrite', () => {
  for (const [columns, rows] of sizes)
    it(`shows how far it is, at ${columns}×${rows}`, async (t) => {
      const screen = show(t, appOf(new FakeController(running(), activity())), columns, rows);
      await screen.until(/p pause/);
      // Where there is room for one column, the step itself is on demand.
      if (columns === 60) await screen.press(keys.enter);
      await screen.until(/12,400 of 50,000 Secrets \(24%\)/);
      await screen.until(/█+░+/);
      await screen.until(/1,880 a second/);
      await screen.until(/20s left/);
      assert.ok(isWhole(screen.text()), screen.text());
    });

  it('is paused and gone on with by a key', async (t) => {
    const controller = new FakeController(running(), activity());
    const screen = show(t, appOf(controller), 80, 24, { now: unhurried() });
    await screen.until(/p pause/);
    await screen.press('p');
    controller.show(running(), activity({ paused: true, inFlight: 0 }));
    await screen.until(/Paused: nothing is sent/);
    await screen.until(/p go on/);
    await screen.press('p');
    assert.deepEqual(controller.intents, [{ type: 'pause' }, { type: 'go-on' }]);
  });

  it('asks at Ctrl-C whether to stop between two requests', async (t) => {
    const controller = new FakeController(running(), activity());
    const screen = show(t, appOf(controller), 80, 24, { now: unhurried() });
    await screen.until(/p pause/);
    await screen.press(keys.ctrlC);
    await screen.until(/Secrets are being rewritten, and go on/);
    // How far it is stays in sight.
    await screen.until(/12,400 of 50,000 Secrets/);
    await screen.until(/k esc {2}Keep waiting/);
    await screen.press('q');
    assert.deepEqual(controller.intents, [{ type: 'stop', reason: 'operator' }]);
  });

  it('tells a line now and then in plain mode', async () => {
    const controller = new FakeController(running(), activity());
    const lines: string[] = [];
    const seen = Promise.withResolvers<void>();
    const told = runPlain(controller, {
      write: (line) => {
        lines.push(line);
        if (line.includes('12,400 of 50,000 Secrets')) seen.resolve();
      },
      yes: true,
      progressEvery: 5,
      now: () => new Date(at(83)),
    });
    await seen.promise;
    controller.finish('stopped');
    await told;
    const line = lines.find((each) => each.includes('12,400')) ?? '';
    assert.match(
      line,
      /^ {2}… writing every Secret again: .* · 1,880 a second · 20s left, then they are verified · 12 of 171 namespaces/,
    );
    assert.match(line, /3 sent again · 23s so far/);
  });
});

describe('after a rewrite', () => {
  it('has refused Secrets acknowledged, each named, with a reason', async (t) => {
    const controller = new FakeController(refusing());
    const screen = show(t, appOf(controller), 120, 40, { now: unhurried() });
    await screen.until(/payments\/a, payments\/b – denied by policy/);
    await screen.until(/d acknowledge/);
    await armed(screen);
    for (const chunk of ['d', 'test data', keys.enter]) await screen.press(chunk);
    assert.deepEqual(controller.intents, [{ type: 'override', step, reason: 'test data' }]);
  });

  it('is not decided by --yes when something was refused', async () => {
    const controller = new FakeController(refusing());
    controller.onIntent = () => controller.finish('failed');
    const lines: string[] = [];
    await runPlain(controller, { write: (line) => lines.push(line), yes: true });
    assert.deepEqual(controller.intents, [{ type: 'stop', reason: 'failed' }]);
    assert.match(lines.join('\n'), /payments\/a, payments\/b – denied by policy/);
  });

  it('says what comes of acknowledging, and does not offer it where there are no exceptions', async (t) => {
    const screen = show(t, appOf(new FakeController(refusing())), 120, 40);
    await screen.until(/They stay under the\s+\W*\s*old key: keep its version/);
    const noExceptions = 'It can never be read after the upgrade.';
    const before = refusing();
    const planned = before.plan.steps.map((each) =>
      each.kind === 'rewrite-secrets' ? { ...each, noExceptions } : each,
    );
    const strict = { ...before, plan: { ...before.plan, steps: planned } };
    for (const [columns, rows] of sizes) {
      const other = show(t, appOf(new FakeController(strict)), columns, rows);
      await other.until(/can never be\s+\W*\s*read after/);
      assert.doesNotMatch(other.text(), /d {1,2}(acknowledge|Leave)/);
    }
    const lines: string[] = [];
    const asking = new FakeController(strict);
    asking.onIntent = () => asking.finish('failed');
    await runPlain(asking, { write: (line) => lines.push(line), yes: false, prompt: async () => 'q' });
    assert.match(lines.join('\n'), /can never be read after the upgrade/);
    assert.doesNotMatch(lines.join('\n'), /acknowledge/);
  });

  it('has what it left undone told before the step that cannot be undone', async (t) => {
    const left = withSteps(moments.confirmTyped(), {
      policy: { status: 'skipped', reason: 'no time' },
      'az-version': { status: 'overridden', reason: 'seen', settledAt: at(1) },
    });
    for (const [columns, rows] of sizes) {
      const screen = show(t, appOf(new FakeController(left)), columns, rows);
      await screen.until(/Left undone before this: step 2/);
      await screen.until(/no time/);
    }
    const lines: string[] = [];
    const asking = new FakeController(left);
    asking.onIntent = () => asking.finish('stopped');
    await runPlain(asking, { write: (line) => lines.push(line), yes: false, prompt: async () => 'q' });
    const told = lines.findIndex((line) => line.includes('Left undone before this: step 1'));
    assert.ok(told > lines.findIndex((line) => line.includes('CANNOT BE UNDONE')), lines.join('\n'));
  });

  it('is summed up in one sentence', () => {
    assert.equal(
      rewriteSummary(told(1_234, 1_200)),
      '1,234 Secrets in 1 namespace: 1,200 written again, 34 current before; verified: 1,234 are under the current key',
    );
    assert.equal(rewriteSummary([]), undefined);
    // What earlier attempts wrote is not told as current before.
    assert.equal(
      rewriteSummary(told(500, 1), { writtenBefore: 499, stored: 'without KMS' }),
      '500 Secrets in 1 namespace: 500 written again (499 in earlier attempts), 0 current before; verified: 500 are stored without KMS',
    );
    const moving = addProgress(beginPass(told(100, 100), { number: 3, verifies: true, time: at(90) }), {
      namespaces: [
        { name: 'a', done: true, counts: { ...noCounts, listed: 100, rewritten: 40, current: 60 } },
      ],
      refused: [],
      retries: 0,
    });
    assert.match(
      rewriteSummary(endPass(moving, at(95), [])) ?? '',
      /100 written again \(40 while verifying\), 0 current before; not verified: 40 of 100 moved at the 2nd verification/,
    );
  });
});

/** Everything that is said of these states and of what goes on in them. */
async function everythingSaid(states: readonly RunState[], views: readonly RewriteView[]): Promise<string[]> {
  const lines: string[] = [];
  for (const state of states) {
    const asking = new FakeController(state);
    asking.onIntent = () => asking.finish('stopped');
    await runPlain(asking, { write: (line) => lines.push(line), yes: false, prompt: async () => 'q' });
  }
  for (const each of views) lines.push(`${doing(each)}: ${doneText(each)} · ${paceText(each)}`);
  return lines;
}

describe('the words of a rewrite', () => {
  it('are never taken for a secret, whatever the Secrets are called', async () => {
    const names = ['db-password', 'api-token', 'client-secret'];
    const refused = [{ namespace: 'secret', names, message: 'denied by policy' }];
    const detail = refusalLines(refused).join('\n');
    const failure = { reason: 'refused', what: 'Some are refused.', detail } as const;
    const failed = withSteps(confirming(), {
      [step]: { status: 'failed', rewrite: told(20, 16, refused), attempts: [attempt(83, 90, { failure })] },
    });
    const strict = failed.plan.steps.map((each) =>
      each.kind === 'rewrite-secrets'
        ? { ...each, noExceptions: 'No way back.', stored: 'without KMS' }
        : each,
    );
    const left = withSteps(moments.confirmTyped(), {
      policy: {
        status: 'overridden',
        rewrite: told(20, 16, refused),
        attempts: failed.steps[step]!.attempts,
      },
    });
    const said = await everythingSaid(
      [confirming(), failed, { ...failed, plan: { ...failed.plan, steps: strict } }, left],
      [false, true].flatMap((verifies) => [
        { ...view, verifies, waiting: 'the API server is busy' },
        { ...view, verifies, paused: true },
        { ...view, verifies, paused: true, inFlight: 0 },
      ]),
    );
    assert.ok(said.some((line) => line.includes('secret/db-password')));
    assert.ok(said.some((line) => line.includes('denied by policy')));
    for (const line of said) assert.equal(redact(line), line);
  });
});

describe('figures of a rewrite', () => {
  it('hold whatever the numbers are', () => {
    assert.equal(doneText({ ...view, total: undefined }), '12,400 Secrets');
    assert.equal(doneText({ ...view, done: 0, total: 0 }), '0 of 0 Secrets (100%)');
    assert.equal(doneText({ ...view, done: 60_000 }), '60,000 of 60,000 Secrets (100%)');
    assert.equal(paceText({ ...view, rate: 0, retries: 0 }), '12 of 171 namespaces looked through');
    assert.equal(bar({ ...view, done: 60_000 }, 4), '████');
    assert.equal(bar({ ...view, total: 0 }, 4), '░░░░');
    assert.equal(bar(view, 0), '');
  });
});
