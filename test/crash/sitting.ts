/** Sittings at a run in processes of their own: one that may be struck, and those that take the run up again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { readRecord as readKeeperRecord } from '../../source/adapters/command/keeping.ts';
import { isAlive, send } from '../../source/adapters/command/processes.ts';
import { TerminalSession, root, shellEnvironment } from '../support/terminal.ts';
import type { Owner } from '../support/terminal.ts';
import { blowVariable, diaryVariable } from './blow.ts';
import type { Blow, DiaryLine } from './blow.ts';
import { questionEnd } from './operator.ts';
import type { Operator } from './operator.ts';

const preload = new URL('./preload.ts', import.meta.url).href;
const cli = join(root, 'dist', 'cli.js');
/** Five minutes of Azure pass in a tenth of a second. */
const speed = ['--speed', '3000'];

export interface Struck {
  diary: readonly DiaryLine[];
  /** What was on screen. */
  screen: string;
  status: number | null;
}

/** A run with every answer given on the command line, struck where told; else its diary names the boundaries. */
export async function beginSitting(
  stateDirectory: string,
  runbook: string,
  blow: Blow | null,
): Promise<Struck> {
  const diary = join(stateDirectory, 'diary');
  const given = ['--rehearse', '--plain', '--yes', '--accept-irreversible', 'rehearsal', ...speed];
  const tool = spawn(process.execPath, ['--import', preload, cli, 'run', runbook, ...given], {
    cwd: root,
    env: {
      ...shellEnvironment(stateDirectory),
      [diaryVariable]: diary,
      ...(blow === null ? {} : { [blowVariable]: JSON.stringify(blow) }),
      // Keepers are loaded with it only when need be: it takes its time.
      ...(blow === null || blow.role === 'keeper' ? { NODE_OPTIONS: `--import=${preload}` } : {}),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [screen, complaint] = await Promise.all([text(tool.stdout), text(tool.stderr), once(tool, 'exit')]);
  const written = existsSync(diary) ? readFileSync(diary, 'utf8').trimEnd().split('\n') : [];
  return {
    diary: written.filter((line) => line !== '').map((line) => JSON.parse(line) as DiaryLine),
    screen: screen + complaint,
    status: tool.exitCode,
  };
}

export interface Resumed {
  status: number;
  /** Everything each sitting showed. */
  screens: readonly string[];
}

/** Takes the run up again until it has ended, or the operator has stopped it twice. */
export async function resumeSittings(
  owner: Owner,
  stateDirectory: string,
  operator: Operator,
): Promise<Resumed> {
  const screens: string[] = [];
  let status = 3;
  for (let sitting = 1; sitting <= 3 && status !== 0; sitting += 1) {
    const terminal = TerminalSession.open(owner, ['resume', '--rehearse', '--plain', ...speed], {
      stateDirectory,
      columns: 300,
      rows: 60,
    });
    status = await converse(terminal, operator).finally(() => terminal.kill());
    screens.push(terminal.written);
  }
  return { status, screens };
}

/** Answers each question once until the tool has ended; its exit status. */
async function converse(terminal: TerminalSession, operator: Operator): Promise<number> {
  let answered = -1;
  const asks = (): boolean => terminal.cursor.row > answered && questionEnd.test(terminal.cursor.text);
  for (;;) {
    const asked = await Promise.race([terminal.exited, terminal.until(asks, 'a question')]);
    if (typeof asked === 'number') return asked;
    answered = terminal.cursor.row;
    terminal.send(operator.answer(asked));
  }
}

/** A short command of the tool, to its end. */
export async function ask(
  stateDirectory: string,
  words: readonly string[],
): Promise<{ status: number | null; text: string }> {
  const tool = spawn(process.execPath, [cli, ...words], {
    cwd: root,
    env: shellEnvironment(stateDirectory),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, complaint] = await Promise.all([text(tool.stdout), text(tool.stderr), once(tool, 'exit')]);
  return { status: tool.exitCode, text: said + complaint };
}

/** The lines of output in what plain mode showed. */
export function shownOutput(screen: string): string[] {
  return [...screen.matchAll(/^ {2}\| (.*?)\r?$/gm)]
    .map(([, line = '']) => line)
    .filter((line) => !/^… \d+ lines came faster/.test(line));
}

/** How many steps plain mode said were behind it. */
export function countSettled(screen: string): number {
  return [...screen.matchAll(/^ {2}[✔»≈] /gm)].length;
}

/** The processes that keepers recorded and that still run, theirs and their commands'. */
export async function leftRunning(output: string): Promise<{ keepers: number[]; commands: number[] }> {
  const left = { keepers: [] as number[], commands: [] as number[] };
  const names = existsSync(output) ? readdirSync(output) : [];
  for (const name of names.filter((name) => name.endsWith('.keeper.json'))) {
    const record = await readKeeperRecord(join(output, name.replace(/\.keeper\.json$/, '')));
    if (record === undefined) continue;
    if (await isAlive(record.identity)) left.keepers.push(record.identity.pid);
    for (const child of record.children) if (await isAlive(child)) left.commands.push(child.pid);
  }
  return left;
}

/** Kills what runs of a run: its commands alone, or their keepers as well. Resolves when it is gone. */
export async function killCommands(output: string, which: 'commands' | 'all'): Promise<void> {
  for (;;) {
    const { keepers, commands } = await leftRunning(output);
    const pids = [...commands.map((pid) => -pid), ...(which === 'all' ? keepers : [])];
    if (pids.length === 0) return;
    for (const pid of pids) send(pid, 'SIGKILL');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
