/** Values with whatever characters reach az as one argument each, or are refused before anything is begun. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';

import { createCommands } from '../../source/adapters/command/commands.ts';
import { fill } from '../../source/plan/command.ts';
import { buildPlan } from '../../source/plan/plan.ts';
import { runbookOf, runbooksFolder, readRunbookFile, stepsText } from '../runbook/files.ts';
import { loadRunbook } from '../../source/runbook/load.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { hostileText } from '../support/hostile.ts';
import { cases, time } from '../support/soak.ts';

const count = 40;
const names = Array.from({ length: count }, (_, index) => `VALUE_${index}`);
const runbook = runbookOf(
  stepsText(`- id: call
  title: Call az
  run: az aks show --name $CLUSTER_NAME --resource-group $RESOURCE_GROUP ${names.map((name) => `$${name}`).join(' ')}
  read-only: true`).replace(
    'parameters:',
    `parameters:\n${names.map((name) => `  ${name}: {description: Any}`).join('\n')}`,
  ),
);
const target = { CLUSTER_NAME: 'c', RESOURCE_GROUP: 'rg' };

/** Whether the plan is refused because of this one value. */
function isRefused(value: string): boolean {
  const values = Object.fromEntries(names.map((name) => [name, 'x']));
  try {
    buildPlan(runbook, { ...target, ...values, VALUE_0: value });
    return false;
  } catch (error) {
    assert.equal((error as Error).name, 'UsageError');
    return true;
  }
}

test('each value is one argument of az, letter by letter, or is refused', { timeout: time }, async (t) => {
  const directory = await temporaryDirectory(t);
  const seen = join(directory, 'seen.json');
  writeFileSync(
    join(directory, 'az'),
    `#!${process.execPath}\nrequire('node:fs').writeFileSync('${seen}', JSON.stringify(process.argv.slice(2)));\n`,
    { mode: 0o700 },
  );
  const commands = createCommands({ environment: { ...process.env, PATH: directory } });
  let refused = 0;
  let passed = 0;
  let number = 0;
  const batch = fc.array(hostileText, { minLength: count, maxLength: count });
  await fc.assert(
    fc.asyncProperty(batch, async (texts) => {
      const values = texts.map((text) => (isRefused(text) ? undefined : text));
      refused += values.filter((value) => value === undefined).length;
      passed += values.filter((value) => value !== undefined).length;
      const given = values.map((value) => value ?? 'x');
      const plan = buildPlan(runbook, {
        ...target,
        ...Object.fromEntries(names.map((name, index) => [name, given[index] ?? ''])),
      });
      const [step] = plan.steps;
      assert.ok(step?.kind === 'run');
      number += 1;
      const words = fill(step.pipeline, { subscription: 's' });
      const command = await commands.start(words, join(directory, `out-${number}.log`));
      for await (const text of command.output) assert.fail(text);
      assert.equal((await command.exit).code, 0);
      assert.deepEqual(
        JSON.parse(readFileSync(seen, 'utf8')),
        ['aks', 'show', '--name', 'c', '--resource-group', 'rg'].concat(given, ['--subscription', 's']),
      );
    }),
    { numRuns: cases(8) },
  );
  t.diagnostic(`${passed} values reached az as they were, ${refused} were refused`);
  assert.ok(passed > 0 && refused > 0);
});

test('the shipped runbooks take no cluster name that only looks like one', (t) => {
  const { runbook: shipped } = loadRunbook(
    join(runbooksFolder, 'kms-v2-public-to-pmk.yaml'),
    readRunbookFile,
  );
  assert.ok(shipped);
  let refused = 0;
  let taken = 0;
  fc.assert(
    fc.property(hostileText, (text) => {
      try {
        buildPlan(shipped, { CLUSTER_NAME: text, RESOURCE_GROUP: 'rg' });
        assert.match(text, /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/);
        taken += 1;
      } catch (error) {
        assert.equal((error as Error).name, 'UsageError', String(error));
        refused += 1;
      }
    }),
    { numRuns: cases(5_000) },
  );
  t.diagnostic(`${taken} taken, ${refused} refused`);
  for (const name of ['pr\u043Ed', 'prod\u202E', 'prod\u200B', '\uFF50rod', 'prod ', 'pro\u0301d'])
    assert.throws(() => buildPlan(shipped, { CLUSTER_NAME: name, RESOURCE_GROUP: 'rg' }), /CLUSTER_NAME/);
  for (const group of ['rg\u202E', 'r\u200Dg', 'rg\u3164', '../rg', 'rg;id', '$(id)', '-g', 'rg.'])
    assert.throws(() => buildPlan(shipped, { CLUSTER_NAME: 'c', RESOURCE_GROUP: group }), /RESOURCE_GROUP/);
});
