/** Small programs for the command tests, and a place for their output. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';
import type { RunningCommand } from '../../../source/engine/ports.ts';
import { createCommands } from '../../../source/adapters/command/commands.ts';

export const commands = createCommands({ environment: process.env });

export async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'command-'));
  t.after(async () => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A command that runs the JavaScript text. */
export async function program(directory: string, name: string, text: string): Promise<string[]> {
  const path = join(directory, `${name}.mjs`);
  await writeFile(path, text);
  return [process.execPath, path];
}

/** Ends the command when the test is over, however the test went. */
export function endAfter(t: TestContext, command: RunningCommand): RunningCommand {
  t.after(() => command.signal('SIGKILL'));
  return command;
}

/** Everything a command shows. */
export async function all(output: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of output) text += piece;
  return text;
}

/** Reads output until it holds the text. */
export async function shows(output: AsyncIterable<string>, text: string): Promise<string> {
  let seen = '';
  for await (const piece of output) {
    seen += piece;
    if (seen.includes(text)) return seen;
  }
  throw new Error(`the output ended without "${text}": ${seen}`);
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
