/** The tool in a real pseudo-terminal, and the screen an operator would see. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import type * as Xterm from '@xterm/headless';
import type { IPty } from '@lydell/node-pty';

// The package is CommonJS and names no exports a module loader could see.
const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as typeof Xterm;

export const root = fileURLToPath(new URL('../../', import.meta.url));
const cli = join(root, 'dist', 'cli.js');

/** How long anything on screen may take to appear before a test gives up. */
const patienceMs = 30_000;

export interface TerminalOptions {
  columns?: number;
  rows?: number;
  stateDirectory: string;
  environment?: Record<string, string>;
}

/** The environment of a shell of the operator's: nothing of the test runner's, and nothing that hurries a screen. */
export function shellEnvironment(stateDirectory: string): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, TERM: 'xterm-256color', LANG: 'C.UTF-8', AKS_KMS_RUNBOOK_STATE_DIR: stateDirectory };
}

/** Whoever ends what was started: a test, or a script. */
export interface Owner {
  after(release: () => void): void;
}

/** A state directory of its own for a test. */
export function newStateDirectory(test: Owner): string {
  const path = mkdtempSync(join(tmpdir(), 'aks-kms-runbook-pty-'));
  test.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

export class TerminalSession {
  readonly #pty: IPty;
  readonly #screen: InstanceType<typeof Terminal>;
  readonly #exited = Promise.withResolvers<number>();
  #over = false;
  readonly #changes = new Set<() => void>();
  /** Everything the program wrote, escape sequences included. */
  written = '';

  constructor(test: Owner, command: readonly string[], options: TerminalOptions) {
    const { columns = 80, rows = 24, stateDirectory, environment = {} } = options;
    this.#screen = new Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 5000 });
    const [file = process.execPath, ...words] = command;
    this.#pty = spawn(file, words, {
      cols: columns,
      rows,
      cwd: root,
      name: 'xterm-256color',
      env: { ...shellEnvironment(stateDirectory), ...environment },
    });
    this.#pty.onData((data) => {
      this.written += data;
      this.#screen.write(data, () => {
        for (const change of this.#changes) change();
      });
    });
    this.#pty.onExit(({ exitCode, signal }) => {
      this.#over = true;
      this.#exited.resolve(signal ? 128 + signal : exitCode);
    });
    test.after(() => this.kill());
  }

  /** Starts the tool with `words`. */
  static open(test: Owner, words: readonly string[], options: TerminalOptions): TerminalSession {
    return new TerminalSession(test, [process.execPath, cli, ...words], options);
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** The exit status; 128 and the signal's number when a signal ended it. */
  get exited(): Promise<number> {
    return this.#exited.promise;
  }

  /** What is on screen now, without trailing blanks. */
  text(): string {
    const { active } = this.#screen.buffer;
    const lines = Array.from({ length: this.#screen.rows }, (_, row) =>
      (active.getLine(active.viewportY + row)?.translateToString(true) ?? '').trimEnd(),
    );
    return lines.join('\n').trimEnd();
  }

  /** The cells of a row, for drawing. */
  row(
    index: number,
  ): { text: string; color: number | undefined; bold: boolean; dim: boolean; inverse: boolean }[] {
    const { active } = this.#screen.buffer;
    const line = active.getLine(active.viewportY + index);
    return Array.from({ length: this.#screen.cols }, (_, column) => {
      const cell = line?.getCell(column);
      return {
        text: cell?.getWidth() === 0 ? '' : cell?.getChars() || ' ',
        color: cell?.isFgPalette() ? cell.getFgColor() : undefined,
        bold: Boolean(cell?.isBold()),
        dim: Boolean(cell?.isDim()),
        inverse: Boolean(cell?.isInverse()),
      };
    });
  }

  get size(): { columns: number; rows: number } {
    return { columns: this.#screen.cols, rows: this.#screen.rows };
  }

  send(keys: string): void {
    this.#pty.write(keys);
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows);
    this.#screen.resize(columns, rows);
  }

  /** The row the cursor is in, counted from the beginning, and what it says up to the cursor. */
  get cursor(): { row: number; text: string } {
    const { active } = this.#screen.buffer;
    const row = active.baseY + active.cursorY;
    return { row, text: active.getLine(row)?.translateToString(false, 0, active.cursorX) ?? '' };
  }

  /** Waits until the screen satisfies `pattern`, and returns it. Fails with the screen as it is. */
  async see(pattern: RegExp | string): Promise<string> {
    return this.until(
      () => (typeof pattern === 'string' ? this.text().includes(pattern) : pattern.test(this.text())),
      String(pattern),
    );
  }

  /** Waits until something is so, as it may be after each change of the screen. Returns the screen. */
  async until(fits: () => boolean, what: string): Promise<string> {
    // A frame that is half drawn is not what an operator sees.
    const whole = (): boolean => !this.#screen.modes.synchronizedOutputMode;
    if (whole() && fits()) return this.text();
    const seen = Promise.withResolvers<void>();
    const change = (): void => {
      if (whole() && fits()) seen.resolve();
    };
    const fail = (why: string): void => seen.reject(new Error(`${why}: ${what}\n${this.text()}`));
    const timer = setTimeout(() => fail('never on screen'), patienceMs);
    this.#changes.add(change);
    // What it wrote last is drawn before it counts as ended.
    void this.exited.then(() => this.#screen.write('', () => fail('it ended without')));
    try {
      await seen.promise;
      return this.text();
    } finally {
      clearTimeout(timer);
      this.#changes.delete(change);
    }
  }

  /** Sends keys and waits for what they bring about. */
  async press(keys: string, until: RegExp | string): Promise<string> {
    this.send(keys);
    return this.see(until);
  }

  /** The terminal goes away, as when a window is closed or a connection lost. */
  hangUp(): void {
    (this.#pty as IPty & { destroy(): void }).destroy();
  }

  /** The private modes (DECSET) that the program left otherwise than a shell has them. */
  get modesLeft(): string[] {
    const modes = new Map<string, boolean>();
    for (const [, numbers = '', end] of this.written.matchAll(/\u001b\[\?([\d;]+)([hl])/g))
      for (const number of numbers.split(';')) modes.set(number, end === 'h');
    // The cursor is shown and lines are wrapped; everything else is off.
    return [...modes].filter(([mode, on]) => on !== ['25', '7'].includes(mode)).map(([mode]) => mode);
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    if (this.#over) return;
    try {
      process.kill(this.#pty.pid, signal);
    } catch {
      // It has ended.
    }
  }
}

export interface PlainResult {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs the tool without a terminal to its end. */
export function runPlainly(
  words: readonly string[],
  stateDirectory: string,
  environment: Record<string, string> = {},
): PlainResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...words], {
    cwd: root,
    env: { ...shellEnvironment(stateDirectory), ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patienceMs * 2,
  });
  return { status: status ?? -1, stdout, stderr };
}

/** The only rehearsal in a state directory. */
export function rehearsalIn(stateDirectory: string): {
  runId: string;
  directory: string;
  simulation: string;
} {
  const runs = readdirSync(join(stateDirectory, 'rehearsals'));
  const [runId] = runs;
  if (runId === undefined || runs.length !== 1)
    throw new Error(`${runs.length} rehearsals in ${stateDirectory}`);
  const directory = join(stateDirectory, 'rehearsals', runId);
  return { runId, directory, simulation: join(directory, 'simulation') };
}

/** The transcript of the only rehearsal. */
export function transcriptIn(stateDirectory: string): string {
  return readFileSync(join(rehearsalIn(stateDirectory).directory, 'transcript.md'), 'utf8');
}
