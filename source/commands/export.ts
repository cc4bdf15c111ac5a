import { existsSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listRunIds, makePrivateDirectory, runFiles, stateDirectory } from '../journal/state-directory.ts';
import type { RunFiles } from '../journal/state-directory.ts';
import { ToolError, UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { changeRecord, extensions, writeWhole } from './change-record.ts';
import type { RecordFormat, RecordOptions } from './change-record.ts';
import { locateRun } from './locate.ts';
import type { CommonOptions } from './options.ts';
import { patternRedactor } from './redact-patterns.ts';
import { print, say } from './terminal.ts';

export interface ExportOptions extends CommonOptions {
  format?: RecordFormat;
  /** A file, or with `all` a directory. */
  output?: string;
  all?: boolean;
  /** Outputs whole. */
  full?: boolean;
  /** Patterns of what else to take out. */
  redact?: string[];
  /** The key to sign with. */
  sign?: string;
}

/** `export`: the change record of a run, finished or not, or of every run. */
export async function exportRun(run: string | undefined, options: ExportOptions): Promise<ExitStatus> {
  const { output, all = false, sign } = options;
  if (all !== (run === undefined)) {
    throw new UsageError(
      all ? 'A run was given together with --all.' : 'Which run to export was not given.',
      'Give the id of a run, or --all with --output DIRECTORY; `aks-kms-runbook runs` lists them.',
    );
  }
  if (output === undefined && (all || sign !== undefined)) {
    throw new UsageError(
      all ? '--all needs a directory to write to.' : '--sign needs a file: a signature is put beside it.',
      'Give it with --output.',
    );
  }
  const patterns = patternRedactor(options.redact);
  const record = { full: options.full, redactMore: patterns?.redact };
  const status = all
    ? await exportAll(output ?? '', options, record)
    : await exportOne(run ?? '', options, record);
  for (const pattern of patterns?.unmatched() ?? []) say(`Nothing matched /${pattern}/.\n`);
  return status;
}

async function exportOne(run: string, options: ExportOptions, record: RecordOptions): Promise<ExitStatus> {
  const { output } = options;
  const { runId, files } = await locateRun(run, options);
  const { format = 'markdown' } = options;
  if (output === undefined) {
    process.stdout.write((await changeRecord(files, format, record)).text);
    return 0;
  }
  const isDirectory = (await stat(output).catch(() => undefined))?.isDirectory() === true;
  const file = isDirectory ? join(output, fileName(runId, format)) : output;
  await exportTo(file, files, options, record);
  return 0;
}

async function exportAll(
  directory: string,
  options: ExportOptions,
  record: RecordOptions,
): Promise<ExitStatus> {
  const state = stateDirectory(options.stateDir, options.rehearse === true);
  const ids = await listRunIds(state);
  await makePrivateDirectory(directory);
  let failed = 0;
  for (const id of ids) {
    try {
      const file = join(directory, fileName(id, options.format));
      await exportTo(file, runFiles(state, id), options, record);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      // One run that cannot be read must not keep the others from being exported.
      say(`error: run ${id}: ${error.message}\n${error.next}\n`);
      failed += 1;
    }
  }
  if (ids.length === 0) print(options.rehearse ? 'No rehearsals yet.' : 'No runs yet.');
  if (failed > 0) say(`${ids.length - failed} written, ${failed} not.\n`);
  return failed === 0 ? 0 : 1;
}

async function exportTo(
  file: string,
  files: RunFiles,
  { format = 'markdown', sign }: ExportOptions,
  record: RecordOptions,
): Promise<void> {
  const { text, redactions, redactionsAsked } = await changeRecord(files, format, record);
  const signed = sign === undefined ? undefined : await (await signatures()).signatureOf(text, sign);
  const beside = (await signatures()).signatureFile(file);
  // A signature that is there is of another text, unless the file is to be the same.
  const stale = existsSync(beside) && (await readFile(file, 'utf8').catch(() => undefined)) !== text;
  await writeWhole(file, text);
  if (redactions + redactionsAsked > 0) {
    const taken = [
      ...(redactions > 0 ? [`secrets out of ${texts(redactions)}`] : []),
      ...(redactionsAsked > 0 ? [`what --redact names out of ${texts(redactionsAsked)}`] : []),
    ];
    say(`Taken out of ${file}, and shown as [redacted]: ${taken.join(', ')}.\n`);
  }
  print(file);
  if (signed !== undefined) {
    await writeWhole(beside, signed);
    print(beside);
  } else if (stale) {
    await rm(beside, { force: true });
    say(`${beside} was of the file before, and was removed.\n`);
  }
}

/** Loaded only where a file is written. */
async function signatures() {
  return import('../adapters/ssh-signature.ts');
}

function texts(count: number): string {
  return count === 1 ? '1 text' : `${count} texts`;
}

function fileName(runId: string, format: RecordFormat = 'markdown'): string {
  return `${runId}.${extensions[format]}`;
}
