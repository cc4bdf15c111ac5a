/** Following a command through the files its keeper writes: the same for one just started and one found again. */
import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { CommandExit, ProcessIdentity, RunningCommand, StopSignal } from '../../engine/ports.ts';
import { readExit, readRecord } from './keeping.ts';
import { isAlive, send } from './processes.ts';

/** Between looks when nothing wakes us, because not every file system tells of changes. Milliseconds. */
const pollInterval = 200;
/** Between looks whether the keeper still lives. Milliseconds. */
const lifeInterval = 1_000;
const pieceBytes = 256 * 1024;

interface Waker {
  /** Resolves at the next change of the files, or after the poll interval. */
  next(): Promise<void>;
  close(): void;
}

function createWaker(outputFile: string): Waker {
  let pending = Promise.withResolvers<void>();
  const wake = (): void => {
    pending.resolve();
    pending = Promise.withResolvers<void>();
  };
  const timer = setInterval(wake, pollInterval);
  const name = basename(outputFile);
  let watcher: ReturnType<typeof watch> | undefined;
  try {
    watcher = watch(dirname(outputFile), (_event, file) => {
      if (file === null || file.startsWith(name)) wake();
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // No more watches to be had: looking every so often is enough.
  }
  return {
    next: async () => pending.promise,
    close() {
      clearInterval(timer);
      watcher?.close();
      pending.resolve();
    },
  };
}

/** Follows the command whose output goes to `outputFile`, from its beginning. `keeper` is the process it is found by. */
export function follow(outputFile: string, keeper: ProcessIdentity): RunningCommand {
  const waker = createWaker(outputFile);
  const detachment = new AbortController();
  const detached = detachment.signal;
  let ended: CommandExit | undefined;

  const watchForEnd = async (): Promise<CommandExit> => {
    let looked = Date.now();
    for (;;) {
      const woken = waker.next();
      ended = await readExit(outputFile);
      if (ended === undefined && Date.now() - looked >= lifeInterval) {
        if (!(await somethingLives(outputFile, keeper))) {
          ended = (await readExit(outputFile)) ?? (await unknownEnd(outputFile));
        }
        looked = Date.now();
      }
      if (detached.aborted) return new Promise(() => {});
      if (ended !== undefined) {
        waker.close();
        return ended;
      }
      await woken;
    }
  };

  async function* read(): AsyncGenerator<string> {
    let file: FileHandle | undefined;
    try {
      const decoder = new StringDecoder('utf8');
      const piece = Buffer.allocUnsafe(pieceBytes);
      let position = 0;
      while (!detached.aborted) {
        const woken = waker.next();
        const last = ended !== undefined;
        file ??= await openIfThere(outputFile);
        const bytesRead = (await file?.read(piece, 0, piece.length, position))?.bytesRead ?? 0;
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

  return {
    identity: keeper,
    output: { [Symbol.asyncIterator]: read },
    exit: watchForEnd(),
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

/** Whether the keeper, or a command it left behind when it was killed, still runs. */
export async function somethingLives(outputFile: string, keeper: ProcessIdentity): Promise<boolean> {
  if (await isAlive(keeper)) return true;
  const record = await readRecord(outputFile);
  const lives = await Promise.all((record?.children ?? []).map(isAlive));
  return lives.includes(true);
}

async function deliver(outputFile: string, keeper: ProcessIdentity, signal: StopSignal): Promise<void> {
  // The keeper passes it on: it alone knows for certain which processes are still its own.
  if (await isAlive(keeper)) {
    send(keeper.pid, signal === 'SIGKILL' ? 'SIGUSR2' : signal);
    return;
  }
  const record = await readRecord(outputFile);
  for (const child of record?.children ?? []) if (await isAlive(child)) send(-child.pid, signal);
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
