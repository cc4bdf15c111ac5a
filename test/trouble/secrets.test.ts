/** A secret in every place something can come from is in no file, on no frame and in no transcript afterwards. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { runPlain } from '../../source/renderers/plain/index.ts';
import { changeRecord, writeTranscript } from '../../source/commands/change-record.ts';
import { stepsText } from '../runbook/files.ts';
import { checkStep, expression, plan, runStep } from '../support/runs.ts';
import { secrets } from '../support/secrets.ts';
import { newStateDirectory, rehearsalIn, runPlainly, TerminalSession } from '../support/terminal.ts';
import { filesUnder, turnOff, wholeRun } from '../support/whole.ts';
import { FakeWorld, answerWith, goAhead } from '../support/world.ts';

/** Every text with a secret, on lines of its own, with something harmless before and after. */
const everything = Object.values(secrets)
  .map((text) => `this stays\n${text}\nand this\n`)
  .join('');

/**
 * An az that prints all of it on both streams when the cluster is to be changed, cut into pieces of all sizes, and
 * ends with an error that quotes a secret. Everything else is the stand-in's.
 */
function leakyAz(folder: string): void {
  const standIn = fileURLToPath(new URL('../../source/rehearsal/stand-in.ts', import.meta.url));
  const text = join(folder, 'everything.txt');
  const leak = join(folder, 'leak.cjs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(text, everything);
  writeFileSync(
    leak,
    `const { readFileSync, writeSync } = require('node:fs');
    const bytes = readFileSync(${JSON.stringify(text)});
    for (const stream of [1, 2])
      for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 3) % 97 + 1)
        writeSync(stream, bytes.subarray(at, at + size));
    writeSync(2, 'ERROR: (Forbidden) {"accessToken": "CANARY"} Authorization: Bearer CANARY\\n');
    process.exitCode = 1;`,
  );
  writeFileSync(
    join(folder, 'az'),
    [
      '#!/bin/sh',
      `case "$*" in`,
      `  "aks update"*) exec '${process.execPath}' '${leak}';;`,
      // What only a real az has to be told of a simulated cloud.
      `  "cloud update"*|"cloud register"*|"cloud set"*) exit 0;;`,
      'esac',
      `exec '${process.execPath}' '${standIn}' az "$@"`,
      '',
    ].join('\n'),
  );
  chmodSync(join(folder, 'az'), 0o700);
}

/** The files that hold the canary, apart from those the leak itself was made of. */
function spilt(directory: string): string[] {
  return filesUnder(directory)
    .filter(({ path, text }) => !path.includes('/simulation/') && text.includes('CANARY'))
    .map(({ path }) => path);
}

test('what a command prints: not in its output file, the journal, the plain lines or the transcript', async (t) => {
  const whole = await wholeRun(t);
  leakyAz(join(whole.files.simulation, 'bin'));
  const controller = await whole.begin();
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line);
  };
  await runPlain(controller, { write, yes: true, acceptIrreversible: 'rehearsal' });
  await writeTranscript(whole.files);
  const { text: markdown } = await changeRecord(whole.files, 'markdown');
  assert.deepEqual(spilt(whole.files.directory), []);
  assert.ok(!lines.join('\n').includes('CANARY'));
  assert.ok(!markdown.includes('CANARY'));
  const output = filesUnder(whole.files.output).find(({ path }) => path.endsWith('.log'))?.text ?? '';
  assert.equal(
    output.split('this stays').length - 1,
    2 * Object.keys(secrets).length,
    'nothing else is left out',
  );
  assert.ok(output.split('[redacted]').length > Object.keys(secrets).length);
  const failure = controller.view().state.steps['turn-off']?.attempts[0]?.failure;
  assert.match(`${failure?.what}${failure?.detail}`, /\[redacted\]/);
});

test('what Azure and the cluster say: not in the journal, nor on what is shown of it', async () => {
  for (const text of Object.values(secrets)) {
    const world = new FakeWorld();
    world.cluster['note'] = text;
    world.cluster['ready'] = false;
    world.warnings = [text];
    world.cluster['securityProfile'] = { azureKeyVaultKms: { keyId: text } };
    world.behaviours['tool update'] = () => {
      world.cluster['done'] = true;
      return 0;
    };
    const capture = [{ name: 'NOTE', expression: expression('cluster.note') }];
    const doneWhen = expression('cluster.done == `true`');
    const of = plan(
      checkStep({ id: 'found', severity: 'warning', value: expression('cluster.note') }),
      checkStep({ id: 'shown', check: expression('`true`'), value: expression('cluster.note') }),
      checkStep({ id: 'undecided', check: expression('cluster.note') }),
      checkStep({ id: 'kept', check: expression('`true`'), capture }),
      runStep({ id: 'update', doneWhen }),
    );
    const controller = await world.begin(of);
    await answerWith(controller, (question) =>
      question.kind === 'failed' ? { type: 'skip', step: question.step, reason: text } : goAhead(question),
    );
    const { state } = controller.view();
    assert.ok(!JSON.stringify(world.records).includes('CANARY'), text);
    assert.ok(!JSON.stringify(state).includes('CANARY'), text);
    assert.equal(state.status, 'completed');
    // A secret is nothing to put into a command either.
    assert.deepEqual(state.captured, {});
  }
});

test('what az says when it fails: not in what the tool says of it', (t) => {
  const state = newStateDirectory(t);
  const bin = join(state, 'bin');
  mkdirSync(bin);
  const text = join(state, 'everything.txt');
  writeFileSync(text, everything);
  for (const name of ['az', 'kubectl', 'kubelogin'])
    writeFileSync(join(bin, name), `#!/bin/sh\n/bin/cat '${text}'\n/bin/cat '${text}' >&2\nexit 1\n`, {
      mode: 0o700,
    });
  const target = ['-p', 'CLUSTER_NAME=c', '-p', 'RESOURCE_GROUP=rg'];
  for (const words of [
    ['doctor', ...target],
    ['doctor', '--json'],
    ['clusters'],
    ['run', 'kms-v2-public-to-pmk', '--plain', ...target],
  ]) {
    const { status, stdout, stderr } = runPlainly(words, join(state, 'state'), { PATH: bin });
    assert.equal(status, 1, words.join(' '));
    assert.ok(!`${stdout}${stderr}`.includes('CANARY'), `${words.join(' ')}\n${stdout}${stderr}`);
    assert.match(`${stdout}${stderr}`, /\[redacted\]/, words.join(' '));
  }
});

test('on the screen: on no frame, in no file, in no export', async (t: TestContext) => {
  const state = newStateDirectory(t);
  const bin = join(state, 'simulation', 'bin');
  leakyAz(bin);
  const runbook = join(state, 'main.yaml');
  writeFileSync(runbook, stepsText(turnOff).replace('rehearsal: pmk', 'rehearsal: kms-v2-public'));
  const words = ['run', runbook, '--rehearse', '--clients', 'real', '--speed', '6000'];
  const screen = TerminalSession.open(t, words, {
    stateDirectory: state,
    columns: 120,
    rows: 40,
    environment: { PATH: `${bin}:${process.env['PATH']}` },
  });
  await screen.see('What is it to be run on?');
  await screen.see('enter start');
  screen.send('\r');
  await screen.see('enter run');
  screen.send('\r');
  await screen.see('r retry');
  await screen.press('o', /lines \d+–/);
  await screen.press('g', 'lines 1–');
  for (let last = 0, count = 1; last < count;) {
    const [, first = '', end = '', of = ''] = /lines (\d+)–(\d+) of (\d+)/.exec(screen.text()) ?? [];
    [last, count] = [Number(end), Number(of)];
    if (last < count) await screen.press(' ', new RegExp(`lines (?!${first}–)`));
  }
  await screen.press('q', 'r retry');
  screen.send('q');
  await screen.exited;
  assert.ok(!screen.written.includes('CANARY'));
  assert.deepEqual(spilt(state), []);
  const { runId } = rehearsalIn(state);
  const exported = runPlainly(['export', runId, '--rehearse'], state);
  assert.equal(exported.status, 0);
  assert.ok(!exported.stdout.includes('CANARY') && exported.stdout.includes('[redacted]'));
});
