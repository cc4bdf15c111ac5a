/**
 * Measures the tool against its budgets, as ratios within one run, and prints them as JSON. Run it after a build:
 * `npm run bench`. Each time is the median of several runs, taken in turns so that a busy moment hits both sides.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { TerminalSession, root, shellEnvironment } from '../test/support/terminal.ts';

const cli = join(root, 'dist', 'cli.js');
const rounds = 15;
const work = mkdtempSync(join(tmpdir(), 'aks-kms-runbook-bench-'));

interface Result {
  what: string;
  against: string;
  /** Milliseconds. */
  ours: number;
  theirs: number;
  ratio: number;
  target: number;
}

/** Milliseconds a command takes to end. */
function runTime(words: readonly string[]): number {
  const start = performance.now();
  execFileSync(process.execPath, words, { env: shellEnvironment(work), stdio: 'ignore' });
  return performance.now() - start;
}

/** Milliseconds until `text` is on the screen of a new pseudo-terminal. */
async function frameTime(words: readonly string[], text: string): Promise<number> {
  const releases: (() => void)[] = [];
  const owner = { after: (release: () => void) => void releases.push(release) };
  const start = performance.now();
  const screen = new TerminalSession(owner, [process.execPath, ...words], { stateDirectory: work });
  await screen.see(text);
  const time = performance.now() - start;
  for (const release of releases) release();
  await screen.exited;
  return time;
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
  return {
    what,
    against,
    ours: Math.round(a),
    theirs: Math.round(b),
    ratio: Math.round((a / b) * 100) / 100,
    target,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** A bundled program that draws one line with Ink, as the least a terminal screen costs. */
async function bundleHello(): Promise<string> {
  const source = join(root, 'node_modules', '.cache', 'hello');
  mkdirSync(source, { recursive: true });
  const entry = join(source, 'hello.mjs');
  writeFileSync(
    entry,
    "import { createElement } from 'react';\nimport { Text, render } from 'ink';\nrender(createElement(Text, null, 'hello world'), { alternateScreen: true });\nsetInterval(() => undefined, 1000);\n",
  );
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    external: ['react-devtools-core'],
    logLevel: 'silent',
  });
  await bundle.write({ dir: work, format: 'esm', entryFileNames: 'hello.mjs' });
  await bundle.close();
  return join(work, 'hello.mjs');
}

try {
  const hello = await bundleHello();
  const nothing = (): number => runTime(['-e', '0']);
  const results = [
    await compare(
      'first usable frame of the home screen',
      'a bundled Ink hello world',
      1.3,
      () => frameTime([cli, '--rehearse'], 'What do you want to do?'),
      () => frameTime([hello], 'hello world'),
    ),
    await compare('list', 'node -e 0', 3, () => runTime([cli, 'list']), nothing),
    await compare('lint', 'node -e 0', 3, () => runTime([cli, 'lint']), nothing),
    await compare('--version', 'node -e 0', 3, () => runTime([cli, '--version']), nothing),
  ];
  const machine = {
    platform: platform(),
    arch: arch(),
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
  };
  process.stdout.write(`${JSON.stringify({ machine, rounds, results }, undefined, 2)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
