import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStateDirectory, runPlainly, transcriptIn } from '../support/terminal.ts';

test('a token that is about to run out and a busy Azure are told of, on screen and in the record', (t) => {
  const stateDirectory = newStateDirectory(t);
  const faults = ['--fault', 'token-expires-soon', '--fault', 'throttled'];
  const { status, stdout } = runPlainly(['--rehearse', '--speed', '600', ...faults], stateDirectory);
  assert.equal(status, 0, stdout);
  const transcript = transcriptIn(stateDirectory).replaceAll(/\s+/g, ' ');
  for (const told of [stdout.replaceAll(/\s+/g, ' '), transcript]) {
    assert.match(told, /The token az acts with runs out in \d+ min, and this step normally takes 15 min/);
    assert.match(told, /Azure is busy \(429\) and asked to wait 1s\./);
  }
});
