/** The files that hold what the commands of a run printed. They are written by the commands' keepers. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunState } from '../engine/state.ts';
import { errorCode } from './state-directory.ts';
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

/** The attempts whose output file is not what the journal says it was when its command ended. */
export async function alteredOutputs(
  files: RunFiles,
  state: RunState,
): Promise<{ step: string; attempt: number; file: string }[]> {
  const altered: { step: string; attempt: number; file: string }[] = [];
  for (const { id, attempts } of Object.values(state.steps)) {
    for (const { number, exit } of attempts) {
      if (exit === undefined || exit.failure !== undefined) continue;
      const file = outputFile(files, id, number);
      if ((await digest(file)) !== exit.outputSha256) altered.push({ step: id, attempt: number, file });
    }
  }
  return altered;
}

/** SHA-256 (hex) of a file; of nothing when there is none. */
async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return hash.digest('hex');
}
