/**
 * Records a journal to be kept for good: `node scripts/record-journal.ts` rehearses a migration in which everything
 * happens that is worth reading again (a failure and its retry, a kill while a command runs and the takeover after it, a
 * skip, a step marked as done, notes), and puts the run into `test/journals/format-N/`, which is a state directory. Names
 * of machines and people are made up, so that nothing of the machine it is made on is in it. What the run adds up to is
 * written by the test that reads it: `UPDATE_GOLDEN=1 node --import tsx --test test/journals/*.test.ts`.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRunbook } from '../source/commands/runbook-files.ts';
import { beginSession, resumeSession } from '../source/commands/session.ts';
import type { Session } from '../source/commands/held.ts';
import type { Intent } from '../source/engine/controller.ts';
import type { Question } from '../source/engine/decide.ts';
import { stateDirectory } from '../source/journal/state-directory.ts';
import { buildPlan } from '../source/plan/plan.ts';

const format = 1;
const kept = fileURLToPath(new URL(`../test/journals/format-${format}/`, import.meta.url));
const badMachine = fileURLToPath(new URL('../test/support/bad-machine.mjs', import.meta.url));
const parameters = { CLUSTER_NAME: 'blue', RESOURCE_GROUP: 'blue-rg' };

/** The step during which the first sitting is killed, once its command is on record as running. */
const killedAt = 'upgrade-1';

/** What an operator answers, most of the time. */
function usual(question: Question): Intent {
  switch (question.kind) {
    case 'drift':
      return { type: 'accept-drift', reason: 'Agreed with the change manager.' };
    case 'confirm':
      return question.expected === undefined
        ? { type: 'confirm', step: question.step, by: 'key' }
        : { type: 'confirm', step: question.step, by: 'typed', typed: question.expected };
    case 'already-done':
      return { type: 'accept', step: question.step, by: 'key' };
    case 'warning':
      return { type: 'acknowledge', step: question.step, by: 'key' };
    case 'attest':
      return { type: 'attest', step: question.step, by: 'key', note: 'Calendar entry made.' };
    case 'unknown':
      return question.effect === true
        ? { type: 'accept', step: question.step, by: 'key' }
        : { type: 'run-again', step: question.step };
    case 'failed':
      return { type: 'retry', step: question.step };
  }
}

/** What they answer this time. */
function answer(question: Question): Intent {
  if (question.kind === 'failed' && question.step !== 'turn-off-kms')
    return { type: 'override', step: question.step, reason: 'Seen to by the policy team, CHG-4711.' };
  if (question.kind === 'confirm' && question.step === 'update-secrets-with-kms')
    return { type: 'skip', step: question.step, reason: 'Left to the next window, CHG-4712.' };
  return usual(question);
}

async function sit(session: Session, killed: boolean): Promise<void> {
  const { controller } = session;
  controller.send({
    type: 'note',
    text: killed ? 'Window opened 21:00.' : 'Taken over from the late shift.',
  });
  const respond = (): void => {
    const { state, decision, asking } = controller.view();
    if (killed && state.steps[killedAt]?.attempts.at(-1)?.identity !== undefined)
      process.kill(process.pid, 'SIGKILL');
    if (decision.kind === 'ask' && asking) controller.send(answer(decision.question));
  };
  controller.subscribe(() => queueMicrotask(respond));
  respond();
  console.log(await controller.finished);
  await session.close();
}

/** Azure makes nobody wait in this rehearsal. */
const tell = (): void => undefined;

async function sitting(root: string, which: 'first' | 'second'): Promise<void> {
  const state = stateDirectory(root, true);
  if (which === 'second') {
    const [runId = ''] = readdirSync(state.runs);
    return sit(await resumeSession(state, runId, { speed: 120 }, tell), false);
  }
  const plan = buildPlan(await openRunbook('kms-v1-to-v2-public'), parameters);
  const choice = {
    scenario: 'kms-v1-public',
    faults: ['update-fails-once', 'policy-blocks'],
    speed: 120,
    ...plan.target,
  };
  return sit(await beginSession(state, 'kms-v1-to-v2-public', plan, choice, {}, tell), true);
}

async function record(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'aks-kms-runbook-journal-'));
  try {
    for (const which of ['first', 'second'])
      await once(
        spawn(process.execPath, [fileURLToPath(import.meta.url), root, which], {
          stdio: 'inherit',
          env: {
            ...process.env,
            NODE_OPTIONS: `--import=${badMachine}`,
            BAD_HOST: 'jump-01',
            BAD_USER: which === 'first' ? 'mia' : 'noor',
            BAD_PIDS: '4026531836',
          },
        }),
        'exit',
      );
    const { runs } = stateDirectory(root, true);
    const [runId = ''] = readdirSync(runs);
    rmSync(kept, { recursive: true, force: true });
    for (const name of ['journal.jsonl', 'output'])
      cpSync(join(runs, runId, name), join(kept, 'rehearsals', runId, name), { recursive: true });
    console.log(join(kept, 'rehearsals', runId));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const [root, which] = process.argv.slice(2);
if (root !== undefined && (which === 'first' || which === 'second')) await sitting(root, which);
else await record();
