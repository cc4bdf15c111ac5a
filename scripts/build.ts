/**
 * Bundles the tool into dist/: one file for each program that is started, all in one folder, because they find each
 * other by name beside themselves. What only some commands need (the screen, the Azure and Kubernetes clients) is
 * split off and loaded on demand.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { shippedRunbookFiles } from '../source/commands/runbook-files.ts';
import { writeIndex } from '../source/commands/runbook-index.ts';
import { readRunbookFile } from '../source/commands/runbook-reading.ts';
import { quickStart } from './build/quick-start.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const fresh = join(root, 'dist.new');

await build({
  cwd: root,
  input: {
    cli: 'source/cli.ts',
    keeper: 'source/adapters/command/keeper.ts',
    'stand-in': 'source/rehearsal/stand-in.ts',
  },
  platform: 'node',
  plugins: [quickStart()],
  // Ink loads its developer tools only when DEV=true asks for them.
  external: ['react-devtools-core'],
  // React carries a slower build of itself for development; without a word it would be the one that runs.
  transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  // The library's classes for every kind of Kubernetes object are not used: importing a module of it does nothing else.
  treeshake: { moduleSideEffects: [{ test: /@kubernetes[\\/]client-node/, sideEffects: false }] },
  logLevel: 'warn',
  output: {
    dir: fresh,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    cleanDir: true,
  },
});

// A runbook with errors is left out, and read again (with its errors told) by whoever asks for it.
const runbooks = shippedRunbookFiles().flatMap(({ file }) => {
  const { runbook, problems } = readRunbookFile(file);
  return runbook === undefined || problems.length > 0 ? [] : [runbook];
});
writeFileSync(join(fresh, 'runbooks.json'), writeIndex(join(root, 'runbooks'), runbooks));

// A tool that is running, or about to be started, finds its files: the old ones are put aside in the moment the new ones
// take their place.
const dist = join(root, 'dist');
const old = join(root, `dist.old.${process.pid}`);
if (existsSync(dist)) renameSync(dist, old);
renameSync(fresh, dist);
rmSync(old, { recursive: true, force: true });
