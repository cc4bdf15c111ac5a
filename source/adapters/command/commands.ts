/** The engine's `Commands` port: every command runs under a keeper of its own, and is followed through files. */
import { createInterface } from 'node:readline';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Commands, RunningCommand } from '../../engine/ports.ts';
import { ToolError } from '../../runbook/errors.ts';
import { defined, type Environment } from './capture.ts';
import { follow, somethingLives } from './follow.ts';
import { type KeeperAnswer, type KeeperRequest, readExit, readRecord } from './keeping.ts';

/** Beside this file both in the sources and in the bundle, where all entries lie flat. */
const keeperEntry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './keeper.ts' : './keeper.js', import.meta.url),
);

/**
 * Commands that run in `environment` (all of it; nothing is added) and in the tool's working directory. They need
 * process groups and signals, so a POSIX system.
 */
export function createCommands({ environment }: { environment: Environment }): Commands {
  return {
    start: async (pipeline, outputFile) => start(pipeline, outputFile, environment),
    async find(outputFile, identity) {
      const exit = await readExit(outputFile);
      if (exit !== undefined) return { kind: 'ended', exit };
      const keeper = (await readRecord(outputFile))?.identity ?? identity;
      if (keeper !== undefined && (await somethingLives(outputFile, keeper)))
        return { kind: 'running', command: follow(outputFile, keeper) };
      // It may have ended between the two looks.
      const late = await readExit(outputFile);
      return late === undefined ? { kind: 'lost' } : { kind: 'ended', exit: late };
    },
  };
}

async function start(
  pipeline: readonly (readonly string[])[],
  outputFile: string,
  environment: Environment,
): Promise<RunningCommand> {
  const keeper = execa(process.execPath, [keeperEntry], {
    env: defined(environment),
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'ignore',
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
  });
  // A keeper that could not be started or ends early shows as the end of its answers.
  keeper.stdin.on('error', () => {});
  try {
    const answers = createInterface({ input: keeper.stdout })[Symbol.asyncIterator]();
    const answer = async (): Promise<KeeperAnswer | undefined> => {
      const { done, value } = await answers.next();
      return done === true ? undefined : (JSON.parse(value) as KeeperAnswer);
    };
    const request: KeeperRequest = { pipeline, outputFile };
    keeper.stdin.write(`${JSON.stringify(request)}\n`);
    const first = await answer();
    const record = await readRecord(outputFile);
    if (first?.kind !== 'ready' || record === undefined) {
      const why = first?.kind === 'refused' ? first.why : 'it ended at once';
      throw new ToolError(
        `The process that watches over the command could not begin: ${why}.`,
        'Nothing was run. See that the run directory can be written to, then try again.',
      );
    }
    keeper.stdin.end('go\n');
    // When this answer does not come, the keeper was killed just now; following it finds that out.
    await answer();
    return follow(outputFile, record.identity);
  } finally {
    keeper.stdin.end();
    keeper.stdout.destroy();
    keeper.nodeChildProcess.unref();
  }
}
