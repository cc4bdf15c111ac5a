import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readRecord } from '../../source/rehearsal/index.ts';
import type { SimulationRecord } from '../../source/rehearsal/index.ts';
import {
  TerminalSession,
  newStateDirectory,
  rehearsalIn,
  root,
  runPlainly,
  transcriptIn,
} from '../support/terminal.ts';

const migration =
  'az aks update --name rehearsal --resource-group rehearsal-rg --kms-infrastructure-encryption Enabled --disable-azure-keyvault-kms --subscription 00000000-0000-4000-8000-0000000a4b51';
const sizes = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

/** How many times the cluster was asked to change. */
function updates(record: SimulationRecord): number {
  return record.mutations.filter(({ operation }) => operation === 'aks update').length;
}

function assertMigrated(record: SimulationRecord): void {
  const { securityProfile, provisioningState } = record.cluster;
  assert.equal(provisioningState, 'Succeeded');
  assert.deepEqual(securityProfile['kubernetesResourceObjectEncryptionProfile'], {
    infrastructureEncryption: 'Enabled',
  });
  assert.notEqual((securityProfile['azureKeyVaultKms'] as { enabled?: boolean } | undefined)?.enabled, true);
  const keys = Object.keys(record.secretsByKey);
  assert.equal(keys.length, 1);
  assert.match(keys[0] ?? '', /^platform/);
  assert.equal(record.secretsByKey[keys[0] ?? ''], record.secrets);
  assert.equal(record.secretValuesSent, 0);
}

/** The transcript without the line breaks that make long commands readable. */
function flat(transcript: string): string {
  return transcript.replace(/ \\\n +/g, ' ');
}

/** Answers a question once its keys are heeded, which the row of keys says. */
async function confirm(screen: TerminalSession, question: string): Promise<void> {
  await screen.see(question);
  await screen.see('y confirm');
  screen.send('y');
}

async function typeName(screen: TerminalSession): Promise<void> {
  await screen.see('Type the cluster name');
  await screen.see('enter run');
  await screen.press('rehearsal', '> rehearsal');
  screen.send('\r');
}

/** From the question for the parameters to the first question of the run. */
async function pastParameters(screen: TerminalSession): Promise<void> {
  await screen.see('What is it to be run on?');
  await screen.see('enter start');
  screen.send('\r');
}

/** Marks the runbook on the home screen, wherever it is in the list, and opens it. */
async function chooseRunbook(screen: TerminalSession): Promise<void> {
  await screen.see(/What do you want to do\?[\s\S]*› /);
  await screen.press('/', 'Only with: > █');
  await screen.press(
    'start public vault to pmk',
    /› Start +Migrate from KMS v2 with public Key Vault to PMK/,
  );
  screen.send('\r');
}

/** From the home screen to the migration, confirmed. */
async function toMigration(screen: TerminalSession): Promise<string> {
  await chooseRunbook(screen);
  await pastParameters(screen);
  await confirm(screen, 'The old key will not expire');
  const question = await screen.see('Type the cluster name');
  await typeName(screen);
  return question;
}

/** From the end of the migration to the summary and out, by the home screen if that is where it began. */
async function toEnd(screen: TerminalSession): Promise<number> {
  await confirm(screen, 'No policy is left disabled');
  const summary = await screen.see(/Completed[\s\S]*q (home|leave)/);
  if (summary.includes('q home')) await screen.press('q', 'q leave');
  screen.send('q');
  return screen.exited;
}

for (const size of sizes) {
  test(`from npm start to the summary at ${size.columns}×${size.rows}`, async (t: TestContext) => {
    const stateDirectory = newStateDirectory(t);
    const screen = new TerminalSession(t, ['npm', 'start', '--silent'], { ...size, stateDirectory });
    const question = await toMigration(screen);
    assert.match(question, /CANNOT BE UNDONE/);
    assert.match(question, /REHEARSAL/);
    assert.match(question, /--subscription 00000000-0000-4000-8000-/);
    assert.equal(await toEnd(screen), 0);
    const { simulation, directory } = rehearsalIn(stateDirectory);
    const record = readRecord(simulation);
    assertMigrated(record);
    assert.equal(updates(record), 1);
    assert.ok(flat(transcriptIn(stateDirectory)).includes(migration));
    // The primary screen keeps what the alternate one took away.
    assert.match(screen.text().replaceAll('\n', ''), /Completed.*transcript\.md.*KMS v2, public vault → PMK/);
    assert.ok(!existsSync(`${directory}/lock`));
    assert.ok(!existsSync(`${directory}/kubeconfig`));
  });
}

test('an update that fails once is explained, retried and told of twice', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const screen = TerminalSession.open(t, ['--rehearse', '--fault', 'update-fails-once'], { stateDirectory });
  await toMigration(screen);
  await screen.see('InternalOperationError');
  await screen.see('r retry');
  screen.send('r');
  await typeName(screen);
  assert.equal(await toEnd(screen), 0);
  const record = readRecord(rehearsalIn(stateDirectory).simulation);
  assertMigrated(record);
  assert.equal(updates(record), 2);
  const transcript = flat(transcriptIn(stateDirectory));
  assert.equal(transcript.split(migration).length - 1 >= 2, true);
  // What the advice asks for is there to be copied.
  assert.match(transcript, /InternalOperationError[\s\S]*Correlation ID: [0-9a-f]{8}-/);
});

test('killed while the update runs, the run is taken up without sending it again', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const screen = TerminalSession.open(t, ['--rehearse', '--speed', '20'], { stateDirectory });
  await toMigration(screen);
  await screen.see(/Azure says the cluster is/);
  screen.kill('SIGKILL');
  await screen.exited;
  const { simulation, runId } = rehearsalIn(stateDirectory);
  assert.equal(readRecord(simulation).cluster.provisioningState, 'Updating');

  const again = TerminalSession.open(t, ['resume', '--rehearse', '--speed', '20'], { stateDirectory });
  // What is left to decide depends on whether the command outlived the tool; both ways nothing is sent again.
  const next = await again.see(/enter accept|No policy is left disabled/);
  if (!next.includes('No policy is left disabled')) again.send('\r');
  assert.equal(await toEnd(again), 0);
  const record = readRecord(simulation);
  assertMigrated(record);
  assert.equal(updates(record), 1);
  const transcript = transcriptIn(stateDirectory);
  assert.match(transcript, /interrupted/i);
  assert.ok(transcript.includes(runId));
});

for (const [name, words, found] of [
  ['a cluster on 1.32', ['--scenario', 'too-old'], /1\.33\.0 or later/],
  ['a missing extension', ['--fault', 'aks-preview-missing'], /az extension add --name aks-preview/],
  ['an old extension', ['--fault', 'aks-preview-old'], /18\.0\.0b1/],
  ['an unregistered feature', ['--fault', 'feature-not-registered'], /az feature register/],
  ['a policy that blocks secrets', ['--fault', 'policy-blocks'], /payments/],
  ['no permission', ['--fault', 'no-permission'], /permission|managedClusters\/write/i],
] as const) {
  test(`${name} stops before anything was changed, with what to do`, async (t) => {
    const stateDirectory = newStateDirectory(t);
    const screen = TerminalSession.open(t, ['run', 'kms-v2-public-to-pmk', '--rehearse', ...words], {
      stateDirectory,
    });
    await pastParameters(screen);
    await screen.see('r retry');
    assert.match(screen.text(), found);
    screen.send('q');
    assert.equal(await screen.exited, 1);
    const record = readRecord(rehearsalIn(stateDirectory).simulation);
    assert.deepEqual(record.mutations, []);
  });
}

const plainly = ['run', 'kms-v2-public-to-pmk', '--rehearse', '--plain', '--yes'];

test('plain mode stops at what cannot be undone', (t) => {
  const stateDirectory = newStateDirectory(t);
  const { status, stdout } = runPlainly(plainly, stateDirectory);
  assert.equal(status, 3);
  assert.match(stdout, /--accept-irreversible rehearsal/);
  assert.deepEqual(readRecord(rehearsalIn(stateDirectory).simulation).mutations, []);
  const resumed = runPlainly(
    ['resume', '--rehearse', '--plain', '--yes', '--accept-irreversible', 'rehearsal'],
    stateDirectory,
  );
  assert.equal(resumed.status, 0, resumed.stdout + resumed.stderr);
  assertMigrated(readRecord(rehearsalIn(stateDirectory).simulation));
});

test('plain mode completes when the cluster is named', (t) => {
  const stateDirectory = newStateDirectory(t);
  const { status, stdout } = runPlainly([...plainly, '--accept-irreversible', 'rehearsal'], stateDirectory);
  assert.equal(status, 0);
  const record = readRecord(rehearsalIn(stateDirectory).simulation);
  assertMigrated(record);
  assert.equal(updates(record), 1);
  const [, transcript = ''] = /^Transcript: (.*)$/m.exec(stdout) ?? [];
  assert.ok(existsSync(transcript));
});

test('plain mode refuses another name before anything is begun', (t) => {
  const stateDirectory = newStateDirectory(t);
  const { status, stderr } = runPlainly([...plainly, '--accept-irreversible', 'production'], stateDirectory);
  assert.equal(status, 2);
  assert.match(stderr, /names "production", but the run is for cluster "rehearsal"/);
  assert.throws(() => rehearsalIn(stateDirectory));
});

test('npm start without a terminal rehearses by itself and says where the transcript is', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const { status, stdout } = runPlainly(['--rehearse'], stateDirectory, { CLUSTER_NAME: 'production' });
  assert.equal(status, 0);
  assert.match(stdout, /Enable PMK on your existing KMS v2 cluster/);
  assert.match(stdout, /^Transcript: .*transcript\.md$/m);
  assertMigrated(readRecord(rehearsalIn(stateDirectory).simulation));
  assert.ok(existsSync(`${root}/dist/cli.js`));
});
