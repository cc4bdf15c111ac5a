#!/usr/bin/env node
/** argv → command, and the exit status. Commands are imported when they are asked for, so that a quick one stays quick. */
import module from 'node:module';
import { CommanderError } from 'commander';
import { buildProgram } from './commands/program.ts';
import { AskedForChoices } from './commands/refused.ts';
import { printError } from './commands/terminal.ts';
import { UsageError } from './runbook/errors.ts';
import type { ExitStatus } from './runbook/errors.ts';

async function main(): Promise<ExitStatus> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    return printError(
      new UsageError(
        `aks-kms-runbook needs Node 22.18 or later; this is ${process.versions.node}.`,
        'Install a current Node. In a clone, `npx node dist/cli.js` uses the one that comes with it.',
      ),
    );
  }
  let status: ExitStatus = 0;
  const program = buildProgram((reported) => {
    status = reported;
  });
  try {
    await program.parseAsync();
    return status;
  } catch (error) {
    // Help and version were printed, and end like this.
    if (error instanceof CommanderError) return 0;
    if (error instanceof AskedForChoices) {
      const { listChoices } = await import('./commands/rehearsal.ts');
      return listChoices(error.kind);
    }
    return printError(error);
  }
}

// What cannot be printed is no reason to fall over: a run heeds it itself, and stops. A reader that goes away
// (`| head`) has seen enough; anything else that keeps us from printing is a failure.
let unprinted = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || unprinted) return;
  unprinted = true;
  process.stderr.write(
    `error: what is to be printed cannot be written: ${error.message}.\nMake room, or print it elsewhere.\n`,
  );
});
process.stderr.on('error', () => undefined);
// A file at the limit for its size is an error like a full disk; unheeded, the signal for it would end us first.
if (process.platform !== 'win32') process.on('SIGXFSZ', () => undefined);

// Compiled code is kept between starts, in Node's own cache directory; what cannot be kept is compiled again.
module.enableCompileCache?.();
process.exitCode = await main();
process.once('beforeExit', () => {
  if (unprinted && process.exitCode === 0) process.exitCode = 1;
});
