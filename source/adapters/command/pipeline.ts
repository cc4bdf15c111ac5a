/** The processes of a pipeline, as its keeper owns them. */
import { pipeline as connect } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { StopSignal } from '../../engine/ports.ts';
import { makePipe } from './fifo.ts';
import { send } from './processes.ts';

export interface ProcessEnd {
  code: number | null;
  signal: string | null;
}

export interface StartedPipeline {
  /** Of each command, in the pipeline's order; each leads a process group of its own. */
  pids: readonly number[];
  /** What is kept of it: the last command's standard output, and everybody's standard error. */
  streams: readonly Readable[];
  /** Settles when every command has ended. */
  ended: Promise<readonly ProcessEnd[]>;
  /** Signals every command and what it started, as far as that stayed in its group. */
  signal(signal: StopSignal): void;
  /** Ends what the commands left running in their groups: SIGTERM, and after `patience` milliseconds SIGKILL. */
  endStragglers(patience: number): Promise<void>;
}

function start(argv: readonly string[], piped: boolean, stdout: 'pipe' | number) {
  const [program = '', ...words] = argv;
  return execa(program, words, {
    stdin: piped ? 'pipe' : 'ignore',
    // It takes any descriptor; its types know of the first ten.
    stdout: stdout as 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
  });
}

/**
 * Starts the commands without a shell, the last one first: each finds its reader waiting, and when one cannot be
 * started, none before it has done anything. Returns why, when one could not.
 */
export async function startPipeline(
  commands: readonly (readonly string[])[],
): Promise<StartedPipeline | { failure: string }> {
  const processes: ReturnType<typeof start>[] = [];
  const pipe = await makePipe();
  for (const [index, argv] of [...commands.entries()].toReversed()) {
    const isLast = index === commands.length - 1;
    const started = start(argv, index > 0, (isLast ? pipe?.writer : undefined) ?? 'pipe');
    if (isLast) pipe?.handOver();
    if (started.pid === undefined) {
      pipe?.reader.destroy();
      for (const { pid } of processes) if (pid !== undefined) send(-pid, 'SIGKILL');
      const result = await started;
      return { failure: startFailure(argv[0] ?? '', result) };
    }
    processes.unshift(started);
  }
  // A command that ends early closes its input; the one before it finds out by writing, as under a shell.
  for (const [index, process] of processes.entries()) {
    const before = processes[index - 1];
    if (before?.stdout && process.stdin !== null) void connect(before.stdout, process.stdin).catch(() => {});
  }
  const pids = processes.flatMap(({ pid }) => pid ?? []);
  const output = pipe?.reader ?? processes.at(-1)?.stdout;
  return {
    pids,
    streams: [...(output ? [output] : []), ...processes.map(({ stderr }) => stderr)],
    ended: Promise.all(
      processes.map(
        async (process) =>
          new Promise<ProcessEnd>((resolve) => {
            process.nodeChildProcess.once('exit', (code, signal) => resolve({ code, signal }));
          }),
      ),
    ),
    signal(signal) {
      for (const pid of pids) send(-pid, signal);
    },
    async endStragglers(patience) {
      for (const pid of livingGroups(pids)) send(-pid, 'SIGTERM');
      const deadline = Date.now() + patience;
      while (livingGroups(pids).length > 0 && Date.now() < deadline) await delay(20);
      for (const pid of livingGroups(pids)) send(-pid, 'SIGKILL');
    },
  };
}

function livingGroups(leaders: readonly number[]): readonly number[] {
  return leaders.filter((pid) => send(-pid, 0));
}

function startFailure(
  program: string,
  result: { code?: string | undefined; originalMessage?: string | undefined },
): string {
  if (result.code === 'ENOENT') return `${program} was not found on the PATH`;
  if (result.code === 'EACCES') return `${program} may not be executed`;
  return `${program} could not be started: ${result.originalMessage ?? 'unknown reason'}`;
}

/** The end of a pipeline as under `pipefail`: that of the last command that did not end well, else success. */
export function pipelineEnd(ends: readonly ProcessEnd[]): ProcessEnd {
  return ends.findLast(({ code }) => code !== 0) ?? { code: 0, signal: null };
}
