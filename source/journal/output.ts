/** The files that hold what the commands of a run printed. They are written by the commands' keepers. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunState } from '../engine/state.ts';
import { ToolError } from '../runbook/errors.ts';
import { errorCode, reason } from './state-directory.ts';
import type { RunFiles } from './state-directory.ts';

/** The output file of an attempt. */
export function outputFile(files: RunFiles, step: string, attempt: number): string {
  return join(files.output, `${step}-${attempt}.log`);
}

/** The last `maxBytes` of a file, cut to whole lines; empty when there is no such file. */
export async function readTail(path: string, maxBytes: number): Promise<string> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - maxBytes);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    const text = buffer.toString('utf8', 0, bytesRead);
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await handle.close();
  }
}

/** The last `maxBytes` of an attempt's output and how many lines there are in all; undefined when there is none. */
export async function readOutput(
  files: RunFiles,
  step: string,
  attempt: number,
  maxBytes: number,
): Promise<{ text: string; lines: number } | undefined> {
  const path = outputFile(files, step, attempt);
  const text = await readTail(path, maxBytes);
  if (text === '') return undefined;
  const { size } = await stat(path);
  return { text, lines: size <= maxBytes ? linesIn(text) : await countLines(path) };
}

function linesIn(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  return text.endsWith('\n') ? lines : lines + 1;
}

/** Lines of a file; an unfinished last one counts. */
async function countLines(path: string): Promise<number> {
  let lines = 0;
  let last = 10;
  for await (const chunk of createReadStream(path)) {
    const bytes = chunk as Buffer;
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1;
    last = bytes.at(-1) ?? last;
  }
  return last === 10 ? lines : lines + 1;
}

/** An output file that is not what the journal says it was when its command ended. */
export interface AlteredOutput {
  step: string;
  attempt: number;
  file: string;
  /** What is wrong with it, a clause. */
  what: string;
}

/** The attempts whose output file is not what the journal says it was when its command ended. */
export async function alteredOutputs(files: RunFiles, state: RunState): Promise<AlteredOutput[]> {
  const altered: AlteredOutput[] = [];
  for (const { id, attempts } of Object.values(state.steps)) {
    for (const { number, exit } of attempts) {
      if (exit === undefined || exit.failure !== undefined) continue;
      const file = outputFile(files, id, number);
      const what = await difference(file, exit);
      if (what !== undefined) altered.push({ step: id, attempt: number, file, what });
    }
  }
  return altered;
}

/** Kept outputs of commands whose end the journal does not tell, so that nothing says what they have to be. */
export function endlessOutputs(state: RunState, names: readonly string[]): string[] {
  const kept = new Set(names);
  return Object.values(state.steps).flatMap(({ id, attempts }) =>
    attempts
      .filter(({ exit }) => exit === undefined)
      .map(({ number }) => `${id}-${number}.log`)
      .filter((name) => kept.has(name)),
  );
}

async function difference(
  file: string,
  exit: { outputBytes: number; outputSha256: string },
): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') return `it cannot be read: ${reason(error)}`;
    return exit.outputBytes === 0 ? undefined : 'it is missing';
  }
  return hash.digest('hex') === exit.outputSha256 ? undefined : "its SHA-256 differs from the journal's";
}

/** Names of the files that hold output, as they are now. */
export async function outputNames({ output }: RunFiles): Promise<string[]> {
  try {
    return (await readdir(output)).sort();
  } catch {
    return [];
  }
}

/** Throws `ToolError` when commands ran that the journal does not tell of. `names` as for `untoldOutputs`. */
export function requireTold(files: RunFiles, state: RunState, names: readonly string[]): void {
  const [untold] = untoldOutputs(files, state, names);
  if (untold === undefined) return;
  throw new ToolError(
    `${files.journal} does not tell of the command that wrote ${untold}: lines are missing at its end.`,
    'It is left as it is. Restore it from a backup, or begin a new run: it looks at the cluster before it does anything.',
  );
}

/**
 * Files of attempts that the journal does not tell of. An attempt is in the journal before its first file is made, so
 * each of them shows that lines are missing at the journal's end. `names` are those of the output files, listed before
 * the journal was read: the run may be going on.
 */
export function untoldOutputs(files: RunFiles, state: RunState, names: readonly string[]): string[] {
  const told = new Set(
    Object.values(state.steps).flatMap(({ id, attempts }) =>
      attempts.filter(({ startedAt }) => startedAt !== undefined).map(({ number }) => `${id}-${number}.log`),
    ),
  );
  return names
    .filter((name) => {
      const [, output] = /^(.+-\d+\.log)(?:\.|$)/.exec(name) ?? [];
      return output !== undefined && !told.has(output);
    })
    .map((name) => join(files.output, name));
}
