/** Files of a rehearsal's directory: whole ones replaced at once, and logs that only grow. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Characters gathered before they are written. */
const batch = 1 << 20;

/**
 * Replaces a file so that a crash leaves either the old or the new content, which may come in pieces. Mode 0600 unless
 * said otherwise.
 *
 * @throws the file system's error when the directory cannot be written.
 */
export function writeWhole(path: string, content: string | Iterable<string>, mode = 0o600): void {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const file = openSync(temporary, 'wx', mode);
  try {
    for (const text of typeof content === 'string' ? [content] : batches(content)) writeAll(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** A log that has what was appended even when this process is killed right afterwards. */
export class Log {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a', 0o600);
  }

  append(lines: string): void {
    writeAll(this.#file, lines);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function writeAll(file: number, content: string): void {
  const bytes = Buffer.from(content);
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}

function* batches(pieces: Iterable<string>): Generator<string> {
  let gathered = '';
  for (const piece of pieces) {
    gathered += piece;
    if (gathered.length < batch) continue;
    yield gathered;
    gathered = '';
  }
  yield gathered;
}
