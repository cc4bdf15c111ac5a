/** The engine's `Commands` port: every command runs under a keeper of its own, and is followed through files. */
import { hostname } from 'node:os';
import { createInterface } from 'node:readline';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Commands, FoundCommand, ProcessIdentity } from '../../engine/ports.ts';
import { ToolError } from '../../runbook/errors.ts';
import { defined, type Environment } from './capture.ts';
import { follow, lifeOfCommand, unwatchedEnd, type Tell } from './follow.ts';
import { type KeeperAnswer, type KeeperRequest, readExit, readRecord } from './keeping.ts';

/** Beside this file both in the sources and in the bundle, where all entries lie flat. */
const keeperEntry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './keeper.ts' : './keeper.js', import.meta.url),
);

/**
 * Commands that run in `environment` (all of it; nothing is added) and in the tool's working directory. `tell` hears
 * what holds one up. They need process groups and signals, so a POSIX system.
 */
export function createCommands({
  environment,
  tell,
}: {
  environment: Environment;
  tell?: Tell | undefined;
}): Commands {
  const following = tell === undefined ? {} : { tell };
  return {
    start: async (pipeline, outputFile) => {
      const keeper = await start(pipeline, outputFile, environment);
      return follow(outputFile, keeper, following);
    },
    find: async (outputFile, identity) => find(outputFile, identity, following),
  };
}

async function find(
  outputFile: string,
  identity: ProcessIdentity | undefined,
  following: { tell?: Tell },
): Promise<FoundCommand> {
  try {
    const exit = await readExit(outputFile);
    if (exit !== undefined) return { kind: 'ended', exit };
    const keeper = (await readRecord(outputFile))?.identity ?? identity;
    const life = keeper === undefined ? 'gone' : await lifeOfCommand(outputFile, keeper);
    if (keeper !== undefined && life === 'alive')
      return { kind: 'running', command: follow(outputFile, keeper, following) };
    // It may have ended between the two looks.
    const late = await readExit(outputFile);
    if (late !== undefined) return { kind: 'ended', exit: late };
    if (keeper === undefined || life === 'gone') return { kind: 'lost' };
    if (life === 'unwatched') return { kind: 'unknowable', why: unwatchedEnd };
    const why = `Whether process ${keeper.pid}, started on ${keeper.host}, still runs cannot be seen from ${hostname()}.`;
    return { kind: 'unknowable', why };
  } catch (error) {
    const why = `What is known of the command cannot be read: ${(error as Error).message}.`;
    return { kind: 'unknowable', why };
  }
}

/** Starts a command and returns its keeper. */
async function start(
  pipeline: readonly (readonly string[])[],
  outputFile: string,
  environment: Environment,
): Promise<ProcessIdentity> {
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
    const record = await readRecord(outputFile).catch(() => undefined);
    if (first?.kind !== 'ready' || record === undefined) {
      const silent = first === undefined ? 'it ended at once' : 'its record cannot be read';
      const why = first?.kind === 'refused' ? first.why : silent;
      throw new ToolError(
        `The process that watches over the command could not begin: ${why}.`,
        'Nothing was run. Make room in the run directory or restore access to it, then try again.',
      );
    }
    keeper.stdin.end('go\n');
    // When this answer does not come, the keeper was killed just now; following it finds that out.
    await answer();
    return record.identity;
  } finally {
    keeper.stdin.end();
    keeper.stdout.destroy();
    keeper.nodeChildProcess.unref();
  }
}
