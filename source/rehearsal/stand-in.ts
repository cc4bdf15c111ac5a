/**
 * What runs as `az` or `kubectl` in a rehearsal: by the executables of a rehearsal's directory, whose name says which
 * it is, or as `node stand-in.ts az …`. Both only talk to the simulation; they know nothing of its inside.
 */
import { basename } from 'node:path';

import { az } from './stand-ins/az.ts';
import { kubectl } from './stand-ins/kubectl.ts';
import { Ended } from './stand-ins/ended.ts';

const programs: Record<string, (words: readonly string[]) => Promise<void>> = { az, kubectl };

const [own, ...rest] = process.argv.slice(1);
const named = basename(own ?? '');
const [name, words] = named in programs ? [named, rest] : [rest[0] ?? '', rest.slice(1)];
const program = programs[name];
if (program === undefined) {
  process.stderr.write('usage: stand-in az|kubectl …\n');
  process.exitCode = 2;
} else {
  try {
    await program(words);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    process.stderr.write(error.text);
    process.exitCode = error.status;
  }
}
