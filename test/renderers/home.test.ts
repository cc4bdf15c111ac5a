/** From the home screen to a run and back: choosing, filling in, opening, failing to open. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { HomeData, RunSummary, TuiApp } from '../../source/renderers/tui/index.tsx';
import { ToolError } from '../../source/runbook/errors.ts';
import { at, FakeController, moments } from './fake-run.ts';
import { appOf, armed, isWhole, keys, type Screen, show, unhurried } from './terminal.ts';

const runbook = {
  id: 'kms-v2-public-to-pmk',
  title: 'Migrate from KMS v2 with public Key Vault to PMK',
  description: 'For clusters that encrypt secrets with KMS v2 and a public key vault.',
  sections: [
    { title: 'Prerequisites', steps: 4 },
    { title: 'Migrate', steps: 1 },
    { title: 'Considerations', steps: 0 },
  ],
  parameters: [
    { name: 'CLUSTER_NAME', description: 'Name of the AKS cluster', pick: 'cluster' as const },
    { name: 'RESOURCE_GROUP', description: 'Its resource group' },
  ],
};

function summary(over: Partial<RunSummary>): RunSummary {
  return {
    runId: 'run-1',
    runbookId: 'kms-v2-public-to-pmk',
    runbookTitle: 'Migrate to PMK',
    cluster: 'prod-weu',
    startedAt: at(0),
    updatedAt: at(500),
    status: 'stopped',
    currentStep: 'Enable PMK',
    place: '4 of 9',
    operator: 'you@contoso.com',
    rehearsal: false,
    ...over,
  };
}

const data: HomeData = { runbooks: [runbook], unfinished: [], finished: [] };

function app(over: Partial<TuiApp>): TuiApp {
  return appOf(undefined, { home: async () => data, ...over });
}

/** Work that cannot be done, and why. */
function failing(error: Error): () => Promise<never> {
  return async () => {
    throw error;
  };
}

/** A run that never opens, because Azure is busy. */
const waiting: TuiApp['startRun'] = async (_id, _parameters, _signal, tell) => {
  tell('Azure is busy (429) and asked to wait 30s.');
  return new Promise(() => undefined);
};

describe('the home screen', () => {
  it('is there with its first frame, when what it shows is read in a moment', async (t) => {
    const screen = show(t, app({}), 80, 24);
    await screen.until(/What do you want to do\?/);
    assert.doesNotMatch(screen.raw(), /Reading runbooks and runs/);
  });

  it('says that it reads, when that takes longer', async (t) => {
    const read = Promise.withResolvers<HomeData>();
    const screen = show(t, app({ home: () => read.promise }), 80, 24);
    await screen.until(/Reading runbooks and runs/);
    read.resolve(data);
    await screen.until(/What do you want to do\?/);
  });

  it('offers unfinished runs first, then runbooks, then finished runs, and tells of the marked one', async (t) => {
    const all = {
      ...data,
      unfinished: [summary({})],
      finished: [summary({ runId: 'run-0', status: 'completed', currentStep: undefined })],
    };
    const screen = show(t, app({ home: async () => all }), 80, 24);
    const text = await screen.until(/Resume/);
    assert.ok(text.indexOf('Resume') < text.indexOf('Start'));
    assert.ok(text.indexOf('Start') < text.indexOf('Look at'));
    assert.match(text, /One run is unfinished\./);
    assert.match(text, /It is at step 4 of 9, “Enable PMK”\./);
    assert.match(text, /REHEARSAL/);
    await screen.press(keys.down);
    await screen.until(/For clusters that encrypt secrets/);
  });

  it('says of each run when, where, at what and why, and folds up all but the newest', async (t) => {
    const unfinished = Array.from({ length: 24 }, (_, index) =>
      summary({ runId: `20261121-0100-${index}x`, stoppedBecause: 'failed' }),
    );
    const screen = show(t, app({ home: async () => ({ ...data, unfinished }) }), 80, 24);
    const text = await screen.until(/… 19 more unfinished/);
    assert.match(text, /Resume {3}(\d\d-\d\d )?\d\d:\d\d · prod-weu · Enable PMK · failed · 4x/);
    assert.match(text, /Start/);
    assert.doesNotMatch(text, /5x/);
    for (let down = 0; down < 5; down += 1) await screen.press('j');
    await screen.until(/Shows all unfinished runs/);
    await screen.press(keys.enter);
    await screen.until(/› Resume .*· 5x/);
  });

  it('shows how each finished run ended, and finds those that are folded up by their words', async (t) => {
    const finished = Array.from({ length: 14 }, (_, index) =>
      summary({
        runId: `20261121-0100-${index}x`,
        cluster: index === 12 ? 'needle' : 'prod-weu',
        status: 'completed',
        currentStep: undefined,
        end: 'ended, 1 step without proof',
      }),
    );
    const screen = show(t, app({ home: async () => ({ ...data, finished }) }), 110, 30);
    const text = await screen.until(/… 9 more finished/);
    assert.match(text, /Look at .* · 1 step without proof · 0x/);
    await screen.press('/');
    for (const letter of 'needle') await screen.press(letter);
    await screen.until(/Look at .*needle/);
    await screen.until(/Ended, 1 step without proof, /);
  });

  it('tells a run that was cut off from one that somebody has open', async (t) => {
    const unfinished = [
      summary({ runId: 'run-1', status: 'active' }),
      summary({ runId: 'run-2', status: 'active', openBy: 'mia@contoso.com on bastion' }),
    ];
    const screen = show(t, app({ home: async () => ({ ...data, unfinished }) }), 100, 30);
    const text = await screen.until(/· cut off · 1/);
    assert.match(text, /Taking it up sends nothing again/);
    assert.match(text, /open \(mia@contoso\.com on bastion\) · 2/);
    await screen.press('j');
    await screen.until((now) => !now.includes('Taking it up'));
  });

  it('says how many runs cannot be read, and offers the others', async (t) => {
    const some = { ...data, unfinished: [summary({})], unreadable: 2 };
    const screen = show(t, app({ home: async () => some }), 80, 24);
    const text = await screen.until(/Resume/);
    assert.match(text, /One run is unfinished\. Unreadable: 2 \(see `runs --rehearse`\)\./);
  });

  it('is left with q, by word and without a run', async (t) => {
    const screen = show(t, app({}), 80, 24);
    await screen.until(/Start/);
    await screen.press('q');
    assert.deepEqual(await screen.result, { outcome: 'left', summary: [] });
  });

  it('tells Ctrl-C from leaving', async (t) => {
    const screen = show(t, app({}), 80, 24);
    await screen.until(/Start/);
    await screen.press(keys.ctrlC);
    assert.equal((await screen.result).outcome, 'interrupted');
  });
});

describe('the clusters', () => {
  const cmk = {
    ...runbook,
    id: 'kms-v2-public-to-cmk',
    title: 'Migrate to CMK',
    description: 'With your key.',
  };
  const clusters = [
    { name: 'blue', resourceGroup: 'blue-rg', detail: 'KMS v2', runbooks: [runbook.id, cmk.id] },
    { name: 'red', resourceGroup: 'red-rg', detail: 'PMK', runbooks: [], blocked: 'It is on PMK already.' },
    {
      name: 'grey',
      resourceGroup: 'grey-rg',
      detail: 'KMS v2',
      runbooks: [runbook.id],
      blocked: 'It is stopped.',
    },
    { name: 'green', resourceGroup: 'green-rg', detail: 'KMS v2', runbooks: [cmk.id] },
  ];
  const offering = (found: NonNullable<TuiApp['clusters']>): TuiApp =>
    app({ home: async () => ({ ...data, runbooks: [runbook, cmk] }), clusters: found });

  it('lead to the runbooks for one, with the cluster filled in, and back', async (t) => {
    const screen = show(
      t,
      offering(async () => clusters),
      80,
      24,
    );
    await screen.until(/› Clusters and what to do with each/);
    await screen.press(keys.enter);
    await screen.until(/› blue   blue-rg   KMS v2/);
    assert.match(screen.text(), /Runbook: Migrate from KMS v2 .*\n.*Runbook: Migrate to CMK/);
    await screen.press(keys.enter);
    const text = await screen.until(/Which runbook for blue\?/);
    assert.match(text, /esc clusters/);
    await screen.press(keys.esc);
    await screen.until(/Which cluster\?/);
    await screen.press(keys.enter);
    await screen.until(/Which runbook for blue\?/);
    await screen.press('j');
    await screen.until(/With your key\./);
    await screen.press(keys.enter);
    await screen.until(/> blue-rg█/);
    assert.match(screen.text(), /Migrate to CMK/);
    assert.match(screen.text(), /> blue +│/);
  });

  it('go straight to the only runbook for one', async (t) => {
    const screen = show(
      t,
      offering(async () => clusters),
      80,
      24,
    );
    await screen.until(/› Clusters/);
    await screen.press(keys.enter);
    await screen.until(/› blue/);
    for (const name of ['red', 'grey', 'green']) {
      await screen.press('j');
      await screen.until(new RegExp(`› ${name}`));
    }
    await screen.press(keys.enter);
    await screen.until(/> green-rg█/);
  });

  it('say what keeps one from being begun, and lead nowhere then', async (t) => {
    const screen = show(
      t,
      offering(async () => clusters),
      80,
      24,
    );
    await screen.until(/› Clusters/);
    await screen.press(keys.enter);
    await screen.until(/› blue/);
    await screen.press('j');
    await screen.until(/It is on PMK already\./);
    await screen.press(keys.enter);
    await screen.press('j');
    await screen.until(/› grey/);
    assert.match(screen.text(), /It is stopped\. *│\n.*Runbook then: Migrate from KMS v2/);
    await screen.press(keys.enter);
    await screen.until(/! Nothing can be begun on grey now\./);
  });

  it('are left for the home screen, also while they are looked for', async (t) => {
    const screen = show(
      t,
      offering(async () => new Promise(() => undefined)),
      80,
      24,
    );
    await screen.until(/› Clusters/);
    await screen.press(keys.enter);
    await screen.until(/Looking for your clusters…/);
    await screen.press(keys.esc);
    await screen.until(/What do you want to do\?/);
  });

  it('that cannot be listed say why', async (t) => {
    const screen = show(t, offering(failing(new ToolError('No token.', 'Sign in.'))), 80, 24);
    await screen.until(/› Clusters/);
    await screen.press(keys.enter);
    await screen.until(/No token\./);
    await screen.press(keys.enter);
    await screen.until(/What do you want to do\?/);
  });
});

describe('starting a run', () => {
  it('asks for each value, checks it, and starts with what was written', async (t) => {
    const started: unknown[] = [];
    const screen = show(
      t,
      app({
        checkParameter: (_id, name, value) =>
          /[A-Z]/.test(value) ? `${name} has to be in lower case.` : undefined,
        startRun: async (...given) => {
          started.push(given.slice(0, 2));
          return new FakeController(moments.confirmTyped());
        },
      }),
      80,
      24,
    );
    await screen.until(/Start/);
    await screen.press(keys.enter);
    await screen.until(/CLUSTER_NAME {2}Name of the AKS cluster/);
    await screen.press(keys.enter);
    await screen.until(/A value is needed here\./);
    await screen.press('Prod-weu');
    await screen.press(keys.enter);
    await screen.until(/CLUSTER_NAME has to be in lower case\./);
    for (let letter = 0; letter < 8; letter += 1) await screen.press(keys.backspace);
    await screen.press(keys.paste('prod-weu\n'));
    await screen.press(keys.enter);
    await screen.press('prod-rg');
    await screen.until(/> prod-rg█/);
    assert.deepEqual(started, []);
    await screen.press(keys.enter);
    await screen.until(/Type the cluster name/);
    assert.deepEqual(started, [[runbook.id, { CLUSTER_NAME: 'prod-weu', RESOURCE_GROUP: 'prod-rg' }]]);
  });

  it('lets a cluster be chosen, and fills in its group', async (t) => {
    const clusters = [
      { name: 'prod-weu', resourceGroup: 'prod-rg', detail: '1.33.2', runbooks: [] },
      { name: 'prod-neu', resourceGroup: 'other-rg', detail: '1.33.4', runbooks: [] },
    ];
    const screen = show(t, app({ clusters: async () => clusters }), 80, 24);
    await screen.until(/Start/);
    await screen.press('j');
    await screen.press(keys.enter);
    await screen.until(/prod-neu  other-rg  1\.33\.4/);
    await screen.press('j');
    await screen.press(keys.enter);
    await screen.until(/> other-rg█/);
    assert.match(screen.text(), /> prod-neu/);
  });

  it('does not take a cluster that commands would not go to, and says why', async (t) => {
    const elsewhere = {
      name: 'prod-weu',
      resourceGroup: 'prod-rg',
      detail: '1.33.2',
      runbooks: [],
      unavailable: 'It is in another subscription.',
    };
    const screen = show(t, app({ clusters: async () => [elsewhere] }), 80, 24);
    await screen.until(/Start/);
    await screen.press('j');
    await screen.press(keys.enter);
    await screen.until(/prod-weu  prod-rg/);
    await screen.press(keys.enter);
    await screen.until(/! It is in another subscription\./);
    assert.doesNotMatch(screen.text(), /> prod/);
  });

  it('goes on without a list of clusters when it cannot be had', async (t) => {
    const screen = show(t, app({ clusters: failing(new Error('no permission')) }), 80, 24);
    await screen.until(/Start/);
    await screen.press('j');
    await screen.press(keys.enter);
    await screen.until(/The clusters could not be listed: no permission/);
    await screen.press('prod');
    await screen.until(/> prod█/);
  });

  it('shows what was wrong and what to do, and goes back home', async (t) => {
    const startRun = failing(
      new ToolError('Another run holds the cluster.', 'Wait until it is over.', { status: 4 }),
    );
    const filled = { ...runbook, parameters: runbook.parameters.map((one) => ({ ...one, value: 'x' })) };
    const screen = show(t, app({ home: async () => ({ ...data, runbooks: [filled] }), startRun }), 80, 24, {
      now: unhurried(),
    });
    await screen.until(/Start/);
    await screen.press(keys.enter);
    await screen.until(/enter start/);
    await screen.press(keys.enter);
    await screen.until(/✘ Another run holds the cluster\./);
    assert.match(screen.text(), /Wait until it is over\./);
    await screen.press(keys.enter);
    await screen.until(/What do you want to do\?/);
  });

  it('shows what a run that is opening waits for', async (t) => {
    const filled = { ...runbook, parameters: runbook.parameters.map((one) => ({ ...one, value: 'x' })) };
    const screen = show(
      t,
      app({ home: async () => ({ ...data, runbooks: [filled] }), startRun: waiting }),
      80,
      24,
    );
    await screen.until(/Start/);
    await screen.press(keys.enter);
    await screen.until(/enter start/);
    await screen.press(keys.enter);
    await screen.until(/looking at the cluster… Azure is busy \(429\) and asked to wait\s+│?\s*│?\s*30s/);
  });

  it('stops a run that opens after the operator has left', async (t) => {
    const controller = new FakeController(moments.confirmTyped());
    const opening = Promise.withResolvers<FakeController>();
    let aborted = false;
    const resumeRun = (_id: string, signal: AbortSignal): Promise<FakeController> => {
      signal.addEventListener('abort', () => (aborted = true));
      return opening.promise;
    };
    const screen = show(
      t,
      app({ home: async () => ({ ...data, unfinished: [summary({})] }), resumeRun }),
      80,
      24,
    );
    await screen.until(/Resume/);
    await screen.press(keys.enter);
    await screen.until(/Resuming/);
    await screen.press(keys.esc);
    await screen.until(/What do you want to do\?/);
    assert.ok(aborted);
    opening.resolve(controller);
    await armed(screen);
    assert.deepEqual(controller.intents, [{ type: 'stop', reason: 'closed' }]);
    assert.match(screen.text(), /What do you want to do\?/);
  });
});

describe('looking at a finished run', () => {
  const finished = [summary({ status: 'completed', currentStep: undefined })];
  const report = [
    'Change record: a migration',
    '',
    ...Array.from({ length: 60 }, (_, index) => `Line ${index + 1} of the record.`),
    `A long line that ends with a needle, ${'after many other words '.repeat(6)}needle.`,
  ];
  const opened = async (t: TestContext, more: Partial<TuiApp> = {}): Promise<Screen> => {
    const past = { state: moments.completed(), report, output: () => undefined };
    const screen = show(
      t,
      app({
        home: async () => ({ runbooks: [], unfinished: [], finished }),
        readRun: async () => past,
        ...more,
      }),
      80,
      24,
      { now: unhurried() },
    );
    await screen.until(/Look at/);
    await screen.press(keys.enter);
    await screen.until(/Change record: a migration/);
    return screen;
  };

  it('opens its record, shows its steps, changes nothing, and goes back home', async (t) => {
    const screen = await opened(t);
    assert.match(screen.text(), /lines 1–19 of 63 · the record of the run/);
    assert.ok(isWhole(screen.text()));
    await screen.press(keys.enter);
    await screen.until(/╭ step 6 of 6/);
    assert.doesNotMatch(screen.text(), /n note|stop here/);
    await screen.press(keys.tab);
    await screen.until(/Change record: a migration/);
    await screen.press('q');
    await screen.until(/What do you want to do\?/);
  });

  it('scrolls and searches the record, breaking its lines between words', async (t) => {
    const screen = await opened(t);
    await screen.press('/');
    await screen.until(/Search:/);
    await screen.press('needle');
    await screen.press(keys.enter);
    const text = await screen.until(/“needle” 1\/1/);
    assert.match(text, /› A long line that ends with a needle, /);
    assert.match(text, /after many other words after many +│\n/);
    await screen.press('/');
    await screen.press('needle.');
    await screen.press(keys.enter);
    const found = await screen.until(/“needle\.” 1\/1/);
    assert.match(found, /› .*needle\./);
    assert.doesNotMatch(found, /› A long line/);
    await screen.press('g');
    await screen.until(/Change record: a migration/);
    await screen.press('G');
    await screen.until(/many other words needle\./);
  });

  it('writes the record to files and says where, or why it could not', async (t) => {
    const asked: string[] = [];
    const wrote = await opened(t, {
      exportRecord: async (runId) => {
        asked.push(runId);
        return ['/state/transcript.md', '/state/transcript.html'];
      },
    });
    await wrote.press('e');
    await wrote.until(/Written: \/state\/transcript\.md and \/state\/transcript\.html/);
    assert.ok(isWhole(wrote.text()));
    assert.deepEqual(asked, [moments.completed().header.runId]);
    await wrote.press('j');
    await wrote.until((text) => !text.includes('Written'));
    const failed = await opened(t, {
      exportRecord: () => Promise.reject(new ToolError('The disk is full.', 'Make room.')),
    });
    await failed.press('e');
    await failed.until(/The disk is full\. Make room\./);
  });
});

describe('a list', () => {
  const cmk = {
    ...runbook,
    id: 'kms-v2-public-to-cmk',
    title: 'Migrate to CMK',
    description: 'With your key.',
  };
  const finished = Array.from({ length: 9 }, (_, index) =>
    summary({ runId: `run-${index}`, status: 'completed', currentStep: undefined, cluster: `blue-${index}` }),
  );
  const opened = async (t: TestContext, columns = 80, rows = 24): Promise<Screen> => {
    const screen = show(
      t,
      app({ home: async () => ({ ...data, runbooks: [runbook, cmk], finished }) }),
      columns,
      rows,
    );
    await screen.until(/› Start/);
    return screen;
  };

  it('is narrowed by the words one types, says how many are left, and is whole again after esc', async (t) => {
    const screen = await opened(t);
    await screen.press('/');
    await screen.until(/Only with: > █/);
    await screen.press('cmk');
    const text = await screen.until(/Only with: > cmk█ 1 of 11/);
    assert.match(text, /› Start {4}Migrate to CMK/);
    assert.doesNotMatch(text, /Public Key Vault to PMK|Look at/i);
    await screen.press('q');
    await screen.until(/Nothing has these words\./);
    await screen.press(keys.enter);
    await screen.press(keys.esc);
    const whole = await screen.until(/Look at/);
    assert.doesNotMatch(whole, /Only with/);
    assert.match(whole, /enter go on · \/ filter/);
  });

  it('keeps its words when they are done with, and letters are keys again', async (t) => {
    const screen = await opened(t);
    await screen.press('/');
    await screen.press('look');
    await screen.until(/9 of 11/);
    await screen.press(keys.tab);
    await screen.press('j');
    await screen.until(/› Look at .*blue-1/);
    await screen.press('G');
    await screen.until(/› Look at .*blue-8/);
    await screen.press(keys.esc);
    await screen.until(/Start/);
  });

  it('goes on with what was found, on one Enter', async (t) => {
    const screen = await opened(t);
    await screen.press('/');
    await screen.press('start to cmk');
    await screen.until(/1 of 11/);
    await screen.press(keys.enter);
    await screen.until(/CLUSTER_NAME {2}Name of the AKS cluster/);
    assert.match(screen.text(), /Migrate to CMK/);
  });

  it('has its sections beside it in a wide window, and goes to its ends and by pages', async (t) => {
    const screen = await opened(t, 120, 40);
    const text = await screen.until(/4 steps:|5 steps:/);
    assert.match(text, /│ +Prerequisites \(4\)/);
    assert.match(text, /│ +Considerations +│/);
    await screen.press('G');
    await screen.until(/› {10}… 4 more finished/);
    await screen.press('g');
    await screen.until(/› Start {4}Migrate from KMS v2/);
    await screen.press(keys.pageDown);
    await screen.until(/› {10}… 4 more finished/);
  });
});
