import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { readRecord } from '../../source/rehearsal/index.ts';
import { newStateDirectory, rehearsalIn, runPlainly, transcriptIn } from '../support/terminal.ts';

test('what is mistyped is named, with what was meant', (t) => {
  const state = newStateDirectory(t);
  const refused = (words: readonly string[], pattern: RegExp): void => {
    const { status, stderr } = runPlainly(words, state);
    assert.equal(status, 2, words.join(' '));
    assert.match(stderr, pattern);
  };
  refused(['lst'], /no command "lst"\.\nDid you mean `list`\?/);
  refused(['--rehearse', 'run', 'kms-v2-public-to-pmk'], /--rehearse was given before the command run/);
  refused(['show', 'kms-v2-public-to-pkm'], /no runbook[\s\S]*kms-v2-public-to-pmk/);
  refused(['export', '20260101-000000-0000'], /no run 20260101-000000-0000/);
  refused(['export', '../../etc'], /is not a run id/);
  refused(['run', 'kms-v2-public-to-pmk', '--plain'], /CLUSTER_NAME[\s\S]*RESOURCE_GROUP/);
  refused(
    ['run', 'kms-v2-public-to-pmk', '--plain', '--fault', 'throttled'],
    /--fault only works in a rehearsal/,
  );
  refused(['--rehearse', '--scenario', 'nowhere'], /no scenario "nowhere"[\s\S]*kms-v2-public/);
  refused(['plan', 'kms-v2-public-to-pmk', '-p', 'CLUSTER_NAME'], /NAME=VALUE/);
  refused(['--speed', '0', '--rehearse'], /above 0/);
  refused([], /needs a terminal/);
});

test('list, show, plan, lint and schema say what they are to say', (t) => {
  const state = newStateDirectory(t);
  const runbooks = JSON.parse(runPlainly(['list', '--json'], state).stdout) as {
    id: string;
    parameters: unknown[];
  }[];
  const runbook = runbooks.find(({ id }) => id === 'kms-v2-public-to-pmk');
  assert.ok(runbook);
  assert.equal(runbook.parameters.length, 2);
  assert.match(runPlainly(['show', runbook.id], state).stdout, /There is no way back[\s\S]*az aks update/);
  const plan = runPlainly(
    ['plan', runbook.id, '-p', 'CLUSTER_NAME=blue', '-p', 'RESOURCE_GROUP=blue-rg'],
    state,
  ).stdout;
  // One numbering everywhere: the checklist and the record count through all sections, too.
  const numbers = [...plan.matchAll(/^(\d+)\. .* \[/gm)].map(([, number]) => Number(number));
  assert.ok(numbers.length > 20);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
  assert.match(plan, /--name blue[\s\S]*--resource-group blue-rg/);
  assert.equal(runPlainly(['lint'], state).status, 0);
  const broken = join(state, 'broken.yaml');
  writeFileSync(broken, 'id: broken\nsections: [\n');
  const lint = runPlainly(['lint', broken], state);
  assert.equal(lint.status, 2);
  assert.match(lint.stdout, /broken\.yaml:\d+:\d+/);
  const schema = JSON.parse(runPlainly(['schema'], state).stdout) as object;
  const committed = JSON.parse(
    readFileSync(new URL('../../runbooks/runbook.schema.json', import.meta.url), 'utf8'),
  ) as object;
  assert.deepEqual(schema, committed);
});

test('lint knows the simulated clusters, and lists what is wrong with a fragment once', (t) => {
  const state = newStateDirectory(t);
  const head =
    'title: T\ndescription: D\nsource: {title: T, url: https://example.com/, date: 2026-01-12}\nparameters: {CLUSTER_NAME: {description: d}, RESOURCE_GROUP: {description: d}}\nsections: [{include: shared.yaml}]\n';
  writeFileSync(
    join(state, 'shared.yaml'),
    'sections:\n  - {title: S, steps: [{id: a, title: A, check: captured.NO != `null`, message: m}]}\n',
  );
  for (const id of ['one', 'two'])
    writeFileSync(join(state, `${id}.yaml`), `id: ${id}\nrehearsal: kms-v2-pubic\n${head}`);
  const { status, stdout } = runPlainly(
    ['lint', '--json', join(state, 'one.yaml'), join(state, 'two.yaml')],
    state,
  );
  assert.equal(status, 2);
  const problems = JSON.parse(stdout) as { file: string; message: string; runbooks: string[] }[];
  assert.deepEqual(
    problems.map(({ file, message, runbooks }) => [basename(file), message, runbooks]),
    [
      ['one.yaml', 'there is no simulated cluster kms-v2-pubic', ['one.yaml']],
      ['shared.yaml', 'no step captures NO', ['one.yaml', 'two.yaml']],
      ['two.yaml', 'there is no simulated cluster kms-v2-pubic', ['two.yaml']],
    ],
  );
  const told = runPlainly(['lint', join(state, 'one.yaml'), join(state, 'two.yaml')], state).stdout;
  assert.match(told, /did you mean `kms-v2-public`\?/);
  assert.match(told, /no step captures NO\n(?:.*\n){3}  in one\.yaml, two\.yaml\n/);
  assert.match(told, /2 files: 3 errors, 0 warnings/);
});

test('a program that has no stand-in is not begun in a rehearsal', (t) => {
  const state = newStateDirectory(t);
  const file = join(state, 'foreign.yaml');
  const known = readFileSync(new URL('../../runbooks/kms-v2-public-to-pmk.yaml', import.meta.url), 'utf8');
  const parameters = /parameters:[\s\S]*?(?=\nsections:)/.exec(known)?.[0] ?? '';
  writeFileSync(
    file,
    `id: foreign\ntitle: Foreign\ndescription: Runs touch\nsource: {title: T, url: https://example.com/, date: 2026-01-12}\nrehearsal: kms-v2-public\n${parameters}\nsections:\n  - title: S\n    steps:\n      - id: touch\n        title: Touch\n        run: touch ${join(state, 'touched')} $CLUSTER_NAME $RESOURCE_GROUP\n`,
  );
  const { status, stderr } = runPlainly(['run', file, '--rehearse', '--plain', '--yes'], state);
  assert.equal(status, 2, stderr);
  assert.match(stderr, /cannot be rehearsed/);
});

test('verify names an altered output and an altered journal', (t) => {
  const state = newStateDirectory(t);
  assert.equal(runPlainly(['--rehearse'], state).status, 0);
  const { runId, directory } = rehearsalIn(state);
  assert.equal(runPlainly(['verify', runId], state).status, 0);
  appendFileSync(join(directory, 'output', 'enable-pmk-1.log'), 'forged\n');
  const output = runPlainly(['verify', runId], state);
  assert.equal(output.status, 1);
  assert.match(output.stdout, /enable-pmk-1\.log is not what step enable-pmk/);
  assert.doesNotMatch(runPlainly(['export', runId], state).stdout, /forged/);
  const journal = join(directory, 'journal.jsonl');
  writeFileSync(journal, readFileSync(journal, 'utf8').replace('"applies":true', '"applies":false'));
  const altered = runPlainly(['verify', runId, '--json'], state);
  assert.equal(altered.status, 1);
  assert.match((JSON.parse(altered.stdout) as { problem: { what: string } }).problem.what, /was altered/);
});

test('what cannot be seen is not taken for absent: the migration is not begun', (t) => {
  const state = newStateDirectory(t);
  const words = ['run', 'kms-v2-public-to-pmk', '--rehearse', '--plain', '--yes'];
  const blind = [
    ...words,
    '--accept-irreversible',
    'rehearsal',
    '--scenario',
    'cmk',
    '--fault',
    'preview-api-refused',
  ];
  const { status, stdout } = runPlainly(blind, state);
  assert.equal(status, 1);
  assert.match(stdout, /^cluster .* · KMS v2 or CMK, public vault$/m);
  assert.match(stdout, /\[1 of \d+\] Azure shows the new encryption settings[\s\S]*✘/);
  assert.doesNotMatch(stdout, /\[2 of/);
  const transcript = transcriptIn(state);
  assert.match(transcript, /\| Scenario `cmk`, with the faults `preview-api-refused`; stand-ins for az/);
  assert.match(transcript, /Run started by .*, at 60 times the speed\./);
  assert.deepEqual(readRecord(rehearsalIn(state).simulation).mutations, []);
});

test('what is to be typed next names the state directory where the command line did', (t) => {
  const other = newStateDirectory(t);
  const state = join(newStateDirectory(t), 'with a space');
  const told = ` --rehearse --state-dir '${state}'`;
  const given = ['--state-dir', state];
  const words = ['run', 'kms-v2-public-to-pmk', '--rehearse', '--plain', '--speed', '600'];
  const stopped = runPlainly([...words, ...given], other);
  assert.equal(stopped.status, 3, stopped.stdout + stopped.stderr);
  const { runId } = rehearsalIn(state);
  assert.ok(stopped.stdout.includes(`Resume with: aks-kms-runbook resume ${runId}${told}\n`), stopped.stdout);
  const accepted = ['--yes', '--accept-irreversible', 'rehearsal'];
  const resumed = runPlainly(['resume', runId, '--plain', ...accepted, ...given], other);
  assert.equal(resumed.status, 0, resumed.stdout + resumed.stderr);
  const again = runPlainly(['resume', runId, '--plain', ...given], other);
  assert.ok(again.stderr.includes(`\`aks-kms-runbook export ${runId}${told}\``), again.stderr);
  const nothing = runPlainly(['resume', '--rehearse', ...given], other);
  assert.ok(nothing.stderr.includes(`\`aks-kms-runbook runs${told}\``), nothing.stderr);
  const unknown = runPlainly(['verify', '20260101-000000-0000', ...given], other);
  assert.ok(unknown.stderr.includes(`\`aks-kms-runbook runs --state-dir '${state}'\``), unknown.stderr);
  // The environment says it again by itself.
  const [, plainly] = /Resume with: (.*)\n/.exec(runPlainly(words, state).stdout) ?? [];
  assert.match(plainly ?? '', /^aks-kms-runbook resume \S+ --rehearse$/);
});
