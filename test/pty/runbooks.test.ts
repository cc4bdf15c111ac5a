/** Every runbook from its first check to the summary, in a real terminal. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readRecord } from '../../source/rehearsal/index.ts';
import { TerminalSession, newStateDirectory, rehearsalIn, transcriptIn } from '../support/terminal.ts';

const key = 'https://rehearsal-vault.vault.azure.net/keys/etcd/5e1f0d0c3b2a49788796a5b4c3d2e1f0';
const summary = String.raw`Completed[\s\S]*q (?:home|leave)`;

/**
 * Answers each question with yes until the summary; the name is typed where it is asked for. `documented`: where the
 * document gives a command for what the tool does itself, that is chosen.
 */
async function walk(screen: TerminalSession, documented = false): Promise<void> {
  let answered = '0';
  for (;;) {
    // The frame says which step it is at; an answer is given once it is at another one, and heeds keys.
    const next = new RegExp(
      String.raw`step (?!${answered} of)(\d+) of \d+[\s\S]*(?:enter (confirm|run|rewrite|go on)|y confirm)|r retry|${summary}`,
    );
    const text = await screen.see(next);
    const [, position, does] = next.exec(text) ?? [];
    if (position === undefined) {
      assert.match(text, new RegExp(summary));
      return;
    }
    if (does === 'run' && text.includes('Type the cluster name'))
      await screen.press('rehearsal', '> rehearsal');
    const yes = screen.text().includes('y confirm') ? 'y' : '\r';
    screen.send(documented && does === 'rewrite' ? 'w' : yes);
    answered = position;
  }
}

const journeys: readonly (readonly [id: string, endsUnder: string])[] = [
  ['kms-v1-to-v2-public', `kms-v2:${key}`],
  ['kms-v1-to-v2-private', `kms-v2:${key}`],
  ['kms-v2-private-to-pmk', 'platform:aks-managed'],
  ['kms-v2-public-to-cmk', `cmk:${key}`],
  ['kms-v2-private-to-cmk', `cmk:${key}`],
];

for (const [id, endsUnder] of journeys)
  test(`${id} from the parameters to the summary`, async (t: TestContext) => {
    const stateDirectory = newStateDirectory(t);
    const screen = TerminalSession.open(t, ['run', id, '--rehearse', '--speed', '600'], { stateDirectory });
    await screen.see('enter start');
    screen.send('\r');
    await walk(screen);
    if (screen.text().includes('q home')) await screen.press('q', 'q leave');
    screen.send('q');
    assert.equal(await screen.exited, 0);
    const record = readRecord(rehearsalIn(stateDirectory).simulation);
    assert.deepEqual(record.secretsByKey, { [endsUnder]: record.secrets });
    assert.match(transcriptIn(stateDirectory), /REHEARSAL/);
  });

test('the document’s own command is run as it is written where it is chosen, and nothing of it is kept', async (t) => {
  const stateDirectory = newStateDirectory(t);
  const words = ['run', 'kms-v1-to-v2-public', '--rehearse', '--speed', '600'];
  const screen = TerminalSession.open(t, words, { stateDirectory, columns: 120, rows: 40 });
  await screen.see('enter start');
  screen.send('\r');
  await walk(screen, true);
  if (screen.text().includes('q home')) await screen.press('q', 'q leave');
  screen.send('q');
  assert.equal(await screen.exited, 0);
  const { directory, simulation } = rehearsalIn(stateDirectory);
  const record = readRecord(simulation);
  assert.deepEqual(record.secretsByKey, { [`kms-v2:${key}`]: record.secrets });
  // It was the command: the values went from one kubectl to the other, and nowhere else.
  assert.ok(record.secretValuesSent >= 2 * record.secrets);
  const kept = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.parentPath.startsWith(simulation),
  );
  for (const { parentPath, name } of kept) {
    const text = readFileSync(join(parentPath, name), 'utf8');
    for (const mark of ['canary', Buffer.from('canary-').toString('base64').slice(0, 8)])
      assert.equal(text.includes(mark), false, name);
  }
  assert.equal(screen.written.includes('canary'), false);
  const transcript = transcriptIn(stateDirectory);
  assert.match(transcript, /by the command of the document/);
  assert.match(transcript, /\| 1, verification \| 120 \| 0 \| 120 \|/);
});
