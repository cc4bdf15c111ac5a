/** The list of steps: what folds by itself, what the operator folds, and what a folded section tells. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Checklist, checklistRows, reachable } from '../../source/renderers/tui/checklist/checklist.ts';
import { textOf } from '../../source/renderers/tui/lines.ts';
import { at, attempt, FakeController, moments, running, withSteps } from './fake-run.ts';
import { appOf, armed, show, unhurried } from './terminal.ts';

function rows(over: Partial<Checklist>, columns = 44, height = 30): string[] {
  const list = {
    state: moments.confirmTyped(),
    shown: 'enable-pmk',
    at: 'enable-pmk',
    folded: {},
    now: new Date(at(100)),
    words: false,
    ...over,
  };
  return checklistRows(list, columns, height).map((row) => textOf(row).trimEnd());
}

describe('the list of steps', () => {
  it('marks what cannot be undone before it is run', () => {
    const before = rows({ state: moments.warning(), shown: 'policy', at: 'policy' });
    assert.ok(before.includes(' ⚠  3 Enable PMK on your existing KMS v2 cl…'), before.join('\n'));
    assert.ok(rows({}).includes('›▸  3 Enable PMK on your existing KMS v2 cl…'));
    const spoken = rows({ state: moments.warning(), shown: 'policy', at: 'policy', words: true }, 80);
    assert.ok(spoken.some((row) => row.includes('not started, cannot be undone:')));
  });

  it('folds what is finished where it would not fit, and nothing where it fits', () => {
    assert.equal(rows({}).length, 9);
    const crowded = rows({}, 44, 8);
    assert.match(crowded[0] ?? '', /^ ✔ Prerequisites +2 of 2 3s$/);
    assert.ok(crowded.includes('Migrate'));
    // The one looked at stays open.
    assert.ok(rows({ shown: 'policy' }, 44, 8).some((row) => row.includes('No policy blocks')));
  });

  it('tells of a failure in a section that is folded', () => {
    const failed = rows({ state: moments.failed(), folded: { Migrate: true }, shown: 'az-version' });
    assert.match(failed.find((row) => row.includes('Migrate')) ?? '', /✘ Migrate +0 of 3 1m12s/);
  });

  it('unfolds what was folded by itself when that is asked for', () => {
    const open = rows({ folded: { Prerequisites: false } }, 44, 8);
    assert.ok(open.some((row) => row.includes('Azure CLI version')));
  });

  it('is gone through section by section where those are folded', () => {
    const { plan } = moments.confirmTyped();
    const folded = { Migrate: true };
    assert.deepEqual(reachable(plan, folded, 'az-version'), [
      'az-version',
      'policy',
      'enable-pmk',
      'keep-key',
    ]);
    assert.deepEqual(reachable(plan, folded, 'wait-ready'), [
      'az-version',
      'policy',
      'wait-ready',
      'keep-key',
    ]);
  });
});

describe('z and Z', () => {
  it('fold a section and all of them, and unfold them', async (t) => {
    const screen = show(t, appOf(new FakeController(moments.running(), running)), 120, 30, {
      now: unhurried(),
    });
    await screen.until(/so far/);
    await armed(screen);
    await screen.press('z');
    await screen.until(/›▸ Migrate +0 of 3/);
    await screen.press('j');
    await screen.until(/› *· +6 Keep the old key/);
    await screen.press('Z');
    await screen.until(/✔ Prerequisites +2 of 2/);
    assert.doesNotMatch(screen.text(), /Azure CLI version/);
    await screen.press('Z');
    await screen.until(/Azure CLI version/);
  });
});

describe('the run so far', () => {
  it('has the settings before and now, and everything in order of time', async (t) => {
    const state = withSteps(
      moments.failed(),
      { policy: { attempts: [attempt(1, 3)] } },
      {
        notes: [{ time: at(50), step: 'enable-pmk', text: 'az is slow tonight' }],
        settings: moments.completed().settings,
      },
    );
    const screen = show(t, appOf(new FakeController(state)), 100, 40, { now: unhurried() });
    await screen.until(/What now/);
    await armed(screen);
    await screen.press('t');
    const text = await screen.until(/the run so far/);
    assert.match(text, /Encryption settings of the cluster: 3 of 5 other than before the run/);
    assert.match(text, /- azureKeyVaultKms\.enabled +true *│\n.*\+ azureKeyVaultKms\.enabled +false/);
    const times = [...text.matchAll(/(\d\d:\d\d:\d\d) {2}(.*?) *│/g)].map(
      ([, time, what]) => `${time} ${what}`,
    );
    assert.deepEqual(times, [
      '01:00:00 Run begun by you@contoso.com on laptop',
      '01:00:00 ▸ Azure CLI version 2.73.0 or later',
      '01:00:01 ✔ Azure CLI version 2.73.0 or later: 1s, 2.91.0',
      '01:00:01 ▸ No policy blocks updating secrets',
      '01:00:03 ✔ No policy blocks updating secrets: 2s',
      '01:00:10 ▸ Enable PMK on your existing KMS v2 cluster',
      '01:00:50 Note: az is slow tonight',
      '01:01:22 ✘ Enable PMK on your existing KMS v2 cluster: 1m12s, az ended with exit status 1.',
    ]);
    await screen.press('t');
    await screen.until(/What now/);
  });
});
