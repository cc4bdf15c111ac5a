import { link, open, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JournalRecord, RunEvent } from '../engine/events.ts';
import type { Clock, JournalWriter } from '../engine/ports.ts';
import { ToolError } from '../runbook/errors.ts';
import { chainStart, encodeLine, readChain } from './chain.ts';
import { outputFile, readTail } from './output.ts';
import type { Journal } from './read.ts';
import { errorCode, makePrivateDirectory, reason } from './state-directory.ts';
import type { RunFiles } from './state-directory.ts';

/** A record that takes longer than this to get to disk is worth a word. Milliseconds. */
const slowAfter = 3_000;

/** Told, while it lasts, that the disk takes its time. */
type OnSlow = (text: string) => void;

/** The one writer of a run's journal. Whoever makes one holds the run's lock. */
export class FileJournal implements JournalWriter {
  readonly #files: RunFiles;
  readonly #handle: FileHandle;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onSlow: OnSlow;
  #sequence: number;
  #head: string;
  #length: number;
  #broken: ToolError | undefined;

  private constructor(
    files: RunFiles,
    handle: FileHandle,
    clock: Pick<Clock, 'now'>,
    onSlow: OnSlow,
    journal?: Journal,
  ) {
    this.#files = files;
    this.#handle = handle;
    this.#clock = clock;
    this.#onSlow = onSlow;
    this.#sequence = journal?.records.length ?? 0;
    this.#head = journal?.head ?? chainStart;
    this.#length = journal?.goodBytes ?? 0;
  }

  /** Begins the journal of a new run. Throws `ToolError` when there is one already or the disk refuses. */
  static async create(
    files: RunFiles,
    clock: Pick<Clock, 'now'>,
    onSlow: OnSlow = () => undefined,
  ): Promise<FileJournal> {
    await makePrivateDirectory(files.output);
    return opened(files, 'ax+', async (handle) => {
      await syncDirectory(dirname(files.journal));
      await syncDirectory(dirname(files.directory));
      return new FileJournal(files, handle, clock, onSlow);
    });
  }

  /** Goes on with the journal of a run, after cutting off a torn last line. */
  static async reopen(
    files: RunFiles,
    clock: Pick<Clock, 'now'>,
    journal: Journal,
    onSlow: OnSlow = () => undefined,
  ): Promise<FileJournal> {
    await makePrivateDirectory(files.output);
    return opened(files, 'a+', async (handle) => {
      if (journal.tornBytes > 0) {
        await handle.truncate(journal.goodBytes);
        await handle.sync();
      }
      return new FileJournal(files, handle, clock, onSlow, journal);
    });
  }

  /** Whether it holds no record yet. */
  get isEmpty(): boolean {
    return this.#sequence === 0;
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
    const slow = setTimeout(() => {
      this.#onSlow(`The disk has not taken a record of the journal for ${slowAfter / 1000}s.`);
    }, slowAfter);
    try {
      await this.#requireUntouched();
      await this.#writeAll(bytes);
      await this.#handle.sync();
    } catch (error) {
      this.#broken = error instanceof ToolError ? error : unwritable(this.#files, error);
      // What was half written would be cut off on the next opening anyway; this keeps the file whole until then.
      if (!(error instanceof ToolError)) await this.#handle.truncate(this.#length).catch(() => undefined);
      throw this.#broken;
    } finally {
      clearTimeout(slow);
    }
    this.#sequence = record.sequence;
    this.#head = hash;
    this.#length += bytes.length;
    return record;
  }

  async check(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      await this.#requireUntouched();
    } catch (error) {
      this.#broken = error instanceof ToolError ? error : unwritable(this.#files, error);
      throw this.#broken;
    }
  }

  outputFile(step: string, attempt: number): string {
    return outputFile(this.#files, step, attempt);
  }

  readOutput(step: string, attempt: number, maxBytes: number): Promise<string> {
    return readTail(this.outputFile(step, attempt), maxBytes);
  }

  /** Lets go of the file. Every record was on disk before, so what closing it says is of no consequence. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, written);
      written += bytesWritten;
    }
  }

  /** The file is still where it was and as long as it was left: nobody removed it or wrote to it meanwhile. */
  async #requireUntouched(): Promise<void> {
    const { journal } = this.#files;
    const { nlink, size } = await this.#handle.stat();
    if (nlink === 0) throw await this.#deleted();
    if (size !== this.#length) {
      throw new ToolError(
        `${journal} was changed by something else while the run was going on.`,
        'Find out what writes there; check the journal with the command verify, then resume.',
      );
    }
    try {
      await stat(journal);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      throw new ToolError(
        `${journal} is no longer there: it was moved while the run was going on, or its file system is gone.`,
        'Nothing more can be recorded, so nothing more is done. Put the run directory back in its place, then resume.',
      );
    }
  }

  /** The open file still holds what was deleted: it is put back, so that the run can be resumed all the same. */
  async #deleted(): Promise<ToolError> {
    const what = `${this.#files.journal} was deleted while the run was going on.`;
    try {
      await this.#putBack();
      return new ToolError(
        `${what} It was put back; what commands had printed was not.`,
        'Nothing more is done. Find out what deletes there, then resume the run.',
      );
    } catch (error) {
      return new ToolError(
        `${what} It could not be put back: ${reason(error)}.`,
        'Nothing more can be recorded, so nothing more is done. Restore the run directory from a backup, then resume.',
        { cause: error },
      );
    }
  }

  async #putBack(): Promise<void> {
    const bytes = Buffer.alloc(this.#length);
    const { bytesRead } = await this.#handle.read(bytes, 0, bytes.length, 0);
    if (readChain(bytes.subarray(0, bytesRead)).head !== this.#head)
      throw new Error('it was altered as well');
    await makePrivateDirectory(this.#files.output);
    const { journal } = this.#files;
    const draft = `${journal}.restored`;
    try {
      const handle = await open(draft, 'w', 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      // Whole or not at all, and not over a file that has taken its place.
      await link(draft, journal);
      await syncDirectory(dirname(journal));
    } finally {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }
}

/** Opens the journal and hands it on. Closes it when that fails. */
async function opened(
  files: RunFiles,
  flags: string,
  use: (handle: FileHandle) => Promise<FileJournal>,
): Promise<FileJournal> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(files.journal, flags, 0o600);
    return await use(handle);
  } catch (error) {
    await handle?.close().catch(() => undefined);
    throw unwritable(files, error);
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
