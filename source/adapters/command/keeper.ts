/**
 * A keeper: a small process in a session of its own that starts one command and stays with it until it has ended,
 * whatever becomes of the tool and its terminal. It writes the command's output, cleaned and redacted, and then how
 * it ended. Its words come over standard input, so that neither arguments nor values show in a list of processes.
 *
 * Signals: SIGINT and SIGTERM are passed on to the command, SIGUSR2 stands for SIGKILL, SIGHUP is ignored.
 * When the command has ended, what it left running in its process group is ended too, so that nothing acts on
 * after its end was recorded.
 */
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandExit, ProcessIdentity, StopSignal } from '../../engine/ports.ts';
import {
  exitFile,
  type KeeperAnswer,
  type KeeperRecord,
  type KeeperRequest,
  recordFile,
  syncDirectory,
  writeDurably,
} from './keeping.ts';
import { createOutputFile } from './output-file.ts';
import { pipelineEnd, type StartedPipeline, startPipeline } from './pipeline.ts';
import { identify } from './processes.ts';

/** How long what a command left behind may go on writing or ending. Milliseconds. */
const patience = 1_000;
/** How often, a second apart, writing the end is tried again, for example on a full disk. */
const exitAttempts = 600;

let running: StartedPipeline | undefined;

function passOn(from: NodeJS.Signals, to: StopSignal): void {
  process.on(from, () => running?.signal(to));
}
passOn('SIGINT', 'SIGINT');
passOn('SIGTERM', 'SIGTERM');
passOn('SIGUSR2', 'SIGKILL');
process.on('SIGHUP', () => {});
// The tool may be gone; its end of the pipe is of no consequence.
process.stdout.on('error', () => {});

function answer(message: KeeperAnswer): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Claims the output file: of two keepers for one attempt the second is refused. */
async function claim(outputFile: string, record: KeeperRecord): Promise<void> {
  const file = await open(recordFile(outputFile), 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Error('this attempt has been started before') : error;
  });
  await file.writeFile(`${JSON.stringify(record)}\n`);
  await file.sync();
  await file.close();
  await syncDirectory(dirname(outputFile));
}

/** Records the end. Made anew each time, since what could be kept of the output may have changed meanwhile. */
async function recordExit(outputFile: string, exit: () => Promise<CommandExit>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeDurably(exitFile(outputFile), await exit());
      return;
    } catch (error) {
      // With its directory gone there is nobody left to tell.
      if (attempt === exitAttempts || (error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
      await delay(1_000);
    }
  }
}

async function keep(request: KeeperRequest, go: Promise<boolean>): Promise<void> {
  const { outputFile, pipeline } = request;
  const identity = await identify(process.pid);
  if (identity === undefined) throw new Error('the start time of a process cannot be read on this system');
  await claim(outputFile, { identity, children: [] });
  const output = await createOutputFile(outputFile);

  const finish = async (end: Pick<CommandExit, 'code' | 'codes' | 'signal' | 'failure'>): Promise<void> => {
    const endedAt = new Date().toISOString();
    try {
      await recordExit(outputFile, async () => {
        const { bytes: outputBytes, sha256: outputSha256, lost, unsynced } = await output.settle();
        const trouble = { ...(lost > 0 && { outputLost: lost }), outputUnsynced: unsynced };
        return { ...end, outputBytes, outputSha256, ...trouble, endedAt };
      });
    } finally {
      await output.close();
    }
  };

  answer({ kind: 'ready' });
  if (!(await go)) {
    await finish({ code: null, signal: null, failure: 'the tool ended before the command was started' });
    return;
  }
  const started = await startPipeline(pipeline);
  if ('failure' in started) {
    answer({ kind: 'started' });
    await finish({ code: null, signal: null, failure: started.failure });
    return;
  }
  running = started;
  const copies = Promise.all(started.streams.map(async (stream) => output.copy(stream)));
  const children = await Promise.all(started.pids.map(identify));
  const known = children.filter((child): child is ProcessIdentity => child !== undefined);
  // Without this record the command is still watched; only its tree would not be found if the keeper were lost.
  await writeDurably(recordFile(outputFile), { identity, children: known }).catch(() => {});
  answer({ kind: 'started' });

  const ends = await started.ended;
  await Promise.race([copies, delay(patience, undefined, { ref: false })]);
  await started.endStragglers(patience);
  await Promise.race([copies, delay(patience, undefined, { ref: false })]);
  for (const stream of started.streams) stream.destroy();
  await copies;
  await finish({ ...pipelineEnd(ends), codes: ends.map(({ code }) => code) });
}

/** The request, and whether `go` follows; not when the tool ends first. */
async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) return;
  const go = lines.next().then(({ value }) => value === 'go');
  try {
    await keep(JSON.parse(first.value) as KeeperRequest, go);
  } catch (error) {
    answer({ kind: 'refused', why: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
}

await main();
process.stdin.destroy();
