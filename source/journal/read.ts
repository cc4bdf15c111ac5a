import { readFile } from 'node:fs/promises';
import type { JournalRecord } from '../engine/events.ts';
import { replay } from '../engine/reduce.ts';
import type { RunState } from '../engine/state.ts';
import { ToolError, UsageError } from '../runbook/errors.ts';
import { readChain } from './chain.ts';
import type { ChainReading } from './chain.ts';
import { upgrade } from './formats.ts';
import { errorCode, isThere, reason } from './state-directory.ts';
import type { RunFiles } from './state-directory.ts';
import { strangeRecord } from './shape.ts';

/** A journal that can be believed, and what it adds up to. */
export interface Journal {
  records: readonly JournalRecord[];
  state: RunState;
  /** Hash of the last line. */
  head: string;
  /** Bytes of whole lines in the file; a torn tail comes after them. */
  goodBytes: number;
  tornBytes: number;
}

/**
 * The journal's chain as it is on disk, believed or not. Throws `UsageError` when there is no such run, and
 * `ToolError` when there is one whose journal is missing or cannot be read.
 */
export async function readJournalChain(files: RunFiles): Promise<ChainReading> {
  try {
    return readChain(await readFile(files.journal));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') {
      throw new ToolError(`${files.journal} cannot be read: ${reason(error)}.`, 'Check its permissions.', {
        cause: error,
      });
    }
    if (await isThere(files.directory)) {
      throw new ToolError(
        `${files.journal} is missing: the run ended before it began, or the file was deleted.`,
        'Restore it from a backup, or begin a new run: it looks at the cluster before it does anything.',
      );
    }
    throw new UsageError(`There is no run in ${files.directory}.`, 'List the runs with the command runs.');
  }
}

/**
 * Reads a run. Changes nothing. Throws `ToolError` when the chain is broken anywhere but in a torn last line, when
 * the format is not one this version reads, or when the records make no run.
 */
export async function readJournal(files: RunFiles): Promise<Journal> {
  return addUp(files, await readJournalChain(files));
}

/** What a chain adds up to. Throws as `readJournal` does. */
export function addUp(files: RunFiles, chain: ChainReading): Journal {
  const { head, goodBytes, tornBytes, problem } = chain;
  if (problem !== undefined) {
    throw new ToolError(
      `${files.journal}, line ${problem.line}: ${problem.what}.`,
      'The journal was changed after it was written and is left as it is. Restore it from a backup, or begin a new run.',
    );
  }
  const records = upgrade(chain.records, files.journal);
  const strange = strangeRecord(records);
  if (strange !== undefined) {
    throw new ToolError(
      `${files.journal}, line ${strange.sequence}: this version does not know such a record (${strange.event.type}).`,
      'Use the version of the tool that wrote it. The journal is left as it is.',
    );
  }
  let state: RunState | undefined;
  try {
    state = replay(records);
  } catch (cause) {
    throw new ToolError(
      `${files.journal} does not add up to a run: ${cause instanceof Error ? cause.message : String(cause)}.`,
      'Use the version of the tool that wrote it, or begin a new run.',
      { cause },
    );
  }
  if (state === undefined) {
    throw new ToolError(
      `${files.journal} is empty: the run ended before it began, or the file was emptied.`,
      `If nothing is in ${files.output} either, delete ${files.directory} and begin a new run. Otherwise restore the journal from a backup.`,
    );
  }
  return { records, state, head, goodBytes, tornBytes };
}
