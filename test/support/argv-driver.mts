/**
 * Runs the command line again and again in this one process: for each list of arguments that comes in, what the tool
 * prints and ends with goes out. The entry point is evaluated anew each time.
 */
import { once } from 'node:events';

interface Ran {
  status: number | string | undefined;
  stdout: string;
  stderr: string;
  /** What nobody caught. */
  uncaught: string[];
}

const entry = new URL('../../source/cli.ts', import.meta.url);
const uncaught: string[] = [];
for (const name of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(name, (error: unknown) => uncaught.push(`${name}: ${String((error as Error)?.stack ?? error)}`));
process.setMaxListeners(0);
process.stdout.setMaxListeners(0);
process.stderr.setMaxListeners(0);

const printed = { stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr'] as const)
  process[name].write = ((text: string | Uint8Array): boolean => {
    printed[name] += text.toString();
    return true;
  }) as typeof process.stdout.write;
process.exit = ((code?: number): never => {
  throw new Error(`process.exit(${code}) was called`);
}) as typeof process.exit;

let number = 0;
process.send?.('ready');
for (;;) {
  const [words] = (await once(process, 'message')) as [string[]];
  Object.assign(printed, { stdout: '', stderr: '' });
  process.exitCode = undefined;
  process.argv = [process.execPath, entry.pathname, ...words];
  number += 1;
  try {
    await import(`${entry.href}?${number}`);
  } catch (error) {
    uncaught.push(String((error as Error).stack ?? error));
  }
  // What was let go without anybody waiting for it shows by then.
  await new Promise((resolve) => setImmediate(resolve));
  process.send?.({ status: process.exitCode, ...printed, uncaught: uncaught.splice(0) } satisfies Ran);
}
