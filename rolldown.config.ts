import { defineConfig } from 'rolldown';

/**
 * One file for each program that is started, all in one folder: they find each other by name beside themselves.
 * What only some commands need (the screen, the Azure and Kubernetes clients) is split off and loaded on demand.
 */
export default defineConfig({
  input: {
    cli: 'source/cli.ts',
    keeper: 'source/adapters/command/keeper.ts',
    'stand-in': 'source/rehearsal/stand-in.ts',
  },
  platform: 'node',
  // Ink loads its developer tools only when DEV=true asks for them.
  external: ['react-devtools-core'],
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    cleanDir: true,
  },
});
