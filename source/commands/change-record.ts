/** The change record of a run, from its directory. */
import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { alteredOutputs, readOutput, requireTold } from '../journal/output.ts';
import { readJournal } from '../journal/read.ts';
import { reason } from '../journal/state-directory.ts';
import type { RunFiles } from '../journal/state-directory.ts';
import { ToolError } from '../runbook/errors.ts';
import { buildRecord } from '../transcript/build.ts';
import type { AttemptOutput } from '../transcript/model.ts';
import { toMarkdown } from '../transcript/markdown.ts';

/** How much of an output goes into a record; the whole of it stays in the run's directory. */
const outputBytes = 1_000_000;

/** The Markdown change record of a run, finished or not. Throws `ToolError` when the journal cannot be believed. */
export async function markdownRecord(files: RunFiles): Promise<string> {
  const { records, state, head } = await readJournal(files);
  await requireTold(files, state);
  const altering = await alteredOutputs(files, state);
  const outputs = new Map<string, AttemptOutput>();
  for (const { id, attempts } of Object.values(state.steps)) {
    for (const { number, command } of attempts) {
      if (command === undefined) continue;
      const altered = altering.some((other) => other.step === id && other.attempt === number);
      const output = altered ? undefined : await readOutput(files, id, number, outputBytes);
      if (output !== undefined || altered)
        outputs.set(`${id}-${number}`, { text: '', lines: 0, ...output, altered });
    }
  }
  const output = (step: string, attempt: number): AttemptOutput | undefined =>
    outputs.get(`${step}-${attempt}`);
  return toMarkdown(buildRecord({ state, records, chainHead: head, output }));
}

/** Writes the change record into the run's directory. */
export async function writeTranscript(files: RunFiles): Promise<void> {
  await writeWhole(files.transcript, await markdownRecord(files));
}

/**
 * Writes a file so that it is there whole or not at all, 0600. What a link points to is written, and what is no file
 * (a pipe, a device) is written to and not replaced. Throws `ToolError` when it cannot be written.
 */
export async function writeWhole(given: string, text: string): Promise<void> {
  const path = await realpath(given).catch(() => given);
  const draft = `${path}.${randomUUID()}`;
  try {
    const present = await stat(path).catch(() => undefined);
    if (present !== undefined && !present.isFile()) {
      await writeFile(path, text);
      return;
    }
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new ToolError(
      `${path} cannot be written: ${reason(cause)}.`,
      'Choose a place that can be written, or make room there.',
      { cause },
    );
  }
}
