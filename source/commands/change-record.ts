/** The change record of a run, from its directory. */
import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { RunState } from '../engine/state.ts';
import { alteredOutputs, outputNames, readOutput, requireTold } from '../journal/output.ts';
import { readJournal, readLines } from '../journal/read.ts';
import { reason } from '../journal/state-directory.ts';
import type { RunFiles } from '../journal/state-directory.ts';
import { ToolError, UsageError } from '../runbook/errors.ts';
import { buildRecord } from '../transcript/build.ts';
import type { RecordSource } from '../transcript/build.ts';
import { toHtml } from '../transcript/html-page.ts';
import { toJson } from '../transcript/json.ts';
import { toMarkdown } from '../transcript/markdown-page.ts';
import type { AttemptOutput, ChangeRecord } from '../transcript/model.ts';
import type { Redact } from '../transcript/scrub.ts';
import { within } from './redact-patterns.ts';
import { version } from './version.ts';

export type RecordFormat = 'markdown' | 'html' | 'json';

/** The ending of a file's name, by its format. */
export const extensions: Readonly<Record<RecordFormat, string>> = {
  markdown: 'md',
  html: 'html',
  json: 'json',
};

/** What a record is to be like, besides the run it is of. */
export interface RecordOptions {
  /** Outputs whole instead of shortened. */
  full?: boolean | undefined;
  /** Takes out more than secrets. */
  redactMore?: Redact | undefined;
}

/** How much of an output is read to be shortened; the whole of it stays in the run's directory. */
const outputBytes = 1_000_000;
/** The most that all outputs of a run, embedded whole, may come to. */
const fullBytes = 256 * 1024 * 1024;

/** The change record of a run, without a format. */
export async function recordOf(files: RunFiles): Promise<ChangeRecord> {
  return buildRecord((await sourceOf(files, false)).source);
}

/** The change record of a run, finished or not, and how many texts making it took secrets out of, or what was asked. */
export async function changeRecord(
  files: RunFiles,
  format: RecordFormat,
  options: RecordOptions = {},
): Promise<{ text: string; redactions: number; redactionsAsked: number }> {
  const { full = false, redactMore } = options;
  const { source, goodBytes } = await sourceOf(files, full);
  const lines = format === 'json' ? await readLines(files, goodBytes) : [];
  return within(redactMore, () => {
    const record = buildRecord({ ...source, full, redactMore });
    const { redactions, redactionsAsked } = record;
    const taken = { redactions, redactionsAsked };
    switch (format) {
      case 'markdown':
        return { text: toMarkdown(record, redactMore), ...taken };
      case 'html':
        return { text: toHtml(record, redactMore), ...taken };
      case 'json':
        return { text: toJson(record, lines, { version, redactMore }), ...taken };
    }
  });
}

/** What a record is made from, and how many bytes of the journal that is. */
async function sourceOf(
  files: RunFiles,
  full: boolean,
): Promise<{ source: RecordSource; goodBytes: number }> {
  const names = await outputNames(files);
  const { records, state, head, goodBytes } = await readJournal(files);
  requireTold(files, state, names);
  const outputs = await outputsOf(files, state, full);
  const output = (step: string, attempt: number): AttemptOutput | undefined =>
    outputs.get(`${step}-${attempt}`);
  return { source: { state, records, chainHead: head, output }, goodBytes };
}

/** The outputs that were kept, by step and attempt. */
async function outputsOf(
  files: RunFiles,
  state: RunState,
  full: boolean,
): Promise<Map<string, AttemptOutput>> {
  if (full) requireFitting(files, state);
  const altering = await alteredOutputs(files, state);
  const outputs = new Map<string, AttemptOutput>();
  for (const { id, attempts } of Object.values(state.steps)) {
    for (const { number, command } of attempts) {
      if (command === undefined) continue;
      const altered = altering.some((other) => other.step === id && other.attempt === number);
      const output = altered
        ? undefined
        : await readOutput(files, id, number, full ? fullBytes : outputBytes);
      if (output !== undefined || altered)
        outputs.set(`${id}-${number}`, { text: '', lines: 0, ...output, altered });
    }
  }
  return outputs;
}

function requireFitting({ output }: RunFiles, { steps }: RunState): void {
  const exits = Object.values(steps).flatMap(({ attempts }) => attempts.map(({ exit }) => exit));
  const bytes = exits.reduce((sum, exit) => sum + (exit?.outputBytes ?? 0), 0);
  if (bytes <= fullBytes) return;
  throw new UsageError(
    `The outputs of this run are ${bytes} bytes, more than fit into one file.`,
    `Leave --full out; they are in ${output}.`,
  );
}

/** Writes the change record where the run's transcript belongs. */
export async function writeTranscript(files: RunFiles): Promise<void> {
  await writeWhole(files.transcript, (await changeRecord(files, 'markdown')).text);
}

/** Writes the change record as Markdown and HTML, both where the transcript belongs, and returns the paths. */
export async function writeRecords(files: RunFiles): Promise<string[]> {
  await writeTranscript(files);
  const html = files.transcript.replace(/\.md$/, '.html');
  await writeWhole(html, (await changeRecord(files, 'html')).text);
  return [files.transcript, html];
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
