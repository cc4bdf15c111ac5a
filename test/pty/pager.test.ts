/** The operator's own pager on an output: it has the terminal and its first key, and the run is there afterwards. */
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { newStateDirectory, rehearsalIn, TerminalSession } from '../support/terminal.ts';

/** Shows its arguments and the end of what it reads, and waits for one line of the keyboard. */
const pager = `#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const file = process.argv.at(-1);
console.log('PAGER ' + process.argv.slice(2, -1).join(' ') + ' reads ' + readFileSync(file, 'utf8').trim().slice(-40));
process.on('SIGINT', () => console.log('PAGER heeds ctrl-c'));
process.stdin.on('data', (data) => {
  console.log('PAGER got ' + JSON.stringify(String(data)));
  process.exit(0);
});
`;

const words = ['run', 'kms-v2-public-to-pmk', '--rehearse', '--fault', 'update-fails-once'];

test('the pager gets every key, and the screen is back when it ends', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const program = join(stateDirectory, 'my-pager');
  writeFileSync(program, pager);
  chmodSync(program, 0o700);
  const environment = { PAGER: `${program} -a 'b` };
  const screen = TerminalSession.open(t, words, { stateDirectory, environment });
  await screen.see('enter start');
  await screen.press('\r', 'y confirm');
  await screen.press('y', 'Type the cluster name');
  await screen.see('enter run');
  await screen.press('rehearsal', '> rehearsal');
  await screen.press('\r', /What now\?[^]*r retry/);
  await screen.press('o', /lines 1–\d+ of/);
  await screen.press('/', 'Search: > █');
  await screen.press('unable TO', '> unable TO█');
  await screen.press('\r', /“unable TO” \d\/2/);
  const standingOut = Array.from({ length: screen.size.rows }, (_, row) =>
    screen
      .row(row)
      .filter(({ inverse }) => inverse)
      .map(({ text }) => text)
      .join(''),
  );
  assert.deepEqual(
    standingOut.filter((text) => text !== ''),
    ['unable to', 'unable to'],
  );
  const shown = await screen.press('v', /PAGER .* reads /);
  assert.match(shown, /PAGER -a 'b reads .*Z\.$/m);
  await screen.press('\u0003', 'PAGER heeds ctrl-c');
  screen.send('rx\r');
  await screen.see(/lines 1–\d+ of/);
  assert.match(screen.written, /PAGER got "rx\\n"/);
  await screen.press('q', 'r retry');
  // The keys went to the pager: nothing was tried again.
  const { runId } = rehearsalIn(stateDirectory);
  assert.ok(runId !== '');
  assert.match(screen.text(), /✘ failed/);
  screen.send('q');
  assert.equal(await screen.exited, 1);
  assert.deepEqual(screen.modesLeft, []);
});

test('a pager that is not there is said, and nothing is lost', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const environment = { PAGER: '/nowhere/most' };
  const screen = TerminalSession.open(t, words, { stateDirectory, environment });
  await screen.see('enter start');
  await screen.press('\r', 'y confirm');
  await screen.press('y', 'Type the cluster name');
  await screen.see('enter run');
  await screen.press('rehearsal', '> rehearsal');
  await screen.press('\r', /What now\?[^]*r retry/);
  await screen.press('o', /lines 1–\d+ of/);
  await screen.press('v', '/nowhere/most could not be started. Set PAGER to a pager that is installed.');
  await screen.press('q', 'r retry');
  screen.send('q');
  assert.equal(await screen.exited, 1);
});
