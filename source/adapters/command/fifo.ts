/**
 * A pipe as a shell makes one. Node connects the programs it starts by sockets; into one, a program that writes every
 * line by itself writes at a third of the speed.
 */
import { constants, closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { execa } from 'execa';

export interface Pipe {
  reader: Readable;
  /** For the program that writes; it ends the reader once nobody has it any longer. */
  writer: number;
  /** Gives up our own hold of the writer, once the program has it. */
  handOver(): void;
}

/** Makes a pipe that only we can open, and that has no name any longer. Undefined where there is none to be had. */
export async function makePipe(): Promise<Pipe | undefined> {
  if (process.platform === 'win32') return undefined;
  let directory: string | undefined;
  let descriptor: number | undefined;
  try {
    directory = await mkdtemp(join(tmpdir(), 'aks-kms-runbook-'));
    const path = join(directory, 'output');
    await execa('mkfifo', ['-m', '600', path]);
    // Without waiting for a writer, who would wait for a reader.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    // It reads when it is asked to, so that the pipe fills meanwhile, and not as often as a line is written.
    const options = { fd: descriptor, readable: true, writable: false, readableHighWaterMark: 1 };
    const reader = new Socket(options);
    return { reader, writer, handOver: () => closeSync(writer) };
  } catch {
    if (descriptor !== undefined) closeSync(descriptor);
    return undefined;
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true }).catch(() => {});
  }
}
