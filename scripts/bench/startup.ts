/** How soon the tool is there: its home screen, and the commands that only print something. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

import { TerminalSession, root, shellEnvironment } from '../../test/support/terminal.ts';
import { median, rounded } from './results.ts';
import type { Result } from './results.ts';

const cli = join(root, 'dist', 'cli.js');
const rounds = 15;

/** Each time is the median of several, taken in turns so that a busy moment hits both sides. */
export async function starting(): Promise<Result[]> {
  const work = mkdtempSync(join(tmpdir(), 'aks-kms-runbook-bench-'));
  try {
    const hello = await bundleHello(work);
    const node = 'node -e 0';
    const command = (words: readonly string[]) => (): number => runTime(work, words);
    const screen = (words: readonly string[], text: string) => (): Promise<number> =>
      frameTime(work, words, text);
    return [
      await compare(
        'first usable frame of the home screen',
        'a bundled Ink hello world',
        1.3,
        screen([cli, '--rehearse'], 'What do you want to do?'),
        screen([hello], 'hello world'),
      ),
      await compare('list', node, 3, command([cli, 'list']), command(['-e', '0'])),
      await compare('lint', node, 3, command([cli, 'lint']), command(['-e', '0'])),
      await compare('--version', node, 3, command([cli, '--version']), command(['-e', '0'])),
    ];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function compare(
  what: string,
  against: string,
  target: number,
  ours: () => number | Promise<number>,
  theirs: () => number | Promise<number>,
): Promise<Result> {
  const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round += 1) {
    times.ours.push(await ours());
    times.theirs.push(await theirs());
  }
  const [a, b] = [median(times.ours), median(times.theirs)];
  const ratio = rounded(a / b);
  return {
    what,
    against,
    unit: 'ms',
    ours: Math.round(a),
    theirs: Math.round(b),
    ratio,
    target: { at: 'most', value: target },
  };
}

/** Milliseconds a command takes to end. */
function runTime(work: string, words: readonly string[]): number {
  const start = performance.now();
  execFileSync(process.execPath, words, { env: shellEnvironment(work), stdio: 'ignore' });
  return performance.now() - start;
}

/** Milliseconds until `text` is on the screen of a new pseudo-terminal. Left by Ctrl-C, a program keeps what it compiled. */
async function frameTime(work: string, words: readonly string[], text: string): Promise<number> {
  const owner = { after: () => undefined };
  const start = performance.now();
  const screen = new TerminalSession(owner, [process.execPath, ...words], { stateDirectory: work });
  await screen.see(text);
  const time = performance.now() - start;
  screen.send('\u0003');
  await screen.exited;
  return time;
}

/** `bench-hello.ts` as a program of its own. */
async function bundleHello(work: string): Promise<string> {
  const bundle = await rolldown({
    input: join(root, 'scripts', 'bench-hello.ts'),
    platform: 'node',
    external: ['react-devtools-core'],
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    logLevel: 'silent',
  });
  await bundle.write({ dir: work, format: 'esm', entryFileNames: 'hello.mjs' });
  await bundle.close();
  return join(work, 'hello.mjs');
}
