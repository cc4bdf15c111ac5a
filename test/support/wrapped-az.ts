/** An az for rehearsals that does something of its own before it changes a cluster, and is the stand-in otherwise. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { root } from './terminal.ts';

/**
 * Writes such an az, and the stand-in kubectl, into a folder of `directory`. `before` is JavaScript in which `await`
 * may be used. Returns the environment in which they are found, for a rehearsal with `--clients real`.
 */
export function wrapAz(directory: string, before: string): { PATH: string } {
  const folder = join(directory, 'bin');
  mkdirSync(folder);
  const standIn = join(root, 'dist', 'stand-in.js');
  for (const name of ['az', 'kubectl'])
    writeFileSync(
      join(folder, name),
      `#!${process.execPath}
const words = process.argv.slice(2);
const act = async () => {
  if (words[0] === 'aks' && words[1] === 'update') { ${before} }
  const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(standIn)}, '${name}', ...words], { stdio: 'inherit' });
  child.on('exit', (code) => process.exit(code ?? 1));
};
// What the stand-in az knows of clouds is the one it is for.
if (words[0] === 'cloud' && words[1] !== 'show') process.exit(0);
act();
`,
      { mode: 0o755 },
    );
  return { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
}
