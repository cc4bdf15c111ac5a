/**
 * What the tool and a keeper say to each other, and the files a keeper leaves beside an attempt's output:
 * `OUTPUT.keeper.json` from before anything is started, `OUTPUT.exit.json` once it has ended. All are 0600.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CommandExit, ProcessIdentity } from '../../engine/ports.ts';

/** The first line to a keeper's standard input. A second line, `go`, lets it start the pipeline. */
export interface KeeperRequest {
  pipeline: readonly (readonly string[])[];
  outputFile: string;
}

/**
 * The lines a keeper answers: `ready` when its record is on disk and it waits for `go`, then `started`; or
 * `refused`, and nothing was or will be started.
 */
export type KeeperAnswer = { kind: 'ready' | 'started' } | { kind: 'refused'; why: string };

export interface KeeperRecord {
  identity: ProcessIdentity;
  /** The pipeline's processes, each the leader of its own group; empty until they are started. */
  children: readonly ProcessIdentity[];
}

export const recordFile = (outputFile: string): string => `${outputFile}.keeper.json`;
export const exitFile = (outputFile: string): string => `${outputFile}.exit.json`;

/** What the keeper of this output file left, or undefined when there is none. */
export async function readRecord(outputFile: string): Promise<KeeperRecord | undefined> {
  try {
    return await readJson<KeeperRecord>(recordFile(outputFile));
  } catch (error) {
    // Cut off while it was written: the keeper ended before it could start anything.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** How the command of this output file ended, or undefined when it has not. Rejects when that cannot be read. */
export async function readExit(outputFile: string): Promise<CommandExit | undefined> {
  const path = exitFile(outputFile);
  const exit = await readJson<CommandExit | null>(path);
  if (exit === undefined) return undefined;
  if (typeof exit !== 'object' || exit === null || !('code' in exit))
    throw new Error(`${path} is not the record of an end`);
  return exit;
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a file that is there whole or not at all, and stays through a power failure. */
export async function writeDurably(path: string, value: unknown): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(value)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
