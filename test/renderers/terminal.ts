/** A terminal for tests: streams of a given size, the frame that would be on screen, and keys. */
import { EventEmitter, once } from 'node:events';
import type { TestContext } from 'node:test';
import headless from '@xterm/headless';
import { runTui, type TuiApp, type TuiOptions, type TuiResult } from '../../source/renderers/tui/index.tsx';
import type { FakeController } from './fake-run.ts';

class Output extends EventEmitter {
  readonly isTTY = true;
  readonly writable = true;
  columns: number;
  rows: number;
  readonly #write: (data: string) => void;

  constructor(columns: number, rows: number, write: (data: string) => void) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.#write = write;
  }

  write(data: string, done?: (() => void) | string, last?: () => void): boolean {
    this.#write(data);
    const called = typeof done === 'function' ? done : last;
    if (called !== undefined) setImmediate(called);
    return true;
  }
}

class Input extends EventEmitter {
  readonly isTTY = true;
  readonly #chunks: string[] = [];

  setEncoding(): this {
    return this;
  }
  setRawMode(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  read(): string | null {
    return this.#chunks.shift() ?? null;
  }

  type(chunk: string): void {
    this.#chunks.push(chunk);
    this.emit('readable');
  }
}

export const keys = {
  enter: '\r',
  esc: '\u001b',
  tab: '\t',
  up: '\u001b[A',
  down: '\u001b[B',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  ctrlC: '\u0003',
  backspace: '\u007f',
  paste: (text: string) => `\u001b[200~${text}\u001b[201~`,
};

export interface Screen {
  /** The text on screen now, without trailing spaces. */
  text(): string;
  lines(): string[];
  /** Everything written, with its escape sequences. */
  readonly raw: () => string;
  /** Resolves when the text on screen fits; rejects with the screen after a while. */
  until(what: RegExp | ((text: string) => boolean)): Promise<string>;
  /** Presses a key, or lets a chunk arrive, and waits until the screen has dealt with it. */
  press(chunk: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  readonly result: Promise<TuiResult>;
}

const patience = 5_000;

/** An app with one run open, or whatever `app` says. */
export function appOf(controller: FakeController | undefined, app: Partial<TuiApp> = {}): TuiApp {
  return {
    rehearsal: true,
    home: async () => ({ runbooks: [], unfinished: [], finished: [] }),
    checkParameter: () => undefined,
    startRun: async () => controller ?? Promise.reject(new Error('no run')),
    resumeRun: async () => controller ?? Promise.reject(new Error('no run')),
    readRun: async () => Promise.reject(new Error('no run')),
    exportRecord: async () => Promise.reject(new Error('no run')),
    transcriptPath: () => '/home/you/.local/state/aks-kms-runbook/transcript.md',
    stateDir: '/srv/runs',
    ...(controller === undefined ? {} : { open: { kind: 'run', controller } as const }),
    ...app,
  };
}

/** Draws the app in a terminal of `columns` × `rows`, until the test is over. */
export function show(
  t: TestContext,
  app: TuiApp,
  columns: number,
  rows: number,
  options: TuiOptions = {},
): Screen {
  // As a terminal's own line discipline does, a line feed also returns to the first column.
  const terminal = new headless.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    scrollback: 1000,
    convertEol: true,
  });
  const changes = new EventEmitter();
  let raw = '';
  const output = new Output(columns, rows, (data) => {
    raw += data;
    terminal.write(data, () => changes.emit('change'));
  });
  const input = new Input();
  const end = new AbortController();
  const result = runTui(app, {
    stdin: input as unknown as NodeJS.ReadStream,
    stdout: output as unknown as NodeJS.WriteStream,
    now: () => new Date('2026-11-21T01:01:22.000Z'),
    screenReader: false,
    noColor: true,
    signal: end.signal,
    ...options,
  });
  t.after(async () => {
    end.abort();
    await result.catch(() => undefined);
  });
  const lines = (): string[] => {
    const { active } = terminal.buffer;
    return Array.from(
      { length: terminal.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    );
  };
  const text = (): string => lines().join('\n');
  const settled = async (): Promise<void> => {
    // What a key changes is drawn within one turn of Ink's throttle; a frame or nothing has come by then.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => terminal.write('', () => resolve(undefined)));
  };
  return {
    text,
    lines,
    raw: () => raw,
    result,
    async until(what) {
      const fits = (): boolean => (typeof what === 'function' ? what(text()) : what.test(text()));
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), patience);
      try {
        while (!fits()) await once(changes, 'change', { signal: limit.signal });
      } catch {
        throw new Error(`the screen never showed ${String(what)}:\n${text()}`);
      } finally {
        clearTimeout(timer);
      }
      return text();
    },
    async press(chunk) {
      input.type(chunk);
      await settled();
    },
    async resize(columns, rows) {
      terminal.resize(columns, rows);
      Object.assign(output, { columns, rows });
      output.emit('resize');
      await settled();
    },
  };
}

/** A clock on which every look is a second later, so that no key seems to be held down. */
export function unhurried(): () => Date {
  let time = Date.parse('2026-11-21T01:01:22.000Z');
  return () => new Date((time += 1000));
}

/** Waits until the question on screen takes answers: some turns of the event loop after its frame. */
export async function armed(screen: Screen): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await screen.press('');
}

/**
 * Whether a screen is drawn from its first row to its last: header, panels and keys, or the word that it is too
 * small. Had more been drawn than there is room for, the first row would have been pushed out at the top.
 */
export function isWhole(text: string): boolean {
  const lines = text.split('\n');
  const [first = ''] = lines;
  if (first.startsWith('This')) return true;
  const panels = lines.slice(2, -1).every((line) => /^[╭│╰╔║╚]/.test(line));
  return first.startsWith(' aks-kms') && panels && /^ \S+ \S/.test(lines.at(-1) ?? '');
}
