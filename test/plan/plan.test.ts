import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { buildPlan, fingerprint, missingParameters } from '../../source/plan/plan.ts';
import { showPlan, showRunbook } from '../../source/plan/show.ts';
import { runbookOf, stepsText } from '../runbook/files.ts';

const text = stepsText(`- id: look
  title: Look
  check: cluster.id != \`null\`
  message: There is none.
  fix: Make one.
  capture: {KEY_ID: cluster.id}
- id: change
  title: Change it
  text: >-
    A long text that has to be wrapped at some point because it goes on and on and on and on and on and on and on.
  run: az aks update --name $CLUSTER_NAME --key $KEY_ID --size $SIZE --resource-group $RESOURCE_GROUP
  irreversible: No way back.
  done-when: cluster.tags.done == 'yes'
- id: read
  title: Read
  run: az aks show --name $CLUSTER_NAME
  read-only: true
- id: settle
  title: Settle
  wait: {until: cluster.tags.done == 'yes', every: 10s, timeout: 1h30m}
- id: say
  title: Say so
  manual: {instruction: Tell them., attest: They know., note: required}`).replace(
  'parameters:',
  'parameters:\n  SIZE: {description: How many, default: "3", pattern: "[0-9]+", pattern-help: a number}',
);
const runbook = runbookOf(text);
const values = { CLUSTER_NAME: 'c1', RESOURCE_GROUP: 'rg' };

test('a plan has the parameters filled in and leaves captured names open', () => {
  const plan = buildPlan(runbook, values);
  const change = plan.steps[1]!;
  assert.ok(change.kind === 'run');
  assert.deepEqual(
    change.pipeline[0]?.map((word) => word[0]),
    'az aks update --name c1 --key $KEY_ID --size 3 --resource-group rg --subscription $subscription'
      .split(' ')
      .map((word) => (word.startsWith('$') ? { name: word.slice(1) } : { text: word })),
  );
  assert.deepEqual(change.confirm, { kind: 'type', expected: 'c1' });
  assert.deepEqual(plan.target, { clusterName: 'c1', resourceGroup: 'rg' });
  assert.deepEqual(plan.parameters, { SIZE: '3', ...values });
  assert.deepEqual(plan.sections, [
    { title: 'Section', text: undefined, steps: ['look', 'change', 'read', 'settle', 'say'] },
  ]);
  assert.ok(!('position' in change));
});

test('everything wrong with the parameters is said at once', () => {
  assert.throws(() => buildPlan(runbook, { SIZE: 'big', RESOURCE_GROUP: '-rg', CLUSTERNAME: 'c' }), {
    name: 'UsageError',
    message:
      'The parameters of main cannot be used: ' +
      'CLUSTERNAME is not one of them (did you mean `CLUSTER_NAME`?); ' +
      'SIZE (How many) does not fit: a number; ' +
      'CLUSTER_NAME (Name of the cluster) is missing; ' +
      'RESOURCE_GROUP (Its resource group) begins with "-" and could be read as an option.',
  });
  assert.throws(() => buildPlan(runbook, { ...values, SIZE: '3\n4' }), /control character or line break/);
  assert.throws(() => buildPlan(runbook, { ...values, SIZE: 'x3' }), /does not fit/);
  assert.deepEqual(
    missingParameters(runbook, { SIZE: '1' }).map(({ name }) => name),
    ['CLUSTER_NAME', 'RESOURCE_GROUP'],
  );
  assert.deepEqual(missingParameters(runbook, values), []);
});

/** The same value with the keys of every mapping in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, nested]) => [key, reversed(nested)] as const);
  return Object.fromEntries(entries.toReversed());
}

test('the fingerprint is of what the plan says, and survives being kept as JSON', () => {
  const plan = buildPlan(runbook, values);
  assert.match(plan.fingerprint, /^[0-9a-f]{64}$/);
  assert.equal(
    buildPlan(runbookOf(text), { RESOURCE_GROUP: 'rg', CLUSTER_NAME: 'c1' }).fingerprint,
    plan.fingerprint,
  );
  assert.equal(fingerprint(JSON.parse(JSON.stringify(plan))), plan.fingerprint);
  assert.equal(fingerprint(reversed(plan) as typeof plan), plan.fingerprint);
  assert.notEqual(buildPlan(runbook, { ...values, SIZE: '4' }).fingerprint, plan.fingerprint);
  assert.notEqual(buildPlan(runbookOf(text.replace('Look', 'See')), values).fingerprint, plan.fingerprint);
});

test('a dry run shows exactly what would run and what it would ask for', () => {
  const lines = showPlan(buildPlan(runbook, values), 78);
  const shown = lines.join('\n');
  for (const part of [
    '2. Change it [command]',
    [
      '   Runs:\n     $ az aks update \\\n           --name c1 \\\n           --key $KEY_ID \\\n           --size 3 \\',
      '           --resource-group rg \\\n           --subscription $subscription',
    ].join('\n'),
    '$subscription will be the id of the subscription az is set to when the run\nbegins.',
    'Cannot be undone: No way back.',
    'Confirmation: type c1',
    'Confirmation: none, it only reads',
    "Done when: cluster.tags.done == 'yes'",
    'If not: There is none. Make one.',
    'Afterwards $KEY_ID is: cluster.id',
    'Looks every: 10s, for 1h30m at most',
    'Confirm: They know.',
    'Note: has to be written',
    'Nothing has been run.',
  ])
    assert.ok(shown.includes(part), `${part}\n\n${shown}`);
  assert.ok(
    lines.every((line) => stringWidth(line) <= 78 && !line.includes('\n') && line === line.trimEnd()),
  );
});

test('a runbook reads like its document', () => {
  const shown = showRunbook(runbook).join('\n');
  assert.match(
    shown,
    /^Test\n----\n\nFor a test\.\n\nMirrors “Document”, 2026-01-12\nhttps:\/\/example\.com\/doc\n/,
  );
  assert.match(shown, /\n {2}SIZE {12}How many \(3 unless given\)\n/);
  assert.match(shown, /\nSection\n-{7}\n\n1\. Look \[check\]\n/);
  assert.match(shown, /Confirmation: type the value of CLUSTER_NAME/);
});

test('steps have the numbers of the checklist and the record: counted through all sections', () => {
  const more =
    "\n  - title: Second\n    steps:\n      - {id: more, title: More, check: cluster.id == 'x', message: No.}";
  const two = runbookOf(text + more);
  const plan = buildPlan(two, values);
  const counted = plan.steps.map(({ title }, index) => `${index + 1}. ${title}`);
  for (const lines of [showRunbook(two), showPlan(plan)]) {
    const numbered = lines.flatMap((line) => /^(\d+\. .*) \[/.exec(line)?.[1] ?? []);
    assert.deepEqual(numbered, counted);
  }
  assert.equal(counted.at(-1), '6. More');
});
