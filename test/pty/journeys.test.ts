/**
 * What an operator goes through on a bad night, key by key, at the two sizes windows mostly have. The first rehearsal,
 * and a run taken up after a crash, are in `migration.test.ts`.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRecord } from '../../source/rehearsal/index.ts';
import { secondSubscription, subscription } from '../../source/rehearsal/subscription.ts';
import { TerminalSession, newStateDirectory, rehearsalIn, transcriptIn } from '../support/terminal.ts';
import { wrapAz } from '../support/wrapped-az.ts';

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];
const migration = ['run', 'kms-v2-public-to-pmk', '--rehearse'];

/** From the values to the typed confirmation. */
async function toConfirmation(screen: TerminalSession): Promise<void> {
  await screen.see('enter start');
  await screen.press('\r', 'y confirm');
  await screen.press('y', 'Type the cluster name');
}

async function typeName(screen: TerminalSession): Promise<void> {
  await screen.see('Type the cluster name');
  await screen.see('enter run');
  await screen.press('rehearsal', '> rehearsal');
  screen.send('\r');
}

async function toSummary(screen: TerminalSession): Promise<void> {
  await screen.see('No policy is left disabled');
  await screen.see('y confirm');
  await screen.press('y', /✔ Completed[^]*e export/);
}

for (const size of sizes) {
  const at = `${size.columns}×${size.rows}`;

  test(`a step that fails says why and what to do, and is retried or left with a reason (${at})`, async (t) => {
    const stateDirectory = newStateDirectory(t);
    const screen = TerminalSession.open(t, [...migration, '--fault', 'update-fails-once'], {
      ...size,
      stateDirectory,
    });
    await toConfirmation(screen);
    await typeName(screen);
    const failed = await screen.see(/This step failed\. What now\?[^]*r retry · s skip · d mark as done/);
    assert.match(failed, /✘ failed · \d+s · at \d\d:\d\d/);
    assert.match(failed, /InternalOperationError/);
    // A reason is asked for, and without one nothing is left out.
    await screen.press('s', 'Why is this step left out?');
    await screen.press('\r', 'Write something first');
    await screen.press('\u001B', 'r retry');
    await screen.press('r', 'Type the cluster name');
    await typeName(screen);
    await toSummary(screen);
    assert.match(screen.text(), /27 done \(1 of them at the 2nd attempt\)/);
    const updates = readRecord(rehearsalIn(stateDirectory).simulation).mutations;
    assert.deepEqual(
      updates.map(({ operation }) => operation),
      ['aks update', 'aks update'],
    );
  });

  test(`another subscription set meanwhile is said before anything is run (${at})`, async (t) => {
    const stateDirectory = newStateDirectory(t);
    const screen = TerminalSession.open(t, [...migration, '--fault', 'second-subscription'], {
      ...size,
      stateDirectory,
    });
    await toConfirmation(screen);
    const { simulation } = rehearsalIn(stateDirectory);
    const setAccount = (id: string): void => {
      const env = { ...process.env, AZURE_CONFIG_DIR: join(simulation, 'azure') };
      execFileSync(join(simulation, 'bin', 'az'), ['account', 'set', '--subscription', id], { env });
    };
    setAccount(secondSubscription.id);
    await typeName(screen);
    const refused = await screen.see(/This is not the planned cluster;[^]*r retry/);
    assert.match(refused, /active subscription of az: planned/);
    assert.ok(refused.includes(`${subscription.id}, found`), refused);
    assert.ok(refused.includes(secondSubscription.id), refused);
    assert.deepEqual(readRecord(simulation).mutations, []);
    assert.deepEqual(readRecord(join(simulation, 'second-subscription')).mutations, []);
    setAccount(subscription.id);
    await screen.press('r', 'Type the cluster name');
    await typeName(screen);
    await toSummary(screen);
    assert.equal(readRecord(simulation).mutations.length, 1);
    assert.deepEqual(readRecord(join(simulation, 'second-subscription')).mutations, []);
  });

  test(`a line is found in a large output while it grows (${at})`, async (t) => {
    const stateDirectory = newStateDirectory(t);
    const gate = join(stateDirectory, 'go-on');
    const environment = wrapAz(
      stateDirectory,
      `for (let line = 1; line <= 30000; line += 1)
         process.stderr.write(line === 25077 ? 'the needle is here\\n' : \`line \${line}\\n\`);
       process.stderr.write('ERROR: something at the end\\n');
       while (!require('node:fs').existsSync(${JSON.stringify(gate)}))
         await new Promise((resolve) => setTimeout(resolve, 20));
       process.stderr.write('over\\n');`,
    );
    const words = ['run', 'kms-v2-private-to-pmk', '--rehearse', '--clients', 'real', '--speed', '600'];
    const screen = TerminalSession.open(t, words, { ...size, stateDirectory, environment });
    await toConfirmation(screen);
    await typeName(screen);
    await screen.see('ERROR: something at the end');
    await screen.press('o', /of 3000\d/);
    await screen.press('/', 'Search: > █');
    await screen.press('NEEDLE', '> NEEDLE█');
    const found = await screen.press('\r', '› the needle is here');
    assert.match(found, /“NEEDLE” 1\/1/);
    assert.match(found, /line 25076/);
    await screen.press('e', '› ERROR: something at the end');
    await screen.press('/', 'Search: > █');
    await screen.press('line 9999', '> line 9999█');
    await screen.press('\r', /“line 9999” not found[^]*v opens the whole of it/);
    await screen.press('g', / {2}line [12]\d{4}/);
    writeFileSync(gate, '');
    await screen.press('G', 'over');
    await screen.press('q', 'No policy is left disabled');
    await toSummary(screen);
  });

  test(`a finished run is read, searched and exported from the home screen (${at})`, async (t) => {
    const stateDirectory = newStateDirectory(t);
    const screen = TerminalSession.open(t, migration, { ...size, stateDirectory });
    await toConfirmation(screen);
    await typeName(screen);
    await toSummary(screen);
    await screen.press('q', '› Clusters');
    await screen.press('G', '› Look at');
    await screen.press('\r', /Change record: Migrate from KMS v2/);
    await screen.press('/', 'Search: > █');
    await screen.press('kms-infrastructure', '> kms-infrastructure█');
    await screen.press('\r', /“kms-infrastructure” \d\/\d/);
    await screen.press('e', 'Written:');
    const { directory } = rehearsalIn(stateDirectory);
    assert.ok(existsSync(join(directory, 'transcript.html')));
    assert.match(transcriptIn(stateDirectory), /--kms-infrastructure-encryption/);
    assert.match(readFileSync(join(directory, 'transcript.html'), 'utf8'), /<!doctype html>/i);
    await screen.press('q', 'q leave');
    screen.send('q');
    assert.equal(await screen.exited, 0);
    assert.deepEqual(screen.modesLeft, []);
  });
}
