/**
 * Loaded with `node --import` into the tool and its keepers when one of them is to be stopped. It names each boundary
 * between the process and the world (what is written, made durable, put in place, started, said to a child) and, at
 * the one asked for, sends SIGKILL. The tool itself knows nothing of it.
 */
import childProcess from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, writeSync } from 'node:fs';
import fs from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import process from 'node:process';
import type { Writable } from 'node:stream';
import { blowVariable, diaryVariable } from './blow.ts';
import type { Blow, DiaryLine, Role } from './blow.ts';

const programs: Record<string, Role> = { 'cli.js': 'tool', 'keeper.js': 'keeper' };
const role = programs[basename(process.argv[1] ?? '')];
const diary = process.env[diaryVariable];
const blow = JSON.parse(process.env[blowVariable] ?? 'null') as Blow | null;
const reached = new Map<string, number>();
let keeper: number | undefined = role === 'keeper' ? process.pid : undefined;

if (role !== undefined && diary !== undefined) {
  await wrapFiles(role, diary);
  wrapProcesses(role, diary);
  syncBuiltinESMExports();
}

function note(diary: string, line: DiaryLine): void {
  appendFileSync(diary, `${JSON.stringify(line)}\n`);
}

/** Names the boundary that is reached. What it gives back is called at its moments, and strikes at the right one. */
function arrive(role: Role, diary: string, what: string, tears: boolean): (when: Blow['when']) => boolean {
  const count = (reached.get(what) ?? 0) + 1;
  reached.set(what, count);
  const name = count === 1 ? what : `${what} #${count}`;
  if (blow === null) note(diary, { role, name, tears });
  return (when) => blow?.role === role && blow.name === name && blow.when === when;
}

function strike(role: Role, diary: string): void {
  note(diary, { struck: true });
  const pids = { tool: role === 'tool' ? process.pid : process.ppid, keeper, command: undefined };
  // This process last, or it would strike no other.
  for (const victim of (blow?.victims ?? []).toSorted((one) => (one === role ? 1 : -1))) {
    const pid = pids[victim];
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  }
}

async function wrapFiles(role: Role, diary: string): Promise<void> {
  /** Goes through a boundary; `half` does half of what `whole` does. */
  const cross = async <T>(what: string, whole: () => Promise<T>, half?: () => void): Promise<T> => {
    const hit = arrive(role, diary, what, half !== undefined);
    if (hit('before')) strike(role, diary);
    if (hit('during')) {
      half?.();
      strike(role, diary);
    }
    const result = await whole();
    if (hit('after')) strike(role, diary);
    return result;
  };
  const { open, rename, link, rm } = fs;
  const names = new WeakMap<FileHandle, string>();
  /** What was written last. */
  const written = new WeakMap<FileHandle, string>();
  fs.open = async (path, flags, mode) => {
    const make = async (): Promise<FileHandle> => open(path, flags, mode);
    const handle = /^[aw]/.test(String(flags)) ? await cross(`open ${nameOf(path)}`, make) : await make();
    names.set(handle, nameOf(path));
    return handle;
  };
  fs.rename = async (from, to) => cross(`rename to ${nameOf(to)}`, async () => rename(from, to));
  fs.link = async (from, to) => cross(`link to ${nameOf(to)}`, async () => link(from, to));
  fs.rm = async (path, options) => cross(`remove ${nameOf(path)}`, async () => rm(path, options));

  const sample = await open('/dev/null', 'r');
  const handles = Object.getPrototypeOf(sample) as FileHandle;
  await sample.close();
  const { write, writeFile, sync, truncate } = handles;
  type Words = [bytes: Buffer, offset?: number, length?: number, position?: number];
  const writeBytes = write as unknown as (this: FileHandle, ...words: Words) => ReturnType<typeof write>;
  Object.assign(handles, {
    async write(this: FileHandle, ...words: Words) {
      const [bytes, offset = 0, length = bytes.length - offset, position] = words;
      const what = `${names.get(this)}${eventIn(bytes.subarray(offset))}`;
      written.set(this, what);
      return cross(
        `write ${what}`,
        async () => writeBytes.apply(this, words),
        () => void writeSync(this.fd, bytes, offset, length >> 1, position ?? null),
      );
    },
    async writeFile(this: FileHandle, text: string) {
      return cross(
        `write ${names.get(this)}`,
        async () => writeFile.call(this, text),
        () => void writeSync(this.fd, text.slice(0, text.length >> 1)),
      );
    },
    async sync(this: FileHandle) {
      return cross(`sync ${written.get(this) ?? names.get(this)}`, async () => sync.call(this));
    },
    async truncate(this: FileHandle, length: number) {
      return cross(`truncate ${names.get(this)}`, async () => truncate.call(this, length));
    },
  });
}

function wrapProcesses(role: Role, diary: string): void {
  const cross = <T>(what: string, whole: () => T): T => {
    const hit = arrive(role, diary, what, false);
    if (hit('before')) strike(role, diary);
    const result = whole();
    if (hit('after')) strike(role, diary);
    return result;
  };
  const wrapWords = (stream: Writable, listener: Role): void => {
    const { write, end } = stream as { [method in 'write' | 'end']: (...words: unknown[]) => unknown };
    const say = (method: typeof write, words: unknown[]): unknown =>
      cross(`tell ${listener} ${wordIn(String(words[0] ?? ''))}`, () => method.apply(stream, words));
    Object.assign(stream, {
      write: (...words: unknown[]) => say(write, words),
      end: (...words: unknown[]) => (words.length === 0 ? end.apply(stream) : say(end, words)),
    });
  };

  const spawn = childProcess.spawn as (...words: unknown[]) => ChildProcess;
  Object.assign(childProcess, {
    spawn(program: string, words: readonly string[], ...more: unknown[]) {
      const isKeeper = role === 'tool' && basename(words[0] ?? '') === 'keeper.js';
      // The tool's other children only read.
      if (role === 'tool' && !isKeeper) return spawn(program, words, ...more);
      const child = cross(`start ${isKeeper ? 'keeper' : [program, ...words].map(nameOf).join(' ')}`, () => {
        const started = spawn(program, words, ...more);
        if (isKeeper) keeper = started.pid;
        return started;
      });
      if (isKeeper && child.stdin !== null) wrapWords(child.stdin, 'keeper');
      return child;
    },
  });
  if (role === 'keeper') wrapWords(process.stdout, 'tool');
}

/** The name of a file without what makes a draft's or a temporary folder's name unlike any other. */
function nameOf(path: unknown): string {
  return basename(String(path))
    .replace(/\.[0-9a-f]{8}-[0-9a-f-]{27}$/, '.draft')
    .replace(/^(aks-kms-runbook-)\w{6}$/, '$1folder');
}

/** Of a line of a journal, the event and its step. */
function eventIn(bytes: Buffer): string {
  try {
    const { event } = JSON.parse(bytes.toString()) as { event: { type: string; step?: string } };
    return ` ${event.type}${event.step === undefined ? '' : ` ${event.step}`}`;
  } catch {
    return '';
  }
}

/** Of what a tool and a keeper say to each other, what it is. */
function wordIn(text: string): string {
  return /"kind":"(\w+)"/.exec(text)?.[1] ?? (text.startsWith('{') ? 'request' : text.trim());
}
