import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JournalRecord, RunEvent } from '../engine/events.ts';
import type { Clock, JournalWriter } from '../engine/ports.ts';
import { ToolError } from '../runbook/errors.ts';
import { chainStart, encodeLine } from './chain.ts';
import { outputFile, readTail } from './output.ts';
import type { Journal } from './read.ts';
import { makePrivateDirectory, reason } from './state-directory.ts';
import type { RunFiles } from './state-directory.ts';

/** The one writer of a run's journal. Whoever makes one holds the run's lock. */
export class FileJournal implements JournalWriter {
  readonly #files: RunFiles;
  readonly #handle: FileHandle;
  readonly #clock: Pick<Clock, 'now'>;
  #sequence: number;
  #head: string;
  #length: number;
  #broken: ToolError | undefined;

  private constructor(files: RunFiles, handle: FileHandle, clock: Pick<Clock, 'now'>, journal?: Journal) {
    this.#files = files;
    this.#handle = handle;
    this.#clock = clock;
    this.#sequence = journal?.records.length ?? 0;
    this.#head = journal?.head ?? chainStart;
    this.#length = journal?.goodBytes ?? 0;
  }

  /** Begins the journal of a new run. Throws `ToolError` when there is one already or the disk refuses. */
  static async create(files: RunFiles, clock: Pick<Clock, 'now'>): Promise<FileJournal> {
    await makePrivateDirectory(files.output);
    try {
      const handle = await open(files.journal, 'ax', 0o600);
      await syncDirectory(dirname(files.journal));
      await syncDirectory(dirname(files.directory));
      return new FileJournal(files, handle, clock);
    } catch (error) {
      throw unwritable(files, error);
    }
  }

  /** Goes on with the journal of a run, after cutting off a torn last line. */
  static async reopen(files: RunFiles, clock: Pick<Clock, 'now'>, journal: Journal): Promise<FileJournal> {
    try {
      await makePrivateDirectory(files.output);
      const handle = await open(files.journal, 'a', 0o600);
      if (journal.tornBytes > 0) {
        await handle.truncate(journal.goodBytes);
        await handle.sync();
      }
      return new FileJournal(files, handle, clock, journal);
    } catch (error) {
      throw unwritable(files, error);
    }
  }

  /** Hash of the last line. */
  get head(): string {
    return this.#head;
  }

  async append(event: RunEvent): Promise<JournalRecord> {
    if (this.#broken !== undefined) throw this.#broken;
    const record: JournalRecord = {
      sequence: this.#sequence + 1,
      time: this.#clock.now().toISOString(),
      event,
    };
    const { line, hash } = encodeLine(record, this.#head);
    const bytes = Buffer.from(`${line}\n`);
    try {
      await this.#requireUntouched();
      await this.#writeAll(bytes);
      await this.#handle.sync();
    } catch (error) {
      this.#broken = error instanceof ToolError ? error : unwritable(this.#files, error);
      // What was half written would be cut off on the next opening anyway; this keeps the file whole until then.
      if (!(error instanceof ToolError)) await this.#handle.truncate(this.#length).catch(() => undefined);
      throw this.#broken;
    }
    this.#sequence = record.sequence;
    this.#head = hash;
    this.#length += bytes.length;
    return record;
  }

  outputFile(step: string, attempt: number): string {
    return outputFile(this.#files, step, attempt);
  }

  readOutput(step: string, attempt: number, maxBytes: number): Promise<string> {
    return readTail(this.outputFile(step, attempt), maxBytes);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, written);
      written += bytesWritten;
    }
  }

  /** The file is still where it was and as long as it was left: nobody deleted it or wrote to it meanwhile. */
  async #requireUntouched(): Promise<void> {
    const { nlink, size } = await this.#handle.stat();
    if (nlink === 0) {
      throw new ToolError(
        `${this.#files.journal} was deleted while the run was going on.`,
        'Nothing more can be recorded, so nothing more is done. Restore the directory, then resume.',
      );
    }
    if (size !== this.#length) {
      throw new ToolError(
        `${this.#files.journal} was changed by something else while the run was going on.`,
        'Find out what writes there; check the journal with the command verify, then resume.',
      );
    }
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory for this, and does not need it.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unwritable(files: RunFiles, error: unknown): ToolError {
  return new ToolError(
    `${files.journal} cannot be written: ${reason(error)}.`,
    'Nothing more is done until it can. Make room or restore access, then resume the run.',
    { cause: error },
  );
}
