/** Hearing of changes to a command's files. */
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Between looks when nothing wakes us, because not every file system tells of changes. Milliseconds. */
const pollInterval = 200;

/** Between two wakes at least: a command that prints much changes its file thousands of times a second. Milliseconds. */
const restInterval = 30;

export interface Waker {
  /** Resolves soon after the next change of the files, or after the poll interval; after `close` at once. */
  next(): Promise<void>;
  close(): void;
}

/** Watches the output file and what lies beside it under a name that begins with its own. */
export function createWaker(outputFile: string): Waker {
  let pending = Promise.withResolvers<void>();
  let closed = false;
  let resting: NodeJS.Timeout | undefined;
  const wake = (): void => {
    resting ??= setTimeout(() => {
      resting = undefined;
      pending.resolve();
      if (!closed) pending = Promise.withResolvers<void>();
    }, restInterval);
  };
  const timer = setInterval(wake, pollInterval);
  const name = basename(outputFile);
  let watcher: ReturnType<typeof watch> | undefined;
  try {
    watcher = watch(dirname(outputFile), (_event, file) => {
      if (file === null || file.startsWith(name)) wake();
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // No more watches to be had: looking every so often is enough.
  }
  return {
    next: async () => pending.promise,
    close() {
      closed = true;
      clearInterval(timer);
      clearTimeout(resting);
      watcher?.close();
      pending.resolve();
    },
  };
}
