/** The output of an attempt, as its keeper writes it. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import { getSystemErrorMap } from 'node:util';
import { createCleaner } from '../../engine/clean.ts';
import { createRedactor } from '../../engine/redaction.ts';

/** A stream is read on while this much waits to be written; on a full disk this much is kept. Characters. */
const mostWaiting = 1024 * 1024;
/** Between tries to write to a file that could not be written to. Milliseconds. */
const retryInterval = 500;
/** After less than this came from a stream, it is left alone for so long: what comes line by line gathers. Bytes, milliseconds. */
const few = 1024;
const restMs = 1;
/** After less than this, for so long: a fast writer fills a pipe sooner than a timer ends, and would wait for us. */
const enough = 32 * 1024;
const shortRestMs = 0.1;
/** Nothing ever wakes who waits on it. */
const nothing = new Int32Array(new SharedArrayBuffer(4));
const newline = 0x0a;

export interface Kept {
  /** Bytes in the file, and their SHA-256 (hex). */
  bytes: number;
  sha256: string;
  /** Bytes that are not in the file, because there was no room for them. */
  lost: number;
  /** Why the file could not be synced, if so: a failure told once, while what was written before it may be gone. */
  unsynced?: string | undefined;
}

export interface OutputFile {
  /**
   * Copies a stream into the file, cleaned and redacted. It reads no faster than the file is written. When the file
   * cannot be written to, the stream is read on all the same, so that the command never waits for it: the newest
   * text is kept and tried again, and when there is room again a line in the file says how much is missing.
   */
  copy(stream: Readable): Promise<void>;
  /** Tries to write what still waits, puts it on disk, and tells what is there. May be called again. */
  settle(): Promise<Kept>;
  close(): Promise<void>;
}

/** Creates the file, empty. Rejects when it cannot be created. */
export async function createOutputFile(path: string): Promise<OutputFile> {
  const file = await open(path, 'w', 0o600);
  const hash = createHash('sha256');
  let bytes = 0;
  let endsLine = true;
  /** Text that has not been tried to write. */
  let waiting = '';
  /** What is left of text that could be written in part or not at all. */
  let rest: Buffer = Buffer.alloc(0);
  /** Bytes given up, and those of them the file does not tell of yet. */
  let lost = 0;
  let untold = 0;
  let trouble: string | undefined;
  let unsynced: string | undefined;
  let flushing: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;

  /** Writes all of it, or throws and leaves what was not written in `rest`. */
  const put = async (data: Buffer): Promise<void> => {
    rest = data;
    while (rest.length > 0) {
      // At a place of its own, since a write that failed may have moved the file's.
      const { bytesWritten } = await file.write(rest, 0, rest.length, bytes);
      const written = rest.subarray(0, bytesWritten);
      hash.update(written);
      bytes += bytesWritten;
      endsLine = written.at(-1) === newline;
      rest = rest.subarray(bytesWritten);
    }
  };

  const flush = async (): Promise<void> => {
    // Not before `flushing` is set, which the end of this function takes back. Between the last look for more and
    // that nothing may be awaited: what came then would be forgotten.
    await Promise.resolve();
    try {
      if (rest.length > 0) await put(rest);
      while (waiting !== '' || untold > 0) {
        if (untold > 0) {
          const mark = `${endsLine ? '' : '\n'}[${untold} bytes of output were lost: ${trouble}]\n`;
          untold = 0;
          await put(Buffer.from(mark));
        }
        const data = Buffer.from(waiting);
        waiting = '';
        await put(data);
      }
      trouble = undefined;
    } catch (error) {
      trouble = systemReason(error);
      giveUpOldest();
      retry ??= setTimeout(() => {
        retry = undefined;
        flushing ??= flush();
      }, retryInterval);
    }
    flushing = undefined;
  };

  /** Leaves no more waiting than may be kept, whole lines if possible. */
  const giveUpOldest = (): void => {
    if (waiting.length <= mostWaiting) return;
    const enough = waiting.length - mostWaiting / 2;
    const cut = waiting.indexOf('\n', enough) + 1 || enough;
    const count = Buffer.byteLength(waiting.slice(0, cut));
    lost += count;
    untold += count;
    waiting = waiting.slice(cut);
  };

  // What comes while the file is busy is written in one go after it.
  const write = async (text: string): Promise<void> => {
    waiting += text;
    if (trouble === undefined) flushing ??= flush();
    else if (flushing === undefined) giveUpOldest();
    if (waiting.length > mostWaiting) await flushing;
  };

  return {
    async copy(stream) {
      const decoder = new StringDecoder('utf8');
      const cleaner = createCleaner();
      const redactor = createRedactor();
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          await write(redactor.push(cleaner.push(decoder.write(chunk))));
          if (chunk.length < few) await delay(restMs);
          else if (chunk.length < enough) Atomics.wait(nothing, 0, 0, shortRestMs);
        }
      } catch {
        // The stream was given up by its owner; what came until then is kept.
      }
      await write(redactor.push(cleaner.push(decoder.end()) + cleaner.end()) + redactor.end());
    },
    async settle() {
      await flushing;
      if (trouble !== undefined) await (flushing ??= flush());
      await file.sync().catch((error: unknown) => {
        unsynced ??= systemReason(error);
      });
      const unwritten = rest.length + Buffer.byteLength(waiting);
      return { bytes, sha256: hash.copy().digest('hex'), lost: lost + unwritten, unsynced };
    },
    async close() {
      clearTimeout(retry);
      await flushing;
      clearTimeout(retry);
      // A network file system may only now tell of what it could not write; the end of the command is recorded already.
      await file.close().catch(() => {});
    },
  };
}

/** What the system says of the error, as "no space left on device". */
function systemReason(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? message;
}
