/** A step that prints without end, on the screen: against the same command into a file, and how the screen fares meanwhile. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { TerminalSession, root } from '../../test/support/terminal.ts';
import { wrapAz } from '../../test/support/wrapped-az.ts';
import { peakOf } from './processes.ts';
import { median, rounded } from './results.ts';
import type { Result } from './results.ts';

const rounds = 5;
const lines = 2_000_000;
/** So many that V8's heap has the size it keeps, long before half of them. */
const moreLines = 4_000_000;
/** In it the command says when it has begun. */
const begun = 'begun';
const printing = join(root, 'scripts', 'bench-lines.ts');

/** What was found while keys were pressed. */
interface Pressed {
  /** The most memory that the screen and the keeper of the command had by the last line, and by half of the lines. */
  peakMB: number;
  peakAtHalfMB: number;
  /** How long each key took to show, while the command printed. Milliseconds. */
  keys: readonly number[];
}

/** Each side several times, taken in turns. */
export async function printingWithoutEnd(): Promise<Result[]> {
  const screens: Pressed[] = [];
  const files: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    files.push(intoFile());
    times.push(await onScreen(lines, untilLastLine));
    screens.push(await onScreen(moreLines, pressingKeys));
  }
  const of = (figure: (one: Pressed) => number): number => median(screens.map(figure));
  const [ours, theirs] = [median(times), median(files)];
  const [peak, peakAtHalf] = [of((one) => one.peakMB), of((one) => one.peakAtHalfMB)];
  return [
    {
      what: 'a step printing 2,000,000 lines, until the last one is on screen',
      against: 'the same command into `cat > file`',
      unit: 'ms',
      ours: rounded(ours),
      theirs: rounded(theirs),
      ratio: rounded(ours / theirs),
      target: { at: 'most', value: 1.5 },
    },
    {
      what: 'memory at most of the screen and of what keeps the output, with 4,000,000 lines',
      against: 'after half of the lines',
      unit: 'MB',
      ours: rounded(peak),
      theirs: rounded(peakAtHalf),
      ratio: rounded(peak / peakAtHalf),
      target: { at: 'most', value: 1.15 },
    },
    {
      what: 'a key while such a step prints, until its frame is on screen',
      against: '',
      unit: 'ms',
      ours: rounded(median(screens.flatMap((one) => one.keys))),
      target: { at: 'most', value: 100 },
    },
  ];
}

function intoFile(): number {
  return inDirectory((directory) => {
    const start = performance.now();
    const words = [process.execPath, printing, String(lines), join(directory, 'output')];
    execFileSync('sh', ['-c', '"$0" "$1" "$2" | cat > "$3"', ...words]);
    return performance.now() - start;
  });
}

/** Does something with a screen on which a step has begun to print, in a state directory of its own. */
async function onScreen<T>(
  count: number,
  use: (screen: TerminalSession, directory: string) => Promise<T>,
): Promise<T> {
  return inDirectory(async (directory) => {
    const words = [printing, String(count)];
    // The last line stays on screen for a moment, before az says what it says.
    const environment = wrapAz(
      directory,
      `require('node:fs').writeFileSync(${JSON.stringify(join(directory, begun))}, String(Date.now()));
       require('node:child_process').spawnSync(process.execPath, ${JSON.stringify(words)}, { stdio: 'inherit' });
       await new Promise((resolve) => setTimeout(resolve, 1000));`,
    );
    // As fast as time goes: what looks at the cluster every few seconds meanwhile does so no more often than there.
    const screen = TerminalSession.open(
      { after: () => undefined },
      ['run', 'kms-v2-private-to-pmk', '--rehearse', '--clients', 'real', '--speed', '1'],
      { stateDirectory: directory, environment },
    );
    try {
      await untilPrinting(screen);
      return await use(screen, directory);
    } finally {
      screen.kill();
      await screen.exited;
    }
  });
}

/** Milliseconds from the command's start until its last line is on screen. */
async function untilLastLine(screen: TerminalSession, directory: string): Promise<number> {
  await screen.see(`${lines} of ${lines}: `);
  return Date.now() - Number(readFileSync(join(directory, begun), 'utf8'));
}

async function pressingKeys(screen: TerminalSession, directory: string): Promise<Pressed> {
  const keys: number[] = [];
  const memory = new Memory(directory, screen.pid);
  let peakAtHalfMB = 0;
  for (;;) {
    await delay(200);
    const printed = Number(/(\d+) of \d{4,}: (?![\s\S]*\d of \d{4,}: )/.exec(screen.text())?.[1]);
    memory.look();
    if (printed <= moreLines / 2) peakAtHalfMB = memory.peakMB;
    if (printed === moreLines) return { peakMB: memory.peakMB, peakAtHalfMB, keys };
    keys.push(await timed(screen, '?', 'esc close'));
    keys.push(await timed(screen, '\u001b', somePrinted));
  }
}

const somePrinted = /\d of \d{4,}: /;

/** Goes through the run to the step that prints. */
async function untilPrinting(screen: TerminalSession): Promise<void> {
  await screen.see('enter start');
  await screen.press('\r', 'y confirm');
  await screen.press('y', 'Type the cluster name');
  await screen.see('enter run');
  await screen.press('rehearsal', '> rehearsal');
  await screen.press('\r', somePrinted);
}

/** The most memory that the screen and the keepers it has started have had. */
class Memory {
  readonly #directory: string;
  readonly #screen: number;
  readonly #peaks = new Map<number, number>();

  constructor(directory: string, screen: number) {
    this.#directory = directory;
    this.#screen = screen;
  }

  look(): void {
    for (const pid of [this.#screen, ...keeperPids(this.#directory)]) {
      const peak = peakOf(pid);
      if (peak !== undefined) this.#peaks.set(pid, peak);
    }
  }

  get peakMB(): number {
    return [...this.#peaks.values()].reduce((sum, peak) => sum + peak, 0);
  }
}

async function timed(screen: TerminalSession, key: string, shows: string | RegExp): Promise<number> {
  const start = performance.now();
  await screen.press(key, shows);
  return performance.now() - start;
}

/** Of the keepers at work in a state directory. */
function keeperPids(directory: string): number[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.keeper.json'))
    .map(
      (name) =>
        (JSON.parse(readFileSync(join(directory, name), 'utf8')) as { identity: { pid: number } }).identity
          .pid,
    );
}

function inDirectory<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'aks-kms-runbook-bench-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  const result = use(directory);
  if (result instanceof Promise) return result.finally(remove) as T;
  remove();
  return result;
}
