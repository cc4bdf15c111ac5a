/** The change record of a run, from its directory. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { readOutput } from '../journal/output.ts';
import { readJournal } from '../journal/read.ts';
import { reason } from '../journal/state-directory.ts';
import type { RunFiles } from '../journal/state-directory.ts';
import { ToolError } from '../runbook/errors.ts';
import { buildRecord } from '../transcript/build.ts';
import type { AttemptOutput } from '../transcript/model.ts';
import { toMarkdown } from '../transcript/markdown.ts';

/** How much of an output goes into a record; the whole of it stays in the run's directory. */
const outputBytes = 1_000_000;

/** The Markdown change record of a run, finished or not. */
export async function markdownRecord(files: RunFiles): Promise<string> {
  const { records, state, head } = await readJournal(files);
  const outputs = new Map<string, AttemptOutput>();
  for (const { id, attempts } of Object.values(state.steps)) {
    for (const { number, command } of attempts) {
      const output = command && (await readOutput(files, id, number, outputBytes));
      if (output !== undefined) outputs.set(`${id}-${number}`, output);
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

/** Writes a file so that it is there whole or not at all, 0600. Throws `ToolError` when it cannot. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
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
      'Make room or choose another place.',
      { cause },
    );
  }
}
