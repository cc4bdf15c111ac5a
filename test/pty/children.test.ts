/** Commands that ask for a sign-in or write what a terminal would act on, on the screen and in plain mode. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readRecord } from '../../source/rehearsal/index.ts';
import { TerminalSession, newStateDirectory, rehearsalIn, transcriptIn } from '../support/terminal.ts';
import { wrapAz } from '../support/wrapped-az.ts';

const runbook = ['run', 'kms-v2-private-to-pmk', '--rehearse', '--clients', 'real', '--speed', '600'];
const accepted = ['--plain', '--yes', '--accept-irreversible', 'rehearsal'];
const prompt =
  'To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code ' +
  'F7XKPQ3ZL to authenticate.';

/** The run on the screen, up to its command. */
async function untilRunning(screen: TerminalSession): Promise<void> {
  await screen.see('enter start');
  await screen.press('\r', 'y confirm');
  await screen.press('y', 'Type the cluster name');
  await screen.see('enter run');
  await screen.press('rehearsal', '> rehearsal');
  screen.send('\r');
}

/** What a panel of the screen says, as one line. */
function said(screen: TerminalSession): string {
  const rows = screen.text().split('\n');
  return rows.map((row) => /││ (.*?) *│$/.exec(row)?.[1] ?? row).join(' ');
}

function askingForSignIn(t: TestContext): {
  state: string;
  environment: Record<string, string>;
  signIn(): void;
} {
  const state = newStateDirectory(t);
  const file = join(state, 'signed-in');
  const environment = wrapAz(
    state,
    `process.stderr.write(${JSON.stringify(`WARNING: ${prompt}\n`)});
     while (!require('node:fs').existsSync(${JSON.stringify(file)})) await new Promise((resolve) => setTimeout(resolve, 20));
     process.stderr.write('Signed in.\\n');`,
  );
  return { state, environment, signIn: () => writeFileSync(file, '') };
}

test('az asks for a sign-in in the middle: it is on screen in full, and the run goes on after it', async (t) => {
  const { state, environment, signIn } = askingForSignIn(t);
  const screen = TerminalSession.open(t, runbook, { stateDirectory: state, environment });
  await untilRunning(screen);
  await screen.until(() => said(screen).includes(prompt), 'the whole of what az asks');
  assert.match(said(screen), /The command asks you to sign in, and goes on by itself when you have:/);
  signIn();
  await screen.see(/No policy is left disabled/);
  await screen.see('y confirm');
  await screen.press('y', 'Completed');
  await screen.see(/q (home|leave)/);
  screen.send('q');
  await screen.see('q leave');
  screen.send('q');
  assert.equal(await screen.exited, 0);
  assert.equal(readRecord(rehearsalIn(state).simulation).mutations.length, 1);
  assert.match(transcriptIn(state), /asked for a sign-in with a browser while it ran/);
});

test('in plain mode the request for a sign-in is told at once, in one line', async (t) => {
  const { state, environment, signIn } = askingForSignIn(t);
  const screen = TerminalSession.open(t, [...runbook, ...accepted], {
    stateDirectory: state,
    environment,
    columns: 200,
  });
  await screen.see(`  ! ${prompt}`);
  signIn();
  assert.equal(await screen.exited, 0);
});

const hostile = [
  '\u001b]0;retitled\u0007',
  '\u001b]2;retitled\u001b\\',
  '\u001b[4321;1H',
  '\u001b[?4321h',
  '\u009b4321A',
  '\u001bc',
  '\u001b[?1049l',
  '\u001bP4321;1|17/ab\u001b\\',
  '\r\u001b[2Kforged line\r',
];

for (const mode of ['screen', 'plain'] as const)
  test(`what az writes moves no cursor and sets no title (${mode})`, async (t) => {
    const state = newStateDirectory(t);
    const bytes = Buffer.concat([
      ...hostile.map((text) => Buffer.from(`${text}shown\n`)),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x0a]),
    ]);
    const environment = wrapAz(
      state,
      `process.stdout.write(Buffer.from('${bytes.toString('base64')}', 'base64'));`,
    );
    const words = mode === 'plain' ? [...runbook, ...accepted] : runbook;
    const screen = TerminalSession.open(t, words, { stateDirectory: state, environment });
    if (mode === 'screen') {
      await untilRunning(screen);
      await screen.see(/No policy is left disabled/);
      await screen.see('q stop here');
      screen.send('q');
    }
    await screen.exited;
    // The title is the tool's own, and says nothing that az wrote.
    const written = screen.written.replaceAll(/\u001b\]2;([^\u0007\u001b]*)\u0007/g, '$1');
    assert.doesNotMatch(written, /retitled|4321|\u001bc|\u001b\]|\u009b|\u001bP/);
    const kept = readFileSync(join(rehearsalIn(state).directory, 'output', 'enable-pmk-1.log'));
    assert.equal(kept.toString().split('shown').length - 1, hostile.length);
    assert.ok(!kept.some((byte) => byte === 0x1b || byte === 0x0d || byte === 0x07));
    assert.ok(!transcriptIn(state).includes('\u001b'));
  });
