/** Following a command through the files its keeper writes: the same for one just started and one found again. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandExit, ProcessIdentity, RunningCommand, StopSignal } from '../../engine/ports.ts';
import { ToolError } from '../../runbook/errors.ts';
import { exitFile, readExit, readRecord } from './keeping.ts';
import { isOfThisBoot, type Life, lifeOf, send } from './processes.ts';
import { createWaker } from './waker.ts';

/** Between looks whether the keeper still lives. Milliseconds. */
const lifeInterval = 1_000;
const pieceBytes = 256 * 1024;
/** Between tries to read what cannot be read. Milliseconds. */
const troubleInterval = 200;
/** For so long reading may fail before it is given up: too many open files, a file system that is away. Milliseconds. */
const patience = 30_000;
/** A keeper that has not recorded the end of its command for so long cannot; told as often. Milliseconds. */
const silence = 5_000;

/** Takes one line on what holds a command up. */
export type Tell = (text: string) => void;

/**
 * Follows the command whose output goes to `outputFile`, from its beginning. `keeper` is the process it is found by.
 * Both `output` and `exit` end in a `ToolError` when what the keeper wrote cannot be read for longer than `limit`;
 * `tell` hears when it has not recorded the end for longer than `quiet`.
 */
export function follow(
  outputFile: string,
  keeper: ProcessIdentity,
  {
    limit = patience,
    quiet = silence,
    tell = () => {},
  }: { limit?: number; quiet?: number; tell?: Tell } = {},
): RunningCommand {
  const waker = createWaker(outputFile);
  const detachment = new AbortController();
  const detached = detachment.signal;
  let ended: CommandExit | undefined;
  let givenUp = false;

  const watchForEnd = async (): Promise<CommandExit> => {
    const trouble = createTrouble(outputFile, limit);
    let looked = Date.now();
    let endedSince: number | undefined;
    let unwatched = false;
    for (;;) {
      const woken = waker.next();
      try {
        ended = await readExit(outputFile);
        if (ended === undefined && Date.now() - looked >= lifeInterval) {
          // While nobody can tell, it is taken to live: its end shows in the files sooner or later.
          const life = await lifeOfCommand(outputFile, keeper);
          if (life === 'gone') ended = (await readExit(outputFile)) ?? (await unknownEnd(outputFile));
          else if (life === 'unwatched') ended = await readExit(outputFile);
          else if (await hasEnded(outputFile)) endedSince ??= looked;
          unwatched = life === 'unwatched' && ended === undefined;
          looked = Date.now();
          if (endedSince !== undefined && looked - endedSince >= quiet) {
            tell(
              `The command has ended, and how cannot be written to ${exitFile(outputFile)}: is there room?`,
            );
            endedSince = looked;
          }
        }
        trouble.over();
      } catch (error) {
        trouble.tell(error);
      }
      if (detached.aborted) return new Promise(() => {});
      if (ended !== undefined) return ended;
      if (unwatched) throw new ToolError(unwatchedEnd, 'Look at the cluster, then resume the run.');
      await woken;
    }
  };

  async function* read(): AsyncGenerator<string> {
    const trouble = createTrouble(outputFile, limit);
    let file: FileHandle | undefined;
    try {
      const decoder = new StringDecoder('utf8');
      const piece = Buffer.allocUnsafe(pieceBytes);
      let position = 0;
      while (!detached.aborted) {
        const woken = waker.next();
        const last = ended !== undefined || givenUp;
        let bytesRead = 0;
        try {
          file ??= await openIfThere(outputFile);
          bytesRead = (await file?.read(piece, 0, piece.length, position))?.bytesRead ?? 0;
          trouble.over();
        } catch (error) {
          trouble.tell(error);
          await delay(troubleInterval, undefined, { signal: detached }).catch(() => {});
          continue;
        }
        position += bytesRead;
        const text = decoder.write(piece.subarray(0, bytesRead));
        if (text !== '') yield text;
        if (bytesRead > 0) continue;
        if (last) return;
        await woken;
      }
    } finally {
      await file?.close();
    }
  }

  const exit = watchForEnd().finally(() => {
    givenUp = ended === undefined;
    waker.close();
  });
  // Whoever follows the output first hears of a failure when it comes to the exit.
  exit.catch(() => {});
  return {
    identity: keeper,
    output: { [Symbol.asyncIterator]: read },
    exit,
    signal(signal) {
      // A record that cannot be read leaves nothing to signal; the exit tells what becomes of the command.
      void deliver(outputFile, keeper, signal).catch(() => {});
    },
    detach() {
      detachment.abort();
      waker.close();
    },
  };
}

/** What is to be said of a command that is `unwatched`. */
export const unwatchedEnd =
  'What watches over the command was killed as it started it: whether the command runs cannot be seen.';

/** How long reading has failed, and the end of it. */
function createTrouble(outputFile: string, limit: number) {
  let since: number | undefined;
  return {
    /** It works. */
    over(): void {
      since = undefined;
    },
    /** It failed. Throws a `ToolError` when it has for too long. */
    tell(error: unknown): void {
      since ??= Date.now();
      if (Date.now() - since < limit) return;
      throw new ToolError(
        `What the command left in ${outputFile} and beside it cannot be read: ${(error as Error).message}.`,
        'The command may still run. See that these files can be read, then resume the run.',
        { cause: error },
      );
    },
  };
}

/**
 * Whether the keeper, or a command it left behind when it was killed, still runs; `unwatched` when it was killed before
 * it could say what it started, if anything. Rejects when its record cannot be read.
 */
export async function lifeOfCommand(
  outputFile: string,
  keeper: ProcessIdentity,
): Promise<Life | 'unwatched'> {
  const life = await lifeOf(keeper);
  if (life === 'alive') return life;
  const record = await readRecord(outputFile);
  if (life === 'gone' && record?.children.length === 0 && (await isOfThisBoot(keeper))) return 'unwatched';
  const lives = new Set([life, ...(await Promise.all((record?.children ?? []).map(lifeOf)))]);
  if (lives.has('alive')) return 'alive';
  return lives.has('unknown') ? 'unknown' : 'gone';
}

/** Whether every process of the command is gone, with its keeper still at work on what to leave. */
async function hasEnded(outputFile: string): Promise<boolean> {
  const children = (await readRecord(outputFile))?.children ?? [];
  const lives = await Promise.all(children.map(lifeOf));
  return lives.length > 0 && lives.every((life) => life === 'gone');
}

async function deliver(outputFile: string, keeper: ProcessIdentity, signal: StopSignal): Promise<void> {
  // The keeper passes it on: it alone knows for certain which processes are still its own.
  if ((await lifeOf(keeper)) === 'alive') {
    send(keeper.pid, signal === 'SIGKILL' ? 'SIGUSR2' : signal);
    return;
  }
  const record = await readRecord(outputFile);
  for (const child of record?.children ?? []) if ((await lifeOf(child)) === 'alive') send(-child.pid, signal);
}

/** The end of a command whose keeper was killed: nobody saw its exit status. */
async function unknownEnd(outputFile: string): Promise<CommandExit> {
  const hash = createHash('sha256');
  let outputBytes = 0;
  const file = await openIfThere(outputFile);
  for await (const chunk of file?.createReadStream() ?? []) {
    hash.update(chunk as Buffer);
    outputBytes += (chunk as Buffer).length;
  }
  const endedAt = new Date().toISOString();
  return { code: null, signal: null, outputBytes, outputSha256: hash.digest('hex'), endedAt };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
