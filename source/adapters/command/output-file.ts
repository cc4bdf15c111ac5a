/** The output of an attempt, as its keeper writes it. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createCleaner } from '../../engine/clean.ts';
import { createRedactor } from '../../engine/redaction.ts';

/** A stream is read on while this much waits to be written. Characters. */
const mostWaiting = 1024 * 1024;

export interface OutputFile {
  /**
   * Copies a stream into the file, cleaned and redacted. It reads no faster than the file is written. A file that
   * cannot be written to any more is given up and the stream read on, so that the command never waits for it.
   */
  copy(stream: Readable): Promise<void>;
  /** Puts what was written on disk. */
  close(): Promise<{ bytes: number; sha256: string }>;
}

export async function createOutputFile(path: string): Promise<OutputFile> {
  const file = await open(path, 'w', 0o600);
  const hash = createHash('sha256');
  let bytes = 0;
  let broken = false;
  let waiting = '';
  let flushing: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    // Not before `flushing` is set, which the end of this function takes back.
    await Promise.resolve();
    while (waiting !== '') {
      const data = Buffer.from(waiting);
      waiting = '';
      try {
        if (!broken) await file.writeFile(data);
      } catch {
        broken = true;
      }
      if (broken) continue;
      hash.update(data);
      bytes += data.length;
    }
    flushing = undefined;
  };
  // What comes while the file is busy is written in one go after it.
  const write = async (text: string): Promise<void> => {
    waiting += text;
    flushing ??= flush();
    if (waiting.length > mostWaiting) await flushing;
  };

  return {
    async copy(stream) {
      const decoder = new StringDecoder('utf8');
      const cleaner = createCleaner();
      const redactor = createRedactor();
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>)
          await write(redactor.push(cleaner.push(decoder.write(chunk))));
      } catch {
        // The stream was given up by its owner; what came until then is kept.
      }
      await write(redactor.push(cleaner.push(decoder.end()) + cleaner.end()) + redactor.end());
    },
    async close() {
      await flushing;
      // A partial write is possible before the failure: the record then speaks of what is known to be there.
      if (!broken) await file.sync().catch(() => {});
      await file.close();
      return { bytes, sha256: hash.digest('hex') };
    },
  };
}
