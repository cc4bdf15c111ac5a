/** What the screen sends to the terminal, since some terminals are at the other end of a slow line. In 80 columns, 24 rows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { TerminalSession } from '../../test/support/terminal.ts';
import { median } from './results.ts';
import type { Result } from './results.ts';

/** In which nothing but a running command draws anything. Milliseconds. */
const pause = 1_000;
/** So many seconds a command is watched. */
const seconds = 6;

/** Bytes of the first frame, of moving about, and of a second in which a command runs and prints nothing. */
export async function sending(): Promise<Result[]> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'aks-kms-runbook-bench-'));
  try {
    return [...(await home(stateDirectory)), await running(stateDirectory)];
  } finally {
    rmSync(stateDirectory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function home(stateDirectory: string): Promise<Result[]> {
  const screen = open(['--rehearse'], stateDirectory);
  try {
    await screen.see('What do you want to do?');
    const first = await sentDuring(screen, pause, 0);
    const moves: number[] = [];
    for (let move = 0; move < 5; move += 1) {
      const before = size(screen);
      screen.send('\u001b[B');
      moves.push(await sentDuring(screen, pause, before));
    }
    return [
      result('the first frame of the home screen', first, 2_600),
      result('moving the selection', median(moves), 900),
    ];
  } finally {
    await close(screen);
  }
}

async function running(stateDirectory: string): Promise<Result> {
  const words = ['run', 'kms-v2-private-to-pmk', '--rehearse', '--speed', '1'];
  const screen = open(words, stateDirectory);
  try {
    await screen.see('enter start');
    await screen.press('\r', 'y confirm');
    await screen.press('y', 'Type the cluster name');
    await screen.see('enter run');
    await screen.press('rehearsal', '> rehearsal');
    await screen.press('\r', 'so far');
    const before = size(screen);
    const sent = await sentDuring(screen, seconds * 1_000, before);
    return result('a second of a running command that prints nothing', Math.round(sent / seconds), 1_100);
  } finally {
    await close(screen);
  }
}

function open(words: readonly string[], stateDirectory: string): TerminalSession {
  return TerminalSession.open({ after: () => undefined }, words, { stateDirectory });
}

function size(screen: TerminalSession): number {
  return Buffer.byteLength(screen.written);
}

/** Bytes that have been sent since there were `before`, once some time has passed. */
async function sentDuring(screen: TerminalSession, milliseconds: number, before: number): Promise<number> {
  await delay(milliseconds);
  return size(screen) - before;
}

async function close(screen: TerminalSession): Promise<void> {
  screen.kill();
  await screen.exited;
}

function result(what: string, bytes: number, most: number): Result {
  return { what, against: '', unit: 'bytes', ours: bytes, target: { at: 'most', value: most } };
}
