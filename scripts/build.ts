/**
 * Bundles the tool into dist/: one file for each program that is started, all in one folder, because they find each
 * other by name beside themselves. What only some commands need (the screen, the Azure and Kubernetes clients) is
 * split off and loaded on demand.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

await build({
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  input: {
    cli: 'source/cli.ts',
    keeper: 'source/adapters/command/keeper.ts',
    'stand-in': 'source/rehearsal/stand-in.ts',
  },
  platform: 'node',
  // Ink loads its developer tools only when DEV=true asks for them.
  external: ['react-devtools-core'],
  logLevel: 'warn',
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    cleanDir: true,
  },
});
