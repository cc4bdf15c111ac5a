import { stat } from 'node:fs/promises';
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
  const record = { full: options.full, redactMore: patternRedactor(options.redact) };
  if (all) return exportAll(output ?? '', options, record);
  const { runId, files } = await locateRun(run ?? '', options);
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
  let status: ExitStatus = 0;
  for (const id of ids) {
    try {
      const file = join(directory, fileName(id, options.format));
      await exportTo(file, runFiles(state, id), options, record);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      // One run that cannot be read must not keep the others from being exported.
      say(`error: run ${id}: ${error.message}\n${error.next}\n`);
      status = 1;
    }
  }
  if (ids.length === 0) print(options.rehearse ? 'No rehearsals yet.' : 'No runs yet.');
  return status;
}

async function exportTo(
  file: string,
  files: RunFiles,
  { format = 'markdown', sign }: ExportOptions,
  record: RecordOptions,
): Promise<void> {
  const { text, redactions } = await changeRecord(files, format, record);
  await writeWhole(file, text);
  if (redactions > 0) {
    const texts = redactions === 1 ? '1 text' : `${redactions} texts`;
    say(`Something was taken out of ${texts} in ${file}; it is shown as [redacted].\n`);
  }
  if (sign !== undefined) {
    const { signFile } = await import('../adapters/ssh-signature.ts');
    await signFile(file, sign);
  }
  print(file);
}

function fileName(runId: string, format: RecordFormat = 'markdown'): string {
  return `${runId}.${extensions[format]}`;
}
