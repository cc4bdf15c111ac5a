import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStep } from '../../source/plan/describe.ts';
import { formatProblem } from '../../source/runbook/problems.ts';
import type { Problem } from '../../source/runbook/problems.ts';
import { load, runbookOf, runbookText, stepsText } from './files.ts';

const step = '- {id: a, title: A, run: az account show, read-only: true}';

/** `line:column message` of each problem. */
function told(files: Record<string, string> | string): string[] {
  const { problems } = load(typeof files === 'string' ? { 'main.yaml': files } : files);
  return problems.map(
    ({ file, line, column, message }) =>
      `${file === 'main.yaml' ? '' : `${file}:`}${line}:${column} ${message}`,
  );
}

/** The one problem of these steps. */
function onlyProblem(text: string, files: Record<string, string> = {}): Problem {
  const { runbook, problems } = load({ 'main.yaml': text, ...files });
  assert.equal(problems.length, 1, JSON.stringify(problems, null, 1));
  assert.equal(runbook === undefined, problems[0]?.severity === 'error');
  return problems[0]!;
}

test('a runbook is loaded with everything it says', () => {
  const runbook = runbookOf(
    runbookText(
      `- title: First
  text: |
    One.

    Two.
  steps:
    - id: look
      title: Look
      check: cluster.id != \`null\`
      value: cluster.id
      message: >-
        There is
        nothing.
      capture: {CLUSTER_ID: cluster.id}
    - id: change
      title: Change it
      text: Because.
      when: access.updateCluster
      run: |
        az aks update --ids $CLUSTER_ID \\
            --name "$CLUSTER_NAME"
      irreversible: No way back.
      done-when: cluster.provisioningState == 'Succeeded'
      timeout: 1h30m
      normal: 90s
      tolerate: [{pattern: already, because: It is.}]
      explain: [{pattern: own, means: Own., do: Own.}]
    - id: settle
      title: Settle
      wait: {until: cluster.provisioningState == 'Succeeded', timeout: 30m}
      even-if-failed: [change]
    - id: say
      title: Say
      manual: {instruction: Do it., attest: Done., note: required}`,
      'explain: [{pattern: shared, means: Shared., do: Shared., link: "https://example.com"}]',
    ),
  );
  const [look, change, settle, say] = runbook.sections[0]!.steps;
  assert.equal(runbook.sections[0]?.text, 'One.\n\nTwo.');
  assert.equal(look?.kind === 'check' && look.message, 'There is nothing.');
  assert.deepEqual(
    look?.capture.map(({ name, expression }) => [name, expression.facts]),
    [['CLUSTER_ID', ['cluster']]],
  );
  assert.ok(change?.kind === 'run' && settle?.kind === 'wait' && say?.kind === 'manual');
  assert.deepEqual(change.pipeline[0]?.slice(3), [
    [{ text: '--ids' }],
    [{ name: 'CLUSTER_ID' }],
    [{ text: '--name' }],
    [{ name: 'CLUSTER_NAME' }],
  ]);
  assert.equal(change.source, 'az aks update --ids $CLUSTER_ID \\\n    --name "$CLUSTER_NAME"');
  assert.equal(change.changes, true);
  assert.deepEqual(change.confirm, { kind: 'type', parameter: 'CLUSTER_NAME' });
  assert.deepEqual([change.timeout, change.normal], [5_400_000, 90_000]);
  assert.deepEqual(
    change.explain.map(({ pattern }) => pattern),
    ['own', 'shared'],
  );
  assert.deepEqual([settle.every, settle.timeout, settle.evenIfFailed], [15_000, 1_800_000, ['change']]);
  assert.deepEqual([say.attest, say.note, say.confirm.kind], ['Done.', 'required', 'enter']);
  assert.deepEqual(change.doneWhen?.position, { file: 'main.yaml', line: 33, column: 20 });
});

test('every problem of a file is reported in one pass, each with its place and a way out', () => {
  const { runbook, problems } = load({
    'main.yaml': `id: Bad Id
titel: Test
description: 12
source: {title: D, url: "http://example.com", date: 12/14/2025}
rehearsal: pmk
parameters:
  CLUSTER_NAME: {description: Name, pick: clusters}
  resource: {}
  UNUSED: {description: x, pattern: '('}
sections:
  - title: S
    steps:
      - id: one
        title: One
        run: |
          az aks update --name $CLUSTER_NAM; rm
        donewhen: cluster.id
        timeout: 5 minutes
        explain: [{pattern: '[', means: x, do: y}]
      - id: one
        title: Two
        check: clustr.id ==
        message: m
        read-only: true
        severity: warn
      - id: three
        title: Three
        manual: {instruction: x, attest: y}
        even-if-failed: [two, four]
      - id: four
        title: Four
        rum: az
      - id: five
        title: Five
        run: az
        wait: {until: secrets.cout == \`0\`, timeout: 0m}
        irreversible: Yes.
        confirm: enter
`,
  });
  assert.equal(runbook, undefined);
  assert.deepEqual(
    problems.map(
      ({ line, column, message, suggestion }) => `${line}:${column} ${message} | ${suggestion ?? ''}`,
    ),
    [
      '1:1 `title` is missing | add it: The heading of the migration path in the document.',
      '1:5 `id` must be lower-case words joined with dashes, such as enable-pmk | ',
      '2:1 unknown key `titel` | did you mean `title`?',
      "3:14 `description` must be text, not a number | put it in quotes: '12'",
      '4:25 `url` must be an https address | ',
      '4:53 `date` must be a date such as 2026-01-12 | ',
      '6:1 the parameter RESOURCE_GROUP is missing | every run is against one cluster, named by CLUSTER_NAME and RESOURCE_GROUP',
      '7:43 `pick` must be `cluster` | ',
      '8:3 `resource` must be upper-case letters, digits and _, such as CLUSTER_NAME | ',
      '9:3 the parameter UNUSED is never used | remove it, or use it: $UNUSED in a command, params.UNUSED in an expression',
      String.raw`9:37 not a regular expression: Unterminated group | a character with a meaning is written with a backslash: \. \( \[ \{; others without`,
      '16:32 $CLUSTER_NAM is neither a parameter nor captured by an earlier step | did you mean `CLUSTER_NAME`?',
      "16:44 `;` would start a second command | make each command a step of its own; if it is meant literally, put the word in single quotes: '…'",
      '17:9 unknown key `donewhen` | did you mean `done-when`?',
      '18:18 `timeout` must be a duration such as 90s, 30m or 1h30m | write 5m',
      String.raw`19:29 not a regular expression: Unterminated character class | a character with a meaning is written with a backslash: \. \( \[ \{; others without`,
      '20:13 the step id one is taken | it is the id of the step in main.yaml, line 13; choose another',
      '22:27 the expression ends too early | close what is open, or write what is missing after it',
      '24:9 unknown key `read-only` | `read-only` is for steps with `run`',
      '25:19 `severity` must be `blocking` or `warning` | did you mean `warning`?',
      '29:26 there is no step two | earlier steps are: one',
      '29:31 the step four does not come before this one | name a step that has run by then, or move this one behind it',
      '30:9 the step does not say what to do | add one of: run, check, wait, manual, rewrite-secrets',
      '32:9 unknown key `rum` | did you mean `run`?',
      '35:9 nothing tells when this command has worked | add `done-when` with what is true of the cluster then, or `read-only: true` if it changes nothing',
      '36:9 a step cannot have both `run` and `wait` | make them two steps',
      '38:18 a step that is irreversible is confirmed with the name of the cluster | remove `confirm`: the operator then types the value of CLUSTER_NAME',
    ],
  );
});

test('a warning alone does not keep a runbook from being used', () => {
  const { runbook, problems } = load({
    'main.yaml': stepsText(step).replace('parameters:', 'parameters:\n  SPARE: {description: x}'),
  });
  assert.ok(runbook);
  assert.deepEqual(
    problems.map(({ severity, line }) => [severity, line]),
    [['warning', 7]],
  );
  const { problems: used } = load({
    'main.yaml': stepsText('- {id: a, title: A, check: "params.SPARE == \'x\'", message: m}').replace(
      'parameters:',
      'parameters:\n  SPARE: {description: x}',
    ),
  });
  assert.deepEqual(used, []);
});

test('names in commands come from parameters and from steps before', () => {
  const use = '- {id: use, title: U, run: "az $KEY", read-only: true}';
  const capture =
    '- {id: get, title: G, check: cluster.id != `null`, message: m, capture: {KEY: cluster.id}}';
  assert.deepEqual(told(stepsText(`${capture}\n${use}`)), []);
  assert.match(
    told(stepsText(`${use}\n${capture}`)).join(),
    /\$KEY is captured only when this step has run, or later/,
  );
  assert.match(onlyProblem(stepsText(use)).message, /neither a parameter nor captured/);
  const own = '- {id: use, title: U, run: "az $KEY", read-only: true, capture: {KEY: cluster.id}}';
  assert.match(onlyProblem(stepsText(own)).message, /captured only when/);
  assert.match(
    onlyProblem(stepsText(`${capture}\n${capture.replace('get', 'again')}`)).message,
    /KEY is captured already/,
  );
  assert.match(
    onlyProblem(stepsText(capture.replace('KEY', 'CLUSTER_NAME'))).message,
    /is a parameter already/,
  );
});

function confirmed(confirm: string): string {
  return stepsText(`- {id: a, title: A, run: kubectl x, confirm: ${confirm}}`);
}

test('a typed confirmation names a parameter', () => {
  assert.match(onlyProblem(confirmed('{type: CLUSTERNAME}')).suggestion ?? '', /`CLUSTER_NAME`/);
  assert.match(onlyProblem(confirmed('yes')).message, /`confirm` must be `enter` or `{type: CLUSTER_NAME}`/);
  assert.deepEqual(runbookOf(confirmed('{type: RESOURCE_GROUP}')).sections[0]?.steps[0]?.confirm, {
    kind: 'type',
    parameter: 'RESOURCE_GROUP',
  });
});

test('a fragment brings its sections and explanations, wherever it lies below', () => {
  const files = {
    'fragments/a.yaml':
      'sections:\n  - include: deep/b.yaml\n  - title: A\n    steps:\n      - {id: a, title: A, run: az x}\n',
    'fragments/deep/b.yaml': 'explain:\n  - {pattern: p, means: m, do: d}\n',
  };
  const text = runbookText(`- include: fragments/a.yaml\n- title: Own\n  text: Only text.`);
  const runbook = runbookOf(text, files);
  assert.deepEqual(
    runbook.sections.map(({ title, steps }) => [title, steps.length]),
    [
      ['A', 1],
      ['Own', 0],
    ],
  );
  assert.deepEqual(
    runbook.sections[0]?.steps[0]?.explain.map(({ pattern }) => pattern),
    ['p'],
  );
  const changed = { ...files, 'fragments/deep/b.yaml': `${files['fragments/deep/b.yaml']}# more\n` };
  assert.notEqual(runbookOf(text, changed).digest, runbook.digest);
  assert.equal(runbookOf(text, files).digest, runbook.digest);
});

test('problems in a fragment are reported in the fragment', () => {
  const fragment =
    'sections:\n  - title: A\n    steps:\n      - {id: a, title: A, run: "kubectl $NOBODY", tex: x}\n';
  assert.deepEqual(told({ 'main.yaml': runbookText('- include: f/a.yaml'), 'f/a.yaml': fragment }), [
    'f/a.yaml:4:41 $NOBODY is neither a parameter nor captured by an earlier step',
    'f/a.yaml:4:51 unknown key `tex`',
  ]);
});

/** What is wrong with an include, when that is all that is wrong. */
function refused(include: string, files: Record<string, string> = {}): string {
  return onlyProblem(runbookText(`- include: ${include}\n- title: T\n  text: t`), files).message;
}

test('includes that lead nowhere, outside or around are refused', () => {
  assert.match(refused('fragments/none.yaml'), /cannot be read: no such file/);
  for (const path of ['../x.yaml', 'a/../../x.yaml', '/etc/passwd', String.raw`a\b.yaml`, 'C:/x.yaml'])
    assert.match(refused(path), /within the folder/);
  assert.match(refused('main.yaml'), /includes itself: main\.yaml → main\.yaml/);
  const around = {
    'a.yaml': 'sections: [{include: b.yaml}]',
    'b.yaml': 'sections: [{include: a.yaml}]',
  };
  assert.match(refused('a.yaml', around), /a\.yaml → b\.yaml → a\.yaml/);
  assert.match(
    refused('a.yaml\n- include: a.yaml', { 'a.yaml': 'explain: [{pattern: p, means: m, do: d}]' }),
    /included already/,
  );
  assert.match(refused('a.yaml', { 'a.yaml': '{}' }), /a fragment holds/);
});

test('a fragment given as a runbook is told apart', () => {
  assert.match(onlyProblem('sections: [{title: T, text: t}]').message, /a fragment, not a runbook/);
});

test('the folder of the runbook is part of the files named, and not of what is kept', () => {
  const texts: Record<string, string> = { 'dir/main.yaml': stepsText(step.replace('az', 'az "$X"')) };
  const { problems } = load(texts, 'dir/main.yaml');
  assert.equal(problems[0]?.file, 'dir/main.yaml');
  const { runbook } = load({ 'dir/main.yaml': stepsText(step) }, 'dir/main.yaml');
  assert.equal(runbook?.parameters[0]?.position.file, 'main.yaml');
});

test('files that are no runbook at all are reported, not thrown', () => {
  assert.match(onlyProblem('a: [').message, /not valid YAML/);
  assert.match(onlyProblem('a: 1\na: 2').message, /key `a` is here twice/);
  assert.match(onlyProblem('a: &x [1]\nb: *x').message, /aliases/);
  assert.match(onlyProblem('a: 1\n---\nb: 1').message, /one document/);
  assert.match(onlyProblem('a: "\u0000"').message, /U\+0000/);
  assert.match(onlyProblem(Buffer.from([0x61, 0x3a, 0x20, 0xff]).toString()).message, /not UTF-8/);
  assert.match(onlyProblem('['.repeat(50_000)).message, /nested too deeply/);
  assert.match(onlyProblem('x'.repeat(256_001)).message, /256001 characters/);
  assert.deepEqual(told({}), ['1:1 main.yaml cannot be read: no such file: main.yaml']);
  for (const text of ['', '[]', '1', 'null', '~', '- a', '"x"', '{}', '? [a]\n: b', '{__proto__: {id: x}}'])
    assert.equal(load({ 'main.yaml': text }).runbook, undefined);
});

test('a problem is printed with the line, carets below it, and a way out', () => {
  const problem = onlyProblem(stepsText('- id: a\n  title: Überall 漢字\n  run: az "漢字" ; b'));
  assert.equal(
    formatProblem(problem),
    [
      'main.yaml:14:22: error: `;` would start a second command',
      '  14 |         run: az "漢字" ; b',
      `     | ${' '.repeat(21 + 2)}^`,
      "     = make each command a step of its own; if it is meant literally, put the word in single quotes: '…'",
    ].join('\n'),
  );
  const long = formatProblem({ ...problem, excerpt: `${'x'.repeat(500)}!${'y'.repeat(500)}`, column: 501 });
  assert.ok(
    long
      .split('\n')
      .slice(0, 3)
      .every((line) => line.length < 120),
  );
  const [excerpt = '', carets = ''] = long.split('\n').slice(1);
  assert.equal(excerpt[carets.indexOf('^')], '!');
  assert.doesNotMatch(formatProblem({ ...problem, excerpt: 'a\u001B[2Jb\u202E' }), /[\u001B\u202E]/);
});

test('a rewrite says how the Secrets are stored then, and why none may be left out', () => {
  const runbook = runbookOf(
    stepsText(`- id: rewrite
  title: Rewrite
  rewrite-secrets:
    stored: without KMS
    no-exceptions: >-
      It cannot
      be read.
`),
  );
  const [step] = runbook.sections.flatMap(({ steps }) => steps);
  assert.ok(step?.kind === 'rewrite-secrets');
  assert.equal(step.stored, 'without KMS');
  assert.equal(step.noExceptions, 'It cannot be read.');
  const passages = describeStep(step).map(({ label, text }) => `${label}: ${text}`);
  assert.ok(passages.includes('No Secret may be left out: It cannot be read.'));
  assert.match(passages.join('\n'), /verify that each is stored without KMS\./);
  const [misplaced] = load({
    'main.yaml': stepsText('- {id: a, title: A, rewrite-secrets: {}, no-exceptions: Why.}'),
  }).problems;
  const told = `${misplaced?.message} ${misplaced?.suggestion}`;
  assert.match(told, /`no-exceptions` belongs under `rewrite-secrets`/);
});
