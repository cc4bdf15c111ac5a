/** Two operators on one run and on one cluster: on one machine, on two that share a directory, in two containers. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunEvent } from '../../source/engine/events.ts';
import type { KeeperRecord } from '../../source/adapters/command/keeping.ts';
import { carryOut, openOffice, runIn } from '../support/tool.ts';
import type { BadMachine, Office, Tool } from '../support/tool.ts';

/** Slow enough that an update never ends during a test. */
const slow = 0.01;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}

/** Starts a run and waits until its command is at work. The command is ended with the test. */
async function begin(
  office: Office,
  through: readonly string[] = [],
): Promise<{ tool: Tool; runId: string }> {
  const tool = office.start(['run', ...carryOut], { through });
  await until(() => office.rehearsal.record().mutations.length === 1);
  const { runId } = runIn(office.state);
  await until(() => events(office).some(({ type }) => type === 'command.spawned'));
  office.atEnd(() => {
    const output = join(office.state, 'runs', runId, 'output');
    const record = JSON.parse(
      readFileSync(join(output, 'enable-pmk-1.log.keeper.json'), 'utf8'),
    ) as KeeperRecord;
    for (const { pid } of [record.identity, ...record.children]) end(pid);
  });
  return { tool, runId };
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

function events({ state }: Office): RunEvent[] {
  const { directory } = runIn(state);
  return readFileSync(join(directory, 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: RunEvent }).event);
}

function takeovers(office: Office): Extract<RunEvent, { type: 'run.lock-taken-over' }>[] {
  return events(office).filter((event) => event.type === 'run.lock-taken-over');
}

test('who works on a run and a cluster is told, taken over only when gone, and that is on record', async (t) => {
  const office = await openOffice(t, { speed: slow });
  const { tool: first, runId } = await begin(office);
  const refused = async (
    words: readonly string[],
    bad: BadMachine | undefined,
    what: RegExp,
    next: RegExp,
  ): Promise<void> => {
    const { status, stderr } = await office.start(words, { bad }).ended;
    assert.equal(status, 4, words.join(' ') + stderr);
    assert.match(stderr, what);
    assert.match(stderr, next);
  };
  const who = (run = ''): string =>
    `is being worked on by \\S+ on ${hostname()} \\(process ${first.child.pid}${run}\\) since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d\\.`;
  const wait = /\nWait until they are done, or ask them to stop\.\n$/;
  const vouch = /\nAsk them\. If nobody works on it any more, .* --take-over/;
  await refused(['resume', runId, '--plain'], undefined, new RegExp(`^error: Run ${runId} ${who()}\n`), wait);
  await refused(
    ['run', ...carryOut],
    undefined,
    new RegExp(`^error: Cluster blue ${who(`, run ${runId}`)}\n`),
    wait,
  );
  // What is seen to be alive is nobody's to take over.
  const takeOver = ['resume', runId, '--plain', '--take-over', 'The jump host is gone.'];
  await refused(takeOver, undefined, new RegExp(who()), wait);
  const unseen = new RegExp(
    `${who(`(, run ${runId})?`)} Whether that process still runs cannot be seen from here\\.`,
  );
  for (const bad of [{ BAD_HOST: 'jump-02' }, { BAD_PIDS: '7' }]) {
    await refused(['resume', runId, '--plain'], bad, unseen, vouch);
    await refused(['run', ...carryOut], bad, unseen, vouch);
  }
  assert.deepEqual(readdirSync(join(office.state, 'runs')), [runId]);
  assert.match((await office.start(['runs']).ended).stdout, new RegExp(`open \\(\\S+ on ${hostname()}\\)`));
  assert.deepEqual(takeovers(office), []);

  // Killed, and resumed on another machine, which can see neither the tool nor the command.
  first.child.kill('SIGKILL');
  await first.ended;
  assert.match((await office.start(['runs']).ended).stdout, / interrupted /);
  const elsewhere = await office.start(takeOver, { bad: { BAD_HOST: 'jump-02' } }).ended;
  assert.equal(elsewhere.status, 3, elsewhere.stdout + elsewhere.stderr);
  assert.match(elsewhere.stdout, /not known whether the command still runs/);
  const byWord = takeovers(office);
  assert.deepEqual(
    byWord.map(({ from, reason }) => [from?.pid, from?.host, reason]),
    // The run's lock and the cluster's.
    Array.from({ length: 2 }, () => [first.child.pid, hostname(), 'The jump host is gone.']),
  );

  // Back on the first machine: of two who try, one goes on; then that one is killed and taken over from.
  const racers = [1, 2].map(() => office.start(['resume', runId, ...carryOut]));
  const late = await Promise.race(racers.map(async (racer) => ({ racer, ...(await racer.ended) })));
  assert.equal(late.status, 4, late.stdout + late.stderr);
  const ahead = racers.find((racer) => racer !== late.racer)!;
  await ahead.until((stdout) => stdout.includes('found again, nothing was sent again'));
  ahead.child.kill('SIGKILL');
  await ahead.ended;

  // By a clock two hours behind the one the records before were made by.
  const behind = office.start(['resume', runId, ...carryOut], { bad: { BAD_CLOCK: '-7200000' } });
  await behind.until((stdout) => stdout.includes('found again, nothing was sent again'));
  const seen = takeovers(office).slice(byWord.length);
  assert.deepEqual(
    seen.map(({ from, reason }) => [from?.pid, reason]),
    Array.from({ length: 2 }, () => [ahead.child.pid, undefined]),
  );
  behind.child.kill('SIGTERM');
  assert.equal((await behind.ended).status, 130);

  const { stdout: record } = await office.start(['export', runId]).ended;
  const flat = record.replaceAll('\\', '');
  assert.match(
    flat,
    new RegExp(`Lock taken over from process ${ahead.child.pid} of .* and no longer ran\\.`),
  );
  assert.match(flat, /on the operator's word that it no longer ran; .* Reason: The jump host is gone\./);
  assert.match(
    flat,
    /Warning: The record before this sitting is of .*Times of different sittings cannot be compared/,
  );
  assert.doesNotMatch(flat, /-\d+[smh]\b/);
  assert.equal((await office.start(['verify', runId]).ended).status, 0);
  assert.equal(office.rehearsal.record().mutations.length, 1);
});

test('a run of a container that is gone is taken over on the operator’s word', async (t) => {
  const container = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
  try {
    execFileSync(container[0]!, [...container.slice(1), 'true'], { stdio: 'ignore' });
  } catch {
    return t.skip('making a pid namespace is not allowed here');
  }
  const office = await openOffice(t, { speed: slow });
  const { tool, runId } = await begin(office, container);
  tool.child.kill('SIGKILL');
  await tool.ended;
  const refused = await office.start(['resume', runId, '--plain']).ended;
  assert.equal(refused.status, 4, refused.stderr);
  assert.match(refused.stderr, /cannot be seen from here/);
  const taken = await office.start(['resume', runId, '--plain', '--take-over', 'Restarted.']).ended;
  assert.equal(taken.status, 3, taken.stdout + taken.stderr);
  assert.deepEqual(
    takeovers(office).map(({ reason }) => reason),
    ['Restarted.', 'Restarted.'],
  );
  assert.equal(office.rehearsal.record().mutations.length, 1);
});
