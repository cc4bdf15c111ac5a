/** TAB in the shells themselves: their own completion, the scripts the tool prints, and the tool that answers. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { needs } from '../support/needs.ts';
import {
  newStateDirectory,
  root,
  runPlainly,
  shellEnvironment,
  TerminalSession,
} from '../support/terminal.ts';
import { openOffice } from '../support/tool.ts';

interface Desk {
  /** The home directory; files beside the shell are in here. */
  home: string;
  state: string;
  environment: Record<string, string>;
}

const completed = '20261122-003746-4ca0';
const unfinished = '20261123-101010-beef';

/** Names that a shell would read as more than names; the last of them is one to be offered. */
function contexts(home: string): string[] {
  return [
    `$(touch ${home}/touched)`,
    `\`touch ${home}/touched\``,
    `blue;touch ${home}/touched`,
    'two words',
    'new\nline',
    '\u001b[31mred',
    "it's",
    '~root',
    '*',
    'blue-admin@corp',
  ];
}

/** A home with the tool in its PATH, a completed and an unfinished rehearsal, a kubeconfig and some files. */
function newDesk(t: TestContext): Desk {
  const home = newStateDirectory(t);
  const state = join(home, 'state');
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const tool = join(bin, 'aks-kms-runbook');
  writeFileSync(tool, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'dist', 'cli.js')}' "$@"\n`);
  chmodSync(tool, 0o755);
  const journals = fileURLToPath(new URL('../journals/format-1/rehearsals/', import.meta.url));
  cpSync(journals, join(state, 'rehearsals'), { recursive: true });
  assert.deepEqual(readdirSync(join(state, 'rehearsals')), [completed]);
  const begun = join(state, 'rehearsals', unfinished);
  cpSync(join(state, 'rehearsals', completed), begun, { recursive: true });
  const [first = ''] = execFileSync('head', ['-n1', join(begun, 'journal.jsonl')], {
    encoding: 'utf8',
  }).split('\n');
  writeFileSync(join(begun, 'journal.jsonl'), `${first}\n`);
  const kubeconfig = join(home, 'kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify({ contexts: contexts(home).map((name) => ({ name })) }));
  writeFileSync(join(home, 'own runbook.yaml'), 'id: own\n');
  mkdirSync(join(home, 'records'));
  const shell = shellEnvironment(state);
  const environment = {
    ...shell,
    HOME: home,
    PATH: `${bin}:${shell['PATH']}`,
    KUBECONFIG: kubeconfig,
    SHELL: '/bin/sh',
  };
  return { home, state, environment };
}

/** What the tool answers to a command line: the last word is the one being typed. */
function answer({ state, environment }: Pick<Desk, 'state' | 'environment'>, ...words: string[]): string[] {
  const { status, stdout, stderr } = runPlainly(['__complete', '--', ...words], state, environment);
  assert.equal(status, 0);
  assert.equal(stderr, '');
  return stdout
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split('\t')[0] ?? '');
}

test('what can be typed next comes from the command line, and from what there is', (t) => {
  const desk = newDesk(t);
  const run = ['run', 'kms-v1-to-v2-public'];
  const is = (words: string[], expected: string[]): void =>
    assert.deepEqual(answer(desk, ...words), expected, words.join(' '));
  is(['ru'], ['run', 'runs']);
  is(['runs', ''], ['show', 'delete']);
  is(['help', 'runs', 'd'], ['delete']);
  is(['schema', ''], ['runbook', 'record']);
  is(['completion', 'z'], ['zsh']);
  is(['show', 'kms-v2-public'], ['kms-v2-public-to-cmk', 'kms-v2-public-to-pmk']);
  is(['resume', '--tr'], ['--transcript']);
  is(['list', '--json', '--j'], []);
  is([...run, '--fault', 'az-old', '--fault', 'az'], ['azure-errors']);
  is([...run, '--scenario', 'kms-v2-r'], ['kms-v2-rotated']);
  is(['export', '--format=h'], ['--format=html']);
  is(['export', '--format', ''], ['markdown', 'html', 'json']);
  is([...run, '-p', ''], ['CLUSTER_NAME=', 'RESOURCE_GROUP=', 'KUBERNETES_VERSION=']);
  is([...run, '-p', 'CLUSTER_NAME=blue', '-p', ''], ['RESOURCE_GROUP=', 'KUBERNETES_VERSION=']);
  is(['run', 'kms-v2-public-to-pmk', '-p', 'KUB'], []);
  is([...run, '-p', 'KUBERNETES_VERSION='], ['KUBERNETES_VERSION=1.27.0']);
  is([...run, '--rehearse', '-p', 'CLUSTER_NAME=kms-v2-pu'], ['CLUSTER_NAME=kms-v2-public']);
  is(['doctor', '--rehearse', '-p', 'CLUSTER_NAME=pmk', '-p', 'RES'], ['RESOURCE_GROUP=']);
  // What confirms that there is no way back is not offered.
  is([...run, '--accept-irreversible', ''], []);
  is(['nonsense', '--x'], []);
  is(['--nonsense', ''], answer(desk, ''));
  is([], answer(desk, ''));
});

test('of runs those are offered that the command can be about', (t) => {
  const desk = newDesk(t);
  assert.deepEqual(answer(desk, 'resume', ''), [unfinished]);
  assert.deepEqual(answer(desk, 'runs', 'delete', ''), [completed]);
  assert.deepEqual(answer(desk, 'export', ''), [unfinished, completed]);
  assert.deepEqual(answer(desk, 'verify', '20261122'), [completed]);
  rmSync(desk.state, { recursive: true });
  assert.deepEqual(answer(desk, 'resume', ''), []);
});

test('clusters are those that were listed lately and those of earlier runs', (t) => {
  const desk = newDesk(t);
  const listed = join(desk.state, 'known-clusters.json');
  const clusters = [
    { name: 'green', resourceGroup: 'green-rg' },
    { name: 'grey', resourceGroup: 'grey-rg' },
    { name: '$(reboot)', resourceGroup: 'x' },
    'nonsense',
  ];
  const words = ['plan', 'kms-v2-public-to-pmk', '-p'];
  writeFileSync(listed, JSON.stringify({ at: Date.now() - 1000, clusters }));
  assert.deepEqual(answer(desk, ...words, 'CLUSTER_NAME='), ['CLUSTER_NAME=green', 'CLUSTER_NAME=grey']);
  assert.deepEqual(answer(desk, ...words, 'CLUSTER_NAME=grey', '-p', 'RESOURCE_GROUP='), [
    'RESOURCE_GROUP=grey-rg',
  ]);
  cpSync(join(desk.state, 'rehearsals'), join(desk.state, 'runs'), { recursive: true });
  writeFileSync(listed, JSON.stringify({ at: Date.now() - 13 * 60 * 60 * 1000, clusters }));
  assert.deepEqual(answer(desk, ...words, 'CLUSTER_NAME='), ['CLUSTER_NAME=blue']);
  writeFileSync(listed, '{');
  assert.deepEqual(answer(desk, ...words, 'CLUSTER_NAME='), ['CLUSTER_NAME=blue']);
});

test('clusters keeps the names it listed, for this user alone, and does without where it cannot', async (t) => {
  const office = await openOffice(t);
  const list = async (): Promise<void> => {
    const { status, stdout, stderr } = await office.start(['clusters']).ended;
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^blue /m);
  };
  await list();
  const kept = join(office.state, 'known-clusters.json');
  assert.equal(statSync(kept).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(office.state), ['known-clusters.json']);
  const desk = { ...office, environment: { HOME: office.home } };
  const words = ['run', 'kms-v2-public-to-pmk', '-p', 'CLUSTER_NAME=blue', '-p'];
  assert.deepEqual(answer(desk, ...words.slice(0, 3), 'CLUSTER_NAME='), ['CLUSTER_NAME=blue']);
  assert.deepEqual(answer(desk, ...words, 'RESOURCE_GROUP='), ['RESOURCE_GROUP=blue-rg']);
  // Those of a rehearsal are nobody's clusters.
  rmSync(kept);
  assert.equal((await office.start(['clusters', '--rehearse']).ended).status, 0);
  assert.deepEqual(readdirSync(office.state), []);
  mkdirSync(join(kept, 'in-the-way'), { recursive: true });
  await list();
  assert.deepEqual(readdirSync(office.state), ['known-clusters.json']);
});

test('a name a shell would act on is not offered', (t) => {
  const desk = newDesk(t);
  assert.deepEqual(answer(desk, 'rewrite-secrets', '--context', ''), ['blue-admin@corp']);
});

/** What bash would put in place of the last word, by its own splitting of the line. */
function bash({ home, environment }: Desk, line: string, words: readonly string[]): string[] {
  const script = `source <(aks-kms-runbook completion bash)
    COMP_LINE=$1 COMP_POINT=\${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _aks_kms_runbook; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const told = execFileSync('bash', ['--norc', '-c', script, 'bash', line, ...words], {
    cwd: home,
    env: environment,
    encoding: 'utf8',
  });
  return told.split('\n').slice(0, -1);
}

test('bash completes words, also where it takes them apart', needs('bash'), (t) => {
  const desk = newDesk(t);
  const tool = 'aks-kms-runbook';
  assert.deepEqual(bash(desk, `${tool} ru`, [tool, 'ru']), ['run', 'runs']);
  assert.deepEqual(bash(desk, `${tool} resume `, [tool, 'resume', '']), [unfinished]);
  // Bash makes three words of one with a sign in it, and replaces only the last.
  assert.deepEqual(bash(desk, `${tool} export --format=`, [tool, 'export', '--format', '=']), [
    'markdown',
    'html',
    'json',
  ]);
  assert.deepEqual(bash(desk, `${tool} export --format=ht`, [tool, 'export', '--format', '=', 'ht']), [
    'html',
  ]);
  const words = [tool, 'plan', 'kms-v2-public-to-pmk', '--rehearse', '-p', 'CLUSTER_NAME', '=', 'pm'];
  const line = `${tool} plan kms-v2-public-to-pmk --rehearse  -p CLUSTER_NAME=pm`;
  assert.deepEqual(bash(desk, line, words), ['pmk']);
  assert.deepEqual(
    bash(desk, `${tool} rewrite-secrets --context `, [tool, 'rewrite-secrets', '--context', '']),
    ['blue-admin@corp'],
  );
});

/** A shell at a terminal that has read its script, ready to be typed to. */
async function shellAt(
  t: TestContext,
  { home, state, environment }: Desk,
  command: string[],
): Promise<TerminalSession> {
  const session = new TerminalSession(t, command, {
    stateDirectory: state,
    columns: 100,
    environment: { ...environment, PS1: 'ready> ', ZDOTDIR: home, INPUTRC: '/dev/null' },
  });
  await session.see('ready>');
  return session;
}

test('bash completes at a terminal, and runs nothing it was offered', needs('bash'), async (t) => {
  const desk = newDesk(t);
  const shell = await shellAt(t, desk, ['bash', '--norc', '--noprofile', '-i']);
  shell.send(`cd ~; source <(aks-kms-runbook completion bash); echo read-$((1 + 1))\r`);
  await shell.see('read-2');
  shell.send('aks-kms-runbook resu\t');
  await shell.see(/aks-kms-runbook resume$/m);
  shell.send('2026\t');
  await shell.see(`resume ${unfinished}`);
  shell.send('\u0015aks-kms-runbook plan kms-v2-public-to-p\t--rehearse -p CL\tkms-v2-ro\t');
  await shell.see('plan kms-v2-public-to-pmk --rehearse -p CLUSTER_NAME=kms-v2-rotated');
  shell.send('\u0015aks-kms-runbook lint own\t');
  await shell.see('lint own\\ runbook.yaml');
  shell.send('\u0015aks-kms-runbook rewrite-secrets --context \t\t');
  await shell.see('--context blue-admin@corp');
  shell.send('\u0015exit\r');
  assert.equal(await shell.exited, 0);
  assert.equal(existsSync(join(desk.home, 'touched')), false);
});

test('zsh completes at a terminal, with descriptions', needs('zsh'), async (t) => {
  const desk = newDesk(t);
  mkdirSync(join(desk.home, 'functions'));
  writeFileSync(
    join(desk.home, 'functions', '_aks-kms-runbook'),
    runPlainly(['completion', 'zsh'], desk.state).stdout,
  );
  const shell = await shellAt(t, desk, ['zsh', '-f', '-i']);
  shell.send(
    'cd ~; fpath=(~/functions $fpath); autoload -Uz compinit; compinit -u -D; echo read-$((1 + 1))\r',
  );
  await shell.see('read-2');
  shell.send('aks-kms-runbook resu\t');
  await shell.see(/aks-kms-runbook resume$/m);
  shell.send('2026\t');
  await shell.see(`resume ${unfinished}`);
  shell.send('\u0015aks-kms-runbook ru\t\t');
  await shell.see(/run {3}-- run a runbook against a cluster\nruns {2}-- list the runs/);
  shell.send('\u0015aks-kms-runbook plan kms-v2-public-to-p\t--rehearse -p CL\tkms-v2-ro\t');
  await shell.see('plan kms-v2-public-to-pmk --rehearse -p CLUSTER_NAME=kms-v2-rotated');
  shell.send('\u0015aks-kms-runbook export --output=rec\t');
  await shell.see('--output=records/');
  shell.send('\u0015aks-kms-runbook lint own\t');
  await shell.see('lint own\\ runbook.yaml');
  shell.send('\u0015aks-kms-runbook rewrite-secrets --context \t');
  await shell.see('--context blue-admin@corp');
  shell.send('\u0015exit\r');
  assert.equal(await shell.exited, 0);
  assert.equal(existsSync(join(desk.home, 'touched')), false);
});

test('zsh reads the script as it is, too', needs('zsh'), async (t) => {
  const desk = newDesk(t);
  const shell = await shellAt(t, desk, ['zsh', '-f', '-i']);
  shell.send(
    'autoload -Uz compinit; compinit -u -D; source <(aks-kms-runbook completion zsh); echo read-$((1 + 1))\r',
  );
  await shell.see('read-2');
  shell.send('aks-kms-runbook resu\t');
  await shell.see(/aks-kms-runbook resume$/m);
  shell.send('\u0015exit\r');
  assert.equal(await shell.exited, 0);
});

test('fish completes, with descriptions', needs('fish'), (t) => {
  const desk = newDesk(t);
  const fish = (line: string): string[] =>
    execFileSync(
      'fish',
      ['--no-config', '-c', 'aks-kms-runbook completion fish | source; complete -C $argv[1]', line],
      { cwd: desk.home, env: desk.environment, encoding: 'utf8' },
    )
      .split('\n')
      .slice(0, -1);
  assert.deepEqual(fish('aks-kms-runbook ru'), [
    'run\trun a runbook against a cluster',
    'runs\tlist the runs, newest first',
  ]);
  assert.deepEqual(fish('aks-kms-runbook resume '), [
    `${unfinished}\trehearsal, unfinished, blue, kms-v1-to-v2-public`,
  ]);
  assert.match(fish('aks-kms-runbook export --format=ht').join(), /^--format=html/);
  assert.match(
    fish('aks-kms-runbook plan --rehearse -p CLUSTER_NAME=kms-v2-ro').join(),
    /^CLUSTER_NAME=kms-v2-rotated\t/,
  );
  assert.match(fish('aks-kms-runbook lint own').join(), /^own runbook\.yaml/);
  assert.match(fish('aks-kms-runbook export --output=rec').join(), /^--output=records\//);
  assert.match(fish('aks-kms-runbook rewrite-secrets --context ').join(), /^blue-admin@corp/);
  assert.equal(existsSync(join(desk.home, 'touched')), false);
});
