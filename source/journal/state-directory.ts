/** Where runs are kept. Directories are 0700 and files 0600, whatever the umask. */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { hint } from '../engine/hint.ts';
import type { Whereabouts } from '../engine/hint.ts';
import { ToolError, UsageError } from '../runbook/errors.ts';

/** The environment variable that names the state directory; `--state-dir` goes before it. */
const stateDirectoryVariable = 'AKS_KMS_RUNBOOK_STATE_DIR';

/** A place for runs: the operator's real ones, or rehearsals. */
export interface StateDirectory extends Whereabouts {
  root: string;
  /** Each run's directory is in here, named by its id. */
  runs: string;
  /** Locks on clusters. */
  clusters: string;
}

/**
 * The state directory of this platform: `$XDG_STATE_HOME` or `~/.local/state` on Linux, `~/Library/Application
 * Support` on macOS, `%LOCALAPPDATA%` on Windows; `chosen` (from the command line) goes before all of them.
 */
export function stateDirectory(
  chosen: string | undefined,
  rehearsal: boolean,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): StateDirectory {
  const root =
    chosen ??
    (environment[stateDirectoryVariable] || undefined) ??
    join(platformStateHome(environment, platform), 'aks-kms-runbook');
  return {
    root,
    runs: join(root, rehearsal ? 'rehearsals' : 'runs'),
    clusters: join(root, 'clusters'),
    rehearsal,
    stateDir: chosen && resolve(chosen),
  };
}

function platformStateHome(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  if (platform === 'win32') return environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  const xdg = environment['XDG_STATE_HOME'];
  // The XDG base directory specification asks to ignore a relative path.
  return xdg?.startsWith('/') ? xdg : join(homedir(), '.local', 'state');
}

/** The files of one run. */
export interface RunFiles {
  directory: string;
  journal: string;
  lock: string;
  output: string;
  transcript: string;
  /** The run's own kubeconfig, removed when the run ends. */
  kubeconfig: string;
  /** A rehearsal's simulated world. */
  simulation: string;
}

export function runFiles(state: StateDirectory, runId: string): RunFiles {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(runId)) {
    throw new UsageError(`"${runId}" is not a run id.`, `Use an id that \`${hint(['runs'], state)}\` lists.`);
  }
  const directory = join(state.runs, runId);
  return {
    directory,
    journal: join(directory, 'journal.jsonl'),
    lock: join(directory, 'lock'),
    output: join(directory, 'output'),
    transcript: join(directory, 'transcript.md'),
    kubeconfig: join(directory, 'kubeconfig'),
    simulation: join(directory, 'simulation'),
  };
}

/** Makes a directory and its parents, for this user only. Throws `ToolError` when it cannot be written. */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    // A directory that is there already is left as it is: it may be the operator's own, or everybody's.
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cannotMake(path, error);
  }
}

/** Makes a directory that is not there yet, for this user only. False when it is there. */
export async function makeNewDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw cannotMake(path, error);
  }
}

function cannotMake(path: string, cause: unknown): ToolError {
  return new ToolError(
    `The directory ${path} cannot be made: ${reason(cause)}.`,
    'Make it writable, or choose another place with --state-dir.',
    { cause },
  );
}

/**
 * The ids of the runs in a state directory, oldest first (ids begin with the time). One whose journal is gone is among
 * them, as long as the directory for its outputs shows that it had one.
 */
export async function listRunIds(state: StateDirectory): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(state.runs);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw new ToolError(
      `The directory ${state.runs} cannot be read: ${reason(error)}.`,
      'Check its permissions.',
      { cause: error },
    );
  }
  const present = await Promise.all(
    names.map(async (name) => {
      const has = (file: string): Promise<boolean> => isThere(join(state.runs, name, file));
      return (await has('journal.jsonl')) || (await has('output')) ? name : undefined;
    }),
  );
  return present.filter((name) => name !== undefined).sort();
}

/** Whether something is at `path`. What cannot be looked at is taken to be there. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR';
  }
}

/** The system's word for why a file operation failed, for example `no space left on device`. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^[A-Z]+: ([^,]+)/.exec(error.message)?.[1] ?? error.message;
}

/** The system's code of an error, for example `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
