/** Runbook files of every kind: loaded, or refused with every mistake in its place; and no size is too much. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { stringify } from 'yaml';

import { displayCommand, fillKnown } from '../../source/plan/command.ts';
import { buildPlan } from '../../source/plan/plan.ts';
import { showPlan, showRunbook } from '../../source/plan/show.ts';
import { formatProblem } from '../../source/runbook/problems.ts';
import { splitCommand } from '../../source/runbook/words.ts';
import { load } from '../runbook/files.ts';
import { hostileText } from '../support/hostile.ts';
import { cases, time } from '../support/soak.ts';

const base = {
  id: 'main',
  title: 'Test',
  description: 'For a test.',
  source: { title: 'Document', url: 'https://example.com/doc', date: '2026-01-12' },
  rehearsal: 'pmk',
  parameters: {
    CLUSTER_NAME: { description: 'Name of the cluster', pick: 'cluster', pattern: '[a-z]+' },
    RESOURCE_GROUP: { description: 'Its resource group', default: 'rg' },
  },
  explain: [{ pattern: 'Failed', means: 'It failed.', do: 'Try again.', link: 'https://example.com/' }],
  sections: [
    {
      title: 'Section',
      text: 'About it.',
      steps: [
        {
          id: 'look',
          title: 'Look',
          check: "cluster.provisioningState == 'Succeeded' && at_least(cluster.kubernetesVersion, '1.33.0')",
          message: 'Not ready.',
          fix: 'Wait.',
          capture: { KEY_ID: 'cluster.securityProfile.azureKeyVaultKms.keyId' },
        },
        {
          id: 'change',
          title: 'Change',
          run: 'az aks update --name $CLUSTER_NAME --resource-group $RESOURCE_GROUP --key "$KEY_ID"',
          'done-when': "cluster.provisioningState == 'Succeeded'",
          irreversible: 'No way back.',
          confirm: { type: 'CLUSTER_NAME' },
          normal: '15m',
          timeout: '1h',
          tolerate: [{ pattern: 'modified', because: 'harmless' }],
        },
        { id: 'settle', title: 'Settle', wait: { until: '!(cluster.busy)', every: '10s', timeout: '1h' } },
        { id: 'say', title: 'Say', manual: { instruction: 'Say.', attest: 'Said.', note: 'required' } },
      ],
    },
  ],
};

const value = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, 0, -1, 1e21, 1.5, [], {}, [null], { a: 1 }, '10s', 'az x', 'cluster.id', '[?'),
  fc.jsonValue({ maxDepth: 2 }),
);
const mutation = fc.record({
  way: fc.constantFrom('set', 'set', 'remove', 'rename', 'add'),
  place: fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
  name: fc.oneof(
    hostileText,
    fc.constantFrom('when', 'run', 'check', 'steps', 'include', '<<', 'capture', 'text'),
  ),
  value,
});

interface Mutation {
  way: string;
  place: readonly number[];
  name: string;
  value: unknown;
}

function mutate(root: object, { way, place, name, value: given }: Mutation): void {
  let holder = root as Record<string, unknown>;
  for (const step of place) {
    const keys = Object.keys(holder);
    const key = keys[step % Math.max(1, keys.length)];
    if (key === undefined) return;
    const within = holder[key];
    if (typeof within === 'object' && within !== null && step % 5 !== 0) {
      holder = within as Record<string, unknown>;
      continue;
    }
    if (way === 'set') holder[key] = given;
    else if (way !== 'add') delete holder[key];
    if (way === 'rename') holder[name] = within;
    if (way === 'add') holder[name] = given;
    return;
  }
}

test(
  'whatever a runbook says, it is loaded and can be shown, or each mistake has its place',
  { timeout: time },
  (t) => {
    let loaded = 0;
    let refused = 0;
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 3 }), (mutations) => {
        const changed = structuredClone(base);
        for (const one of mutations) mutate(changed, one);
        const { runbook, problems } = load({ 'main.yaml': stringify(changed) });
        for (const problem of problems) {
          assert.ok(problem.line >= 1 && problem.column >= 1 && problem.length >= 1, JSON.stringify(problem));
          assert.notEqual(formatProblem(problem), '');
        }
        if (runbook === undefined) {
          assert.ok(problems.some(({ severity }) => severity === 'error'));
          refused += 1;
          return;
        }
        loaded += 1;
        showRunbook(runbook);
        const values = Object.fromEntries(runbook.parameters.map(({ name }) => [name, 'value']));
        try {
          showPlan(buildPlan(runbook, values));
        } catch (error) {
          assert.equal((error as Error).name, 'UsageError', String(error));
        }
      }),
      { numRuns: cases(500) },
    );
    t.diagnostic(`${loaded} loaded and shown, ${refused} refused`);
    assert.ok(loaded > 0 && refused > 0);
  },
);

test('whatever a command says, it is split as it will be shown, or refused', { timeout: time }, (t) => {
  let split = 0;
  let refused = 0;
  const word = fc.oneof(
    {
      weight: 2,
      arbitrary: fc.constantFrom('az', 'kubectl', '--name', '$A', '"$A"', "'x y'", '|', '\\\n', '${B}-c'),
    },
    { weight: 1, arbitrary: hostileText },
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const { pipeline, problems } = splitCommand(words.join(' '));
      if (problems.length > 0) {
        refused += 1;
        return;
      }
      split += 1;
      const known = fillKnown(pipeline, { A: 'value' });
      const again = splitCommand(displayCommand(known));
      assert.deepEqual([again.problems, again.pipeline], [[], known]);
    }),
    { numRuns: cases(3_000) },
  );
  t.diagnostic(`${split} split, ${refused} refused`);
  assert.ok(split > 0 && refused > 0);
});

/** Files as large as a runbook may be, and larger, made of one thing. */
const large: Readonly<Record<string, string>> = {
  'lists in lists': '['.repeat(250_000),
  'maps in maps': '{a: '.repeat(60_000),
  'indented maps': Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  'many keys': Array.from({ length: 25_000 }, (_, index) => `k${index}: 1`).join('\n'),
  'the same key': 'key: 1\n'.repeat(30_000),
  'many anchors': Array.from({ length: 10_000 }, (_, index) => `a${index}: &x${index} [*x${index}]`).join(
    '\n',
  ),
  'one long line': `run: az ${'x'.repeat(250_000)}`,
  quotes: `run: ${`"'`.repeat(120_000)}`,
  dollars: `run: az ${'$A'.repeat(120_000)}`,
  backslashes: `run: az ${'\\'.repeat(240_000)}`,
  pipes: 'az a | '.repeat(35_000),
  'brackets of an expression': `sections: [{title: a, steps: [{id: a, title: a, check: "${'('.repeat(1_900)}"}]}]`,
  steps: `sections:\n  - title: a\n    steps:\n${'      - {id: a, title: a}\n'.repeat(9_000)}`,
  mistakes: 'x: [\n'.repeat(50_000),
  'not text': '\u0000'.repeat(250_000),
  'letters that turn the text': `run: az ${'\u202E'.repeat(240_000)}`,
  'more than a runbook may be': 'a'.repeat(5_000_000),
};

test('no size makes the loader hang or take all memory', { timeout: time }, async (t) => {
  const worker = new Worker(new URL('../support/load-worker.mts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 32 },
  });
  t.after(() => worker.terminate());
  for (const [name, text] of Object.entries(large)) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(text);
    // The worker's own end, when it runs out of memory, rejects here.
    const [found] = (await once(worker, 'message')) as [{ loaded: boolean; problems: number }];
    assert.equal(found.loaded, false, name);
    assert.ok(found.problems > 0 && found.problems < 100_000, `${name}: ${found.problems} problems`);
  }
  t.diagnostic(`${Object.keys(large).length} large files`);
});
