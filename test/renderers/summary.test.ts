/** What a run leaves behind in a few lines. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { storyLines } from '../../source/renderers/story.ts';
import { summaryLines } from '../../source/renderers/summary.ts';
import { at, attempt, moments, withSteps } from './fake-run.ts';

const typed = { by: 'typed', typed: 'rehearsal', at: at(84), operator: 'you@contoso.com' } as const;

describe('the summary', () => {
  it('says that a run was stopped by a difference, not by the step it is at', () => {
    const state = { ...moments.drift(), status: 'stopped', stoppedBecause: 'unconfirmed' } as const;
    const [, , outcome] = summaryLines(state);
    assert.match(outcome ?? '', /^Stopped: something is not as it was/);
  });

  it('tells repeated attempts, the typed word, an attestation unread, and a value that was empty', () => {
    const state = withSteps(moments.completed(), {
      'enable-pmk': {
        attempts: [attempt(10, 82), attempt(84, 90, { number: 2, confirmed: typed })],
      },
      'keep-key': { by: '--yes', reason: undefined },
    });
    const { before } = state.settings;
    const azureKeyVaultKms = { enabled: true, keyVaultNetworkAccess: 'Public', keyVaultResourceId: '' };
    const settings = { ...state.settings, before: { ...before, azureKeyVaultKms } };
    const lines = summaryLines({ ...state, settings }, { transcript: '/state/transcript.md' });
    const expected = [
      'Steps: 4 done (1 of them at the 2nd attempt), 1 warning acknowledged, 1 skipped',
      '  Enable PMK on your existing KMS v2 cluster · confirmed by typing “rehearsal”',
      '  Keep the old key · attested with --yes, unread',
      '  azureKeyVaultKms.keyVaultResourceId: empty → not set',
    ];
    for (const line of expected) assert.ok(lines.includes(line), `${line}\n\n${lines.join('\n')}`);
    assert.ok(
      lines.indexOf('Transcript: /state/transcript.md') < lines.findIndex((line) => line.startsWith('Steps')),
    );
  });
});

describe('what has happened so far', () => {
  it('leaves out the settings of a cluster that is known by a context only', () => {
    const state = moments.confirmTyped();
    assert.match(storyLines(state).join('\n'), /Encryption settings/);
    const context = { name: 'blue', server: 'https://blue.example.com', uid: 'u-1' };
    const known = { ...state, header: { ...state.header, context } };
    assert.equal(storyLines(known)[0], 'Timeline (UTC)');
  });
});
