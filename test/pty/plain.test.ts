/** Plain mode with somebody at the terminal: every question is answered by a line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecord } from '../../source/rehearsal/index.ts';
import { TerminalSession, newStateDirectory, rehearsalIn, root, transcriptIn } from '../support/terminal.ts';

const words = ['run', 'kms-v2-public-to-pmk', '--rehearse', '--plain', '--speed', '600'];
const size = { columns: 110, rows: 40 };

test('a step that failed is tried again at the word of the operator', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const screen = TerminalSession.open(t, [...words, '--fault', 'update-fails-once'], {
    ...size,
    stateDirectory,
  });
  await screen.see(/The old key will not expire[\s\S]*Your choice:$/);
  screen.send('yes\r');
  await screen.see('Type the cluster name, rehearsal, to run it:');
  screen.send('rehearsal\r');
  const failed = await screen.see(/This step failed\. What now\?[\s\S]*Your choice:/);
  assert.match(failed, /r or retry +Try this step again\.\n +s or skip .*\n +d or done .*\n +q or stop /);
  await screen.press('perhaps\r', 'That is not one of the choices.');
  await screen.press('retry\r', /Your choice: retry\n\nType the cluster name/);
  screen.send('rehearsal\r');
  await screen.see(/No policy is left disabled[\s\S]*Your choice:/);
  screen.send('y\r');
  assert.equal(await screen.exited, 0);
  const { mutations } = readRecord(rehearsalIn(stateDirectory).simulation);
  assert.deepEqual(
    mutations.map(({ operation, outcome }) => [operation, outcome]),
    [
      ['aks update', 'Failed'],
      ['aks update', 'Succeeded'],
    ],
  );
});

test('a terminal that cannot show the screen is asked too, and for what --yes does not cover', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const without = words.filter((word) => word !== '--plain');
  const dumb = ['env', 'TERM=dumb', process.execPath, `${root}/dist/cli.js`];
  const command = [...dumb, ...without, '--yes', '--fault', 'update-fails-once'];
  const screen = new TerminalSession(t, command, { ...size, stateDirectory });
  await screen.see('Type the cluster name, rehearsal, to run it:');
  screen.send('rehearsal\r');
  await screen.see(/This step failed\. What now\?[\s\S]*Your choice:/);
  await screen.press('done\r', 'Why does this step count as done?');
  screen.send('the portal shows it\r');
  await screen.see(/Azure has finished the update[\s\S]*Your choice:/);
  await screen.press('s\r', 'Why is this step left out?');
  screen.send('asked by a test\r');
  await screen.see(/The new KMS encryption is on[\s\S]*Your choice:/);
  screen.send('stop\r');
  assert.equal(await screen.exited, 1);
  const transcript = transcriptIn(stateDirectory);
  assert.match(transcript, /MARKED AS DONE without proof: the portal shows it/);
  assert.match(transcript, /SKIPPED: asked by a test/);
});
