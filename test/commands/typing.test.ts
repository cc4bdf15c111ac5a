/** What an operator types, and mistypes: suggestions, beginnings of ids, `help` where a name is expected, help that fits. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { teaching } from '../../source/commands/help.ts';
import { buildProgram, everyCommand } from '../../source/commands/program.ts';
import { pathOf } from '../../source/commands/refused.ts';
import { faults } from '../../source/rehearsal/faults.ts';
import { needs } from '../support/needs.ts';
import { newStateDirectory, runPlainly, TerminalSession } from '../support/terminal.ts';

const kept = fileURLToPath(new URL('../journals/format-1/rehearsals/', import.meta.url));
const completed = '20261122-003746-4ca0';

test('what was meant is said of every kind of name, with exit status 2', (t) => {
  const state = newStateDirectory(t);
  cpSync(kept, join(state, 'rehearsals'), { recursive: true });
  const run = ['run', 'kms-v2-public-to-pmk', '--rehearse'];
  const mistakes: [words: string[], meant: RegExp][] = [
    [['lst', '--jsn'], /no command "lst"\.\nDid you mean `list`\?/],
    [['runs', 'shw', completed], /no command "runs shw"\.\nDid you mean `show`\?/],
    [['help', 'runs', 'dlete'], /no command "runs dlete"\.\nDid you mean `delete`\?/],
    [['list', 'all'], /`list` was given more than it takes: all\./],
    [['run'], /`run` needs a runbook\.\nGive an id that `aks-kms-runbook list` names/],
    [['verify'], /`verify` needs a run or a file\.\n.*`aks-kms-runbook runs`/],
    [['list', '--jsom'], /no option --jsom of `list`\.\nDid you mean `--json`\?/],
    [['list', '--accept-irreversible', 'x'], /of `list`\.\nIt is one of `run`, `resume`/],
    [['run', '--scenario'], /nothing after --scenario/],
    [['export', '--format', 'mrkdown'], /--format does not take "mrkdown"\.\nDid you mean `markdown`\?/],
    [['schema', 'recrod'], /does not take "recrod"\.\nDid you mean `record`\?/],
    [['completion', 'fihs'], /Did you mean `fish`\?/],
    [['show', 'kms-v2-public-to-pkm'], /did you mean `kms-v2-public-to-pmk`\?/],
    [['plan', 'kms-v2-public-to-pmk', '-p', 'CLUSTER_NMAE=x'], /did you mean `CLUSTER_NAME`\?/],
    [
      ['doctor', '-p', 'CLUSTERNAME=x'],
      /No runbook has a parameter CLUSTERNAME\.\nDid you mean `CLUSTER_NAME`\?/,
    ],
    [[...run, '--scenario', 'kms-v2-pubic'], /no scenario "kms-v2-pubic"\.\nDid you mean `kms-v2-public`\?/],
    [[...run, '--fault', 'az-odl'], /no fault "az-odl"\.\nDid you mean `az-old`\?/],
    [[...run, '--fault', 'update-fail'], /no fault "update-fail"\.\nDid you mean `update-fails-once`\?/],
    [[...run, '--fault', 'api-refused'], /\nDid you mean `preview-api-refused`\?/],
    [[...run, '--fault', 'update'], /\nFaults are: update-fails-once, update-canceled/],
    [['export', '20261122-003746-4ca1'], new RegExp(`no run .*\\nDid you mean \`${completed}\`\\?`)],
  ];
  for (const [words, meant] of mistakes) {
    const { status, stderr } = runPlainly(words, state);
    assert.equal(status, 2, words.join(' '));
    assert.match(stderr, meant);
    assert.match(stderr, /^error: /);
  }
});

test('a run is known by the beginning of its id, while no other begins so', (t) => {
  const state = newStateDirectory(t);
  cpSync(kept, join(state, 'rehearsals'), { recursive: true });
  const listed = runPlainly(['runs', '--rehearse'], state).stdout;
  assert.ok(listed.includes(completed));
  for (const words of [
    ['runs', 'show', '2026'],
    ['export', '20261122'],
    ['verify', '20261122-0037'],
  ]) {
    const { status, stdout, stderr } = runPlainly(words, state);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, runPlainly([...words.slice(0, -1), completed], state).stdout);
  }
  assert.match(
    runPlainly(['resume', '2026', '--plain'], state).stderr,
    new RegExp(`Run ${completed} has completed`),
  );
  const written = runPlainly(['export', '2026', '--output', state], state);
  assert.equal(written.stdout, `${join(state, `${completed}.md`)}\n`);
  cpSync(join(state, 'rehearsals', completed), join(state, 'runs', `${completed}0`), { recursive: true });
  const ambiguous = runPlainly(['verify', '2026'], state);
  assert.equal(ambiguous.status, 2);
  assert.match(
    ambiguous.stderr,
    new RegExp(
      `ids of 2 runs begin with 2026\\.\\n.*\\n {2}${completed}0\\n {2}${completed} {2}\\(rehearsal\\)\\n`,
    ),
  );
  // A whole id is one run's, though another begins so; and --rehearse leaves out real ones.
  assert.equal(runPlainly(['verify', completed], state).status, 0);
  assert.equal(runPlainly(['verify', '2026', '--rehearse'], state).status, 0);
  assert.equal(runPlainly(['runs', 'delete', '2026', '--rehearse', '--yes'], state).status, 0);
  assert.match(runPlainly(['runs', 'show', `${completed}0`, '--rehearse'], state).stderr, /is no rehearsal/);
  assert.equal(runPlainly(['export', ''], state).status, 2);
});

test('of several unfinished runs resume takes the one worked on last, and asks where a cluster has two', (t) => {
  const state = newStateDirectory(t);
  const begin = (cluster: string): string => {
    const given = ['-p', `CLUSTER_NAME=${cluster}`, '-p', 'RESOURCE_GROUP=rg'];
    const words = ['run', 'kms-v2-public-to-pmk', '--rehearse', '--plain', '--speed', '600', ...given];
    const { status, stdout, stderr } = runPlainly(words, state);
    assert.equal(status, 3, stderr);
    return /resume (\S+) --rehearse/.exec(stdout)?.[1] ?? assert.fail(stdout);
  };
  const [first, second] = [begin('blue'), begin('green')];
  assert.equal(runPlainly(['resume', first, '--plain'], state).status, 3);
  const { status, stderr } = runPlainly(['resume', '--rehearse', '--plain'], state);
  assert.equal(status, 3, stderr);
  assert.match(
    stderr,
    new RegExp(`Of 2 unfinished runs, going on with the one worked on last:\\n {2}${first} {2}blue {2}.+\\n`),
  );

  // Two rehearsals are on clusters of their own; two real runs are not.
  const third = begin('blue');
  const latest = runPlainly(['resume', '--rehearse', '--plain'], state);
  assert.equal(latest.status, 3);
  assert.match(latest.stderr, new RegExp(`Of 3 unfinished runs, .*\\n {2}${third} `));
  cpSync(join(state, 'rehearsals'), join(state, 'runs'), { recursive: true });
  const refused = runPlainly(['resume', '--plain'], state);
  assert.equal(refused.status, 2, refused.stderr);
  assert.match(
    refused.stderr,
    new RegExp(
      `2 runs for the cluster blue are unfinished\\.\\nGive the id .*\\n {2}${third} .+\\n {2}${first} .+\\n`,
    ),
  );
  assert.doesNotMatch(refused.stderr, new RegExp(second));
});

test('the usage line has options after the command, where they count', (t) => {
  const state = newStateDirectory(t);
  assert.match(
    runPlainly(['--help'], state).stdout,
    /^Usage: aks-kms-runbook \[options\]\n {7}aks-kms-runbook <command> \[options\]\n/,
  );
});

test('`--fault help` and `--scenario help` answer wherever they are typed', (t) => {
  const state = newStateDirectory(t);
  for (const words of [
    [],
    ['--rehearse'],
    ['run'],
    ['run', 'no-such', '--yes'],
    ['resume'],
    ['doctor'],
    ['plan'],
    ['clusters'],
    ['rewrite-secrets'],
  ])
    for (const [kind, pattern] of [
      ['fault', /^Before the first change[\s\S]*\n {2}az-old +The Azure CLI/],
      ['scenario', /^kms-v2-public +KMS v2/],
    ] as const) {
      for (const asking of [[`--${kind}`, 'help'], [`--${kind}=help`]]) {
        const { status, stdout, stderr } = runPlainly([...words, ...asking], state);
        assert.equal(status, 0, `${words.join(' ')} ${asking.join(' ')}: ${stderr}`);
        assert.match(stdout, pattern);
      }
    }
  const { stdout } = runPlainly(['--fault', 'help'], state);
  for (const { name } of faults) assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
});

function told(findings: readonly { what: string; found: string }[], what: string): string | undefined {
  return findings.find((finding) => finding.what === what)?.found;
}

test('a rehearsed look finds the cluster that has the name of a scenario as that scenario has it', (t) => {
  const state = newStateDirectory(t);
  const look = (...words: string[]): { what: string; found: string }[] =>
    (
      JSON.parse(runPlainly(['doctor', '--rehearse', '--json', ...words], state).stdout) as {
        findings: { what: string; found: string }[];
      }
    ).findings;
  assert.match(told(look('-p', 'CLUSTER_NAME=cmk'), 'cluster cmk') ?? '', /CMK/);
  assert.match(
    told(look('kms-v2-public-to-pmk', '-p', 'CLUSTER_NAME=kms-v1-public'), 'cluster kms-v1-public') ?? '',
    /1\.26\.15, KMS v1/,
  );
  // What is chosen outright goes before the name.
  assert.match(told(look('--scenario', 'pmk', '-p', 'CLUSTER_NAME=cmk'), 'cluster cmk') ?? '', /PMK/);
});

test('what is to be typed next names a runbook as it was named', (t) => {
  const state = newStateDirectory(t);
  mkdirSync(join(state, 'my own'));
  const file = join(state, 'my own', 'copy.yaml');
  cpSync(fileURLToPath(new URL('../../runbooks/', import.meta.url)), join(state, 'my own'), {
    recursive: true,
  });
  writeFileSync(
    file,
    readFileSync(join(state, 'my own', 'kms-v2-public-to-pmk.yaml'), 'utf8').replace(/^id: .*$/m, 'id: copy'),
  );
  assert.ok(runPlainly(['plan', file], state).stderr.includes(`\`aks-kms-runbook show '${file}'\``));
  assert.ok(
    runPlainly(['run', file, '--plain'], state).stderr.includes(`\`aks-kms-runbook show '${file}'\``),
  );
  writeFileSync(file, 'id: broken\nsections: [\n');
  assert.ok(runPlainly(['show', file], state).stderr.includes(`\`aks-kms-runbook lint '${file}'\``));
});

test('every command is taught by examples that can be typed, in 80 columns', () => {
  const program = buildProgram(() => undefined);
  const shown = [program, ...everyCommand(program)].filter(
    (command) => command.parent?.createHelp().visibleCommands(command.parent).includes(command) ?? true,
  );
  assert.deepEqual(Object.keys(teaching).sort(), shown.map((command) => pathOf(command).join(' ')).sort());
  for (const command of shown) {
    const path = pathOf(command).join(' ');
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 80 });
    command.outputHelp();
    for (const line of help.split('\n')) assert.ok(line.length <= 80, `${path}: ${line}`);
    assert.match(help, /\nExamples:\n {2}aks-kms-runbook[\s\S]*\nExit status:\n {2}0 /);
    const { examples } = teaching[path]!;
    assert.ok(examples.length >= 2, path);
    for (const { line } of examples) {
      const parsing = buildProgram(() => undefined);
      let ran: string | undefined;
      for (const each of [parsing, ...everyCommand(parsing)])
        each.action(() => void (ran = pathOf(each).join(' ')));
      parsing.parse(line.split(' > ')[0]!.split(' ').filter(Boolean), { from: 'user' });
      if (path !== '') assert.ok(ran === path || path === 'runs' || path === 'help', `${line} is of ${ran}`);
    }
  }
});

test('the manual page can be set without a complaint', needs('groff'), () => {
  const page = fileURLToPath(new URL('../../docs/aks-kms-runbook.1', import.meta.url));
  const command = (end: string): string =>
    execFileSync('sh', ['-c', `groff -man -ww -Tascii -P-cbou "$1" ${end}`, 'sh', page], {
      encoding: 'utf8',
    });
  assert.equal(command('2>&1 > /dev/null'), '');
  const set = command('2> /dev/null');
  for (const section of ['COMMANDS', 'OPTIONS', 'EXIT STATUS', 'ENVIRONMENT', 'FILES', 'EXAMPLES'])
    assert.ok(set.includes(section), section);
});

test('tables fit the terminal, and in a pipe each row stays one line', async (t) => {
  const state = newStateDirectory(t);
  cpSync(kept, join(state, 'rehearsals'), { recursive: true });
  const commands = [
    ['clusters', '--rehearse'],
    ['runs', '--rehearse'],
    ['list'],
    ['doctor', '--rehearse'],
    ['--fault', 'help'],
  ];
  for (const columns of [80, 120])
    for (const words of commands) {
      const session = TerminalSession.open(t, words, { stateDirectory: state, columns, rows: 100 });
      await session.exited;
      await session.until(() => session.text() !== '', 'something');
      const lines = session.written.replaceAll('\r', '').split('\n');
      // A word that is longer than the line stays whole, to be copied.
      for (const line of lines)
        assert.ok(line.length <= columns || !line.trim().includes(' '), `${columns}: ${line}`);
    }
  const stacked = TerminalSession.open(t, ['clusters', '--rehearse'], { stateDirectory: state, rows: 100 });
  await stacked.exited;
  await stacked.see(
    /^kms-v1-private-no-vnet\n {2}resource group: rehearsal-rg · .*\n.*\n {2}runbook: It has no API Server VNet Integration, so KMS could not be turned\n {4}on again/m,
  );
  const piped = runPlainly(['clusters', '--rehearse'], state).stdout;
  assert.match(
    piped,
    /^kms-v1-private-no-vnet .* so KMS could not be turned on again for its private key vault\.$/m,
  );
});
