/** Signals, keys and terminals that go away, while a command runs and while it does not. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { identify, isAlive } from '../../source/adapters/command/processes.ts';
import type { ProcessIdentity } from '../../source/engine/ports.ts';
import type { JournalRecord } from '../../source/engine/events.ts';
import { readJournal } from '../../source/journal/read.ts';
import type { Journal } from '../../source/journal/read.ts';
import { runFiles, stateDirectory } from '../../source/journal/state-directory.ts';
import { readRecord } from '../../source/rehearsal/index.ts';
import { leftRunning } from '../crash/sitting.ts';
import { TerminalSession, newStateDirectory, rehearsalIn, runPlainly } from '../support/terminal.ts';

// As slow as life, so that an update lasts until a test lets it end.
const runbook = ['run', 'kms-v2-private-to-pmk', '--rehearse', '--speed', '1'];
const accepted = ['--plain', '--yes', '--accept-irreversible', 'rehearsal'];

/** Answers the questions on screen up to the command, and waits until Azure has its request. */
async function untilUpdating(screen: TerminalSession, state: string): Promise<void> {
  await screen.see('enter start');
  await screen.press('\r', 'y confirm');
  await screen.press('y', 'Type the cluster name');
  await screen.see('enter run');
  await screen.press('rehearsal', '> rehearsal');
  screen.send('\r');
  await screen.see('so far');
  await updating(state);
}

async function updating(state: string): Promise<void> {
  const directory = join(state, 'rehearsals');
  const isUpdating = (): boolean =>
    existsSync(directory) &&
    readdirSync(directory).length > 0 &&
    existsSync(join(rehearsalIn(state).simulation, 'state.json')) &&
    readRecord(rehearsalIn(state).simulation).cluster.provisioningState === 'Updating';
  while (!isUpdating()) await setTimeout(20);
}

async function recorded(state: string): Promise<Journal> {
  return readJournal(runFiles(stateDirectory(state, true), rehearsalIn(state).runId));
}

/** What is on record, and how many commands of the run still run. The lock has to be gone. */
async function aftermath(state: string): Promise<{ records: readonly JournalRecord[]; commands: number }> {
  const { directory } = rehearsalIn(state);
  const { records } = await recorded(state);
  assert.ok(!existsSync(join(directory, 'lock')), 'the lock is still there');
  return { records, commands: (await leftRunning(join(directory, 'output'))).commands.length };
}

async function assertDetached(state: string): Promise<void> {
  const { records, commands } = await aftermath(state);
  assert.deepEqual(records.at(-1)?.event, { type: 'run.stopped', reason: 'detached' });
  assert.equal(commands, 1);
}

/** Lets the update end, which only works while no process has the simulation open. */
function endUpdate(state: string): void {
  const file = join(rehearsalIn(state).simulation, 'state.json');
  const known = JSON.parse(readFileSync(file, 'utf8')) as { operations: { endsAt: number }[] };
  for (const operation of known.operations) operation.endsAt = Date.now();
  writeFileSync(file, JSON.stringify(known));
}

/** Takes the run up in plain mode, to its end. The update has to be the one that was begun. */
async function finish(state: string): Promise<readonly JournalRecord[]> {
  endUpdate(state);
  const words = ['resume', '--rehearse', ...accepted, '--speed', '600'];
  const { status, stdout, stderr } = runPlainly(words, state);
  assert.equal(status, 0, stdout + stderr);
  const { mutations } = readRecord(rehearsalIn(state).simulation);
  assert.deepEqual(
    mutations.map(({ operation, outcome }) => `${operation} ${outcome}`),
    ['aks update Succeeded'],
  );
  const { records, commands } = await aftermath(state);
  assert.equal(commands, 0);
  assert.equal(
    records.filter(({ event }) => event.type === 'step.started' && event.command !== undefined).length,
    1,
  );
  return records;
}

/** How the command ended, as the journal has it. */
function exitIn(records: readonly JournalRecord[]): unknown {
  const event = records.map((record) => record.event).findLast(({ type }) => type === 'command.exited');
  return event?.type === 'command.exited' ? event.exit.code : undefined;
}

async function gone(tool: ProcessIdentity | undefined): Promise<void> {
  assert.ok(tool);
  while (await isAlive(tool)) await setTimeout(20);
}

test('Ctrl-C while a command runs: kept waiting for, left running, found again, ended', async (t) => {
  const state = newStateDirectory(t);
  const screen = TerminalSession.open(t, runbook, { stateDirectory: state });
  await untilUpdating(screen, state);
  await screen.press('\u0003', 'A command is running. What now?');
  await screen.press('k', /^(?![^]*What now)[^]*so far/);
  await screen.press('\u0003', 'A command is running. What now?');
  screen.send('d');
  assert.equal(await screen.exited, 3);
  assert.deepEqual(screen.modesLeft, []);
  assert.match(screen.text(), /resume \S+ --rehearse/);
  await assertDetached(state);

  const again = TerminalSession.open(t, ['resume', '--rehearse', '--speed', '60'], { stateDirectory: state });
  await again.see('still running since');
  await again.press('\u0003', 'A command is running. What now?');
  // Azure goes on with what az began, and is waited for.
  await again.press('x', 'waiting for Azure: the cluster is Updating');
  assert.equal((await leftRunning(join(rehearsalIn(state).directory, 'output'))).commands.length, 0);
  await again.press('\u0003', 'The tool is only looking');
  again.send('q');
  assert.equal(await again.exited, 3);
  assert.deepEqual(again.modesLeft, []);
  const records = await finish(state);
  assert.ok(records.some(({ event }) => event.type === 'command.cancelled'));
  assert.ok(records.some(({ event }) => event.type === 'step.accepted' && event.why === 'took-effect'));
});

for (const [name, go, status] of [
  ['SIGTERM', (screen: TerminalSession) => screen.kill('SIGTERM'), 130],
  ['SIGHUP', (screen: TerminalSession) => screen.kill('SIGHUP'), 130],
  ['a terminal that goes away', (screen: TerminalSession) => screen.hangUp(), undefined],
] as const) {
  const leave = async (screen: TerminalSession, expected: number | undefined = status): Promise<void> => {
    const tool = await identify(screen.pid);
    go(screen);
    if (status !== undefined) {
      assert.equal(await screen.exited, expected);
      assert.deepEqual(screen.modesLeft, []);
    }
    await gone(tool);
  };

  test(`${name} while a command runs leaves it to its keeper, and the terminal as it was`, async (t) => {
    const state = newStateDirectory(t);
    const screen = TerminalSession.open(t, runbook, { stateDirectory: state });
    await untilUpdating(screen, state);
    await leave(screen);
    await assertDetached(state);
    assert.equal(exitIn(await finish(state)), 0);
  });

  test(`${name} while something is asked stops the run, and nothing is answered`, async (t: TestContext) => {
    const state = newStateDirectory(t);
    const screen = TerminalSession.open(t, runbook, { stateDirectory: state });
    await screen.see('enter start');
    await screen.press('\r', 'y confirm');
    await leave(screen);
    const { records } = await aftermath(state);
    assert.deepEqual(records.at(-1)?.event, { type: 'run.stopped', reason: 'closed' });
  });

  test(`${name} on the home screen leaves the terminal as it was`, async (t) => {
    const screen = TerminalSession.open(t, ['--rehearse'], { stateDirectory: newStateDirectory(t) });
    await screen.see('What do you want to do?');
    await leave(screen, name === 'SIGTERM' ? 128 + 15 : 128 + 1);
  });
}

test('Ctrl-Z gives the terminal to the shell while the command goes on, and fg takes it back', async (t) => {
  const state = newStateDirectory(t);
  // Without line editing, so that the shell does not put right what the tool has left.
  const shell = new TerminalSession(t, ['bash', '--noprofile', '--norc', '--noediting', '-i'], {
    stateDirectory: state,
    environment: { PS1: 'shell> ', TOOL: [process.execPath, 'dist/cli.js', ...runbook].join(' ') },
  });
  await shell.see('shell>');
  shell.send('$TOOL\r');
  await untilUpdating(shell, state);
  await shell.press('\u001a', /Stopped[^]*shell>$/);
  assert.deepEqual(shell.modesLeft, []);
  await shell.press('stty -a\r', /\bisig icanon iexten echo /);
  assert.match(shell.text(), /\bopost /);
  assert.equal((await leftRunning(join(rehearsalIn(state).directory, 'output'))).commands.length, 1);
  await shell.press('fg\r', /REHEARSAL[^]*so far/);
  await shell.press('\u0003', 'A command is running. What now?');
  await shell.press('d', /Resume with:[^]*shell>$/);
  assert.deepEqual(shell.modesLeft, []);
  await shell.press('clear; stty -a\r', /\bisig icanon iexten echo /);
  await assertDetached(state);
  assert.equal(exitIn(await finish(state)), 0);
});

test('suspended, and then the connection is lost: the command is left to its keeper', async (t) => {
  const state = newStateDirectory(t);
  const shell = new TerminalSession(t, ['bash', '--noprofile', '--norc', '--noediting', '-i'], {
    stateDirectory: state,
    environment: { PS1: 'shell> ', TOOL: [process.execPath, 'dist/cli.js', ...runbook].join(' ') },
  });
  await shell.see('shell>');
  shell.send('$TOOL\r');
  await untilUpdating(shell, state);
  await shell.press('\u001a', /Stopped[^]*shell>$/);
  const { records } = await recorded(state);
  const [sitting] = records;
  assert.ok(sitting?.event.type === 'run.started');
  const tool = await identify(sitting.event.session.pid);
  shell.hangUp();
  await gone(tool);
  await assertDetached(state);
  assert.equal(exitIn(await finish(state)), 0);
});

const plainly = [
  ['Ctrl-C', (screen: TerminalSession) => screen.send('\u0003'), 130],
  ['SIGTERM', (screen: TerminalSession) => screen.kill('SIGTERM'), 130],
  ['SIGHUP', (screen: TerminalSession) => screen.kill('SIGHUP'), 130],
  ['a terminal that goes away', (screen: TerminalSession) => screen.hangUp(), undefined],
] as const;

for (const [name, go, status] of plainly)
  test(`plain mode: ${name} while a command runs leaves it to its keeper`, async (t) => {
    const state = newStateDirectory(t);
    const screen = TerminalSession.open(t, [...runbook, ...accepted], { stateDirectory: state });
    await updating(state);
    const tool = await identify(screen.pid);
    go(screen);
    if (status !== undefined) assert.equal(await screen.exited, status);
    await gone(tool);
    await assertDetached(state);
    assert.equal(exitIn(await finish(state)), 0);
  });

for (const [name, go, status] of [
  ...plainly,
  ['the end of what is typed', (screen: TerminalSession) => screen.send('\u0004'), 3],
] as const)
  test(`plain mode: ${name} while something is asked stops the run, and nothing is answered`, async (t) => {
    const state = newStateDirectory(t);
    const screen = TerminalSession.open(t, [...runbook, '--plain'], { stateDirectory: state });
    await screen.see('Your choice:');
    const tool = await identify(screen.pid);
    go(screen);
    if (status !== undefined) assert.equal(await screen.exited, status);
    await gone(tool);
    const { records } = await aftermath(state);
    const [question, end] = records.slice(-2).map(({ event }) => event.type);
    assert.deepEqual([question, end], ['step.assessed', 'run.stopped']);
  });
