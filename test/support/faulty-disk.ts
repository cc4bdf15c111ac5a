/** A disk that refuses one operation of many, so that a test can have each of them refused in turn. */
import fs, { open } from 'node:fs/promises';

import { syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';
import type { TestContext } from 'node:test';

export type DiskError = 'ENOSPC' | 'EIO' | 'EROFS';

export interface FaultyDisk {
  /** Operations that change the disk, in the order they were asked for. */
  readonly operations: string[];
  /** Refuses the operation with this number, from 0, and with `lasting` every one after it. */
  refuse(operation: number, code: DiskError, lasting: boolean): void;
  /** Refuses nothing any more, and counts anew. */
  mend(): void;
  /** Holds every operation from now on; returns what lets them go on. */
  hold(): () => void;
}

type Method = (this: unknown, ...words: unknown[]) => Promise<unknown>;

const nothing = async (): Promise<void> => undefined;

/**
 * Makes what this process does to files from now on countable and refusable, until the test ends: creating, writing,
 * syncing, cutting, linking, renaming, removing, making directories. A write that is refused has written half before.
 */
export async function faultyDisk(t: TestContext): Promise<FaultyDisk> {
  const operations: string[] = [];
  let held = Promise.resolve();
  let refusal: { from: number; to: number; code: DiskError } | undefined;

  /** Counts the operation; the error when it is to fail. */
  const counted = (name: string): Error | undefined => {
    const number = operations.push(name) - 1;
    if (refusal === undefined || number < refusal.from || number > refusal.to) return undefined;
    const { code } = refusal;
    const words = { ENOSPC: 'no space left on device', EIO: 'i/o error', EROFS: 'read-only file system' };
    const numbers = { code, errno: -constants.errno[code], syscall: name };
    return Object.assign(new Error(`${code}: ${words[code]}, ${name}`), numbers);
  };

  const handle = await open('/dev/null');
  const prototype = Object.getPrototypeOf(handle) as Record<string, Method>;
  await handle.close();
  const replace = (
    owner: Record<string, Method>,
    name: string,
    fails: (original: Method, self: unknown, words: unknown[]) => Promise<void>,
    counts: (words: unknown[]) => boolean = () => true,
  ): void => {
    const original = owner[name]!;
    t.mock.method(owner, name, async function replaced(this: unknown, ...words: unknown[]) {
      const error = counts(words) ? counted(name) : undefined;
      await held;
      if (error === undefined) return Reflect.apply(original, this, words);
      await fails(original, this, words);
      throw error;
    });
  };
  const half = async (_original: Method, self: unknown, [data]: unknown[]): Promise<void> => {
    const bytes = Buffer.from(data as string | Buffer);
    await Reflect.apply(write, self, [bytes, 0, Math.floor(bytes.length / 2)]);
  };
  const write = prototype['write']!;
  replace(prototype, 'write', half);
  replace(prototype, 'writeFile', half);
  replace(prototype, 'sync', nothing);
  replace(prototype, 'truncate', nothing);
  const files = fs as unknown as Record<string, Method>;
  for (const name of ['link', 'rename', 'rm', 'mkdir']) replace(files, name, nothing);
  replace(files, 'open', nothing, ([, flags]) => flags !== 'r');
  syncBuiltinESMExports();
  t.after(() => {
    refusal = undefined;
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  return {
    operations,
    refuse(operation, code, lasting) {
      operations.length = 0;
      refusal = { from: operation, to: lasting ? Number.POSITIVE_INFINITY : operation, code };
    },
    mend() {
      operations.length = 0;
      refusal = undefined;
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
  };
}

/** Every single refusal of a piece of work: `number` counts what it does to the disk when nothing is refused. */
export function refusals(number: number): { operation: number; code: DiskError; lasting: boolean }[] {
  const codes: DiskError[] = ['ENOSPC', 'EIO', 'EROFS'];
  return Array.from({ length: number }, (_, operation) =>
    codes.flatMap((code) => [true, false].map((lasting) => ({ operation, code, lasting }))),
  ).flat();
}
