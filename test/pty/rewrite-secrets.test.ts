/** The command `rewrite-secrets` as an operator meets it, in a real terminal and in plain lines. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { watch } from 'node:fs/promises';
import type { JournalRecord } from '../../source/engine/events.ts';
import { readRecord } from '../../source/rehearsal/index.ts';
import {
  TerminalSession,
  newStateDirectory,
  rehearsalIn,
  root,
  runPlainly,
  shellEnvironment,
  transcriptIn,
} from '../support/terminal.ts';

/** Slow enough to step in: two requests at once, each with a round trip of 24 ms. */
const slowly = ['rewrite-secrets', '--rehearse', '--fault', 'distant-api-server', '--max-in-flight', '2'];

function assertRewritten(stateDirectory: string): void {
  const { currentKey, secretsByKey, secrets, secretValuesSent, appliedValuesSent } = readRecord(
    rehearsalIn(stateDirectory).simulation,
  );
  assert.deepEqual(secretsByKey, { [currentKey]: secrets });
  assert.equal(secretValuesSent, 0);
  assert.equal(appliedValuesSent, 0);
}

function journalIn(stateDirectory: string): JournalRecord[] {
  const text = readFileSync(join(rehearsalIn(stateDirectory).directory, 'journal.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalRecord);
}

/** Secrets counted by the pass that writes. */
function counted(records: readonly JournalRecord[]): number {
  return records
    .flatMap(({ event }) => (event.type === 'rewrite.progressed' && event.pass === 1 ? event.namespaces : []))
    .reduce((sum, { counts }) => sum + counts.listed, 0);
}

for (const [columns, rows] of [
  [80, 24],
  [120, 40],
] as const)
  test(`on the screen: paused, gone on with, stopped, taken up again (${columns}×${rows})`, async (t) => {
    const stateDirectory = newStateDirectory(t);
    const size = { columns, rows, stateDirectory };
    const screen = TerminalSession.open(t, slowly, size);
    await screen.see(/Press Enter to write every Secret\s/);
    await screen.see('enter rewrite');
    await screen.press('\r', /[1-9]\d* of 120 Secrets \(\d+%\)/);
    await screen.see('p pause');
    await screen.press('p', 'Paused: nothing is sent until you go on');
    await screen.see('p go on');
    await screen.press('p', 'p pause');
    await screen.press('\u0003', 'Secrets are being rewritten');
    screen.send('q');
    assert.equal(await screen.exited, 3);
    const { runId } = rehearsalIn(stateDirectory);
    const before = journalIn(stateDirectory);
    assert.ok(before.some(({ event }) => event.type === 'rewrite.paused'));
    assert.ok(before.some(({ event }) => event.type === 'rewrite.continued'));

    const again = TerminalSession.open(t, ['resume', runId], size);
    await again.see(/\d+ Secrets were dealt with before; it goes on/);
    await again.see('enter go on');
    await again.press('\r', /Completed in/);
    again.send('q');
    assert.equal(await again.exited, 0);
    assertRewritten(stateDirectory);
    assert.equal(counted(journalIn(stateDirectory)), 120);
    const transcript = transcriptIn(stateDirectory);
    assert.match(transcript, /paused the rewrite of the Secrets/);
    assert.match(transcript, /\| 1, rewrite \| 120 \|/);
    assert.match(transcript, /, verification \| 120 \| 0 \| 120 \|/);
    assert.match(transcript, /\| `payments` \| \d+ \|/);
  });

test('in plain lines, with --yes, from beginning to end', (t) => {
  const stateDirectory = newStateDirectory(t);
  const { status, stdout } = runPlainly(['rewrite-secrets', '--rehearse', '--yes'], stateDirectory);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /120 Secrets in 8 namespaces: 120 written again, 0 current before; verified/);
  assertRewritten(stateDirectory);
});

test('killed in the middle, it goes on where it was, and nothing is counted twice', async (t: TestContext) => {
  const stateDirectory = newStateDirectory(t);
  // One at a time, so that it is far from its end when something is first on record.
  const one = [...slowly, '--max-in-flight', '1'];
  const words = [join(root, 'dist', 'cli.js'), ...one, '--plain', '--yes'];
  const child = spawn(process.execPath, words, {
    cwd: root,
    env: shellEnvironment(stateDirectory),
    stdio: 'ignore',
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await progress(stateDirectory);
  child.kill('SIGKILL');
  await ended;
  const { runId, simulation } = rehearsalIn(stateDirectory);
  const { currentKey, secretsByKey, secrets } = readRecord(simulation);
  assert.ok((secretsByKey[currentKey] ?? 0) < secrets);
  const { status, stdout } = runPlainly(['resume', runId, '--plain', '--yes'], stateDirectory);
  assert.equal(status, 0, stdout);
  assertRewritten(stateDirectory);
  assert.equal(counted(journalIn(stateDirectory)), 120);
});

/** Waits until the journal holds some progress of a rewrite. */
async function progress(stateDirectory: string): Promise<void> {
  const holds = (): boolean => {
    const rehearsals = join(stateDirectory, 'rehearsals');
    if (!existsSync(rehearsals) || readdirSync(rehearsals).length === 0) return false;
    const { directory } = rehearsalIn(stateDirectory);
    const file = join(directory, 'journal.jsonl');
    return existsSync(file) && readFileSync(file, 'utf8').includes('rewrite.progressed');
  };
  for await (const _ of watch(stateDirectory, { recursive: true })) if (holds()) return;
}

test('Ctrl-C in plain mode stops between two requests, and the run can be taken up again', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const screen = TerminalSession.open(t, [...slowly, '--plain', '--yes'], { stateDirectory });
  await screen.see('confirmed by');
  screen.send('\u0003');
  assert.equal(await screen.exited, 130);
  const { runId } = rehearsalIn(stateDirectory);
  assert.ok(journalIn(stateDirectory).some(({ event }) => event.type === 'run.stopped'));
  assert.equal(runPlainly(['resume', runId, '--plain', '--yes'], stateDirectory).status, 0);
  assertRewritten(stateDirectory);
});

test('a dry run tells what there is and what would be refused, and writes nothing', (t) => {
  const stateDirectory = newStateDirectory(t);
  const good = runPlainly(['rewrite-secrets', '--rehearse', '--dry-run'], stateDirectory);
  assert.equal(good.status, 0, good.stderr);
  assert.match(good.stdout, /^payments +20 +would be written$/m);
  assert.match(
    good.stdout,
    /120 Secrets in 8 namespaces\. One of each namespace was tried, and none was refused/,
  );
  assert.match(good.stdout, /^REHEARSAL/);
  const one = ['rewrite-secrets', '--rehearse', '--dry-run', '--namespace', 'payments'];
  assert.match(runPlainly(one, stateDirectory).stdout, /20 Secrets in 1 namespace\. /);
  const denied = runPlainly([...one, '--fault', 'secrets-forbidden'], stateDirectory);
  assert.match(denied.stdout, /you@contoso\.com may not do all that is needed\. Missing: patch secrets/);
  assert.match(denied.stdout, /Ask for a role/);

  const words = ['rewrite-secrets', '--rehearse', '--dry-run', '--json'];
  const blocked = runPlainly([...words, '--fault', 'policy-blocks'], stateDirectory);
  assert.equal(blocked.status, 1);
  const found = JSON.parse(blocked.stdout) as {
    rehearsal: boolean;
    allowed: boolean;
    secrets: number;
    namespaces: { name: string; refusal: string | null }[];
  };
  assert.equal(found.rehearsal, true);
  assert.equal(found.allowed, false);
  assert.equal(found.secrets, 120);
  assert.match(found.namespaces.find(({ name }) => name === 'payments')?.refusal ?? '', /denied the request/);
  assert.equal(found.namespaces.find(({ name }) => name === 'orders')?.refusal, null);

  const forbidden = runPlainly([...words, '--fault', 'secrets-forbidden'], stateDirectory);
  assert.equal(forbidden.status, 1);
  assert.match(forbidden.stdout, /"patch secrets"/);
  assert.equal(existsSync(join(stateDirectory, 'rehearsals')), false);
});

test('words that make no sense are refused before anything is done', (t) => {
  const stateDirectory = newStateDirectory(t);
  const cases: [string[], RegExp][] = [
    [['--context', 'x', '--rehearse'], /cluster of its own/],
    [['--rehearse', '--namespace', 'No Such'], /no name of a namespace/],
    [['--rehearse', '--json'], /--json is for --dry-run/],
    [['--rehearse', '--max-in-flight', '0'], /whole number from 1/],
    [['--fault', 'policy-blocks'], /only works in a rehearsal/],
  ];
  for (const [words, told] of cases) {
    const { status, stderr } = runPlainly(['rewrite-secrets', '--plain', ...words], stateDirectory);
    assert.equal(status, 2, words.join(' '));
    assert.match(stderr, told);
  }
  assert.equal(existsSync(join(stateDirectory, 'rehearsals')), false);
});
