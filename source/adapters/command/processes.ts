/** Finding a process again: its pid together with a mark of when it started, because pids are reused. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import process from 'node:process';
import type { ProcessIdentity, StopSignal } from '../../engine/ports.ts';
import { runForText } from './capture.ts';

/**
 * The start mark of a running process, or undefined when there is none with that pid. On Linux it is the boot id
 * with the start time in clock ticks (field 22 of /proc/PID/stat, proc_pid_stat(5)); elsewhere what `ps` says. A
 * zombie counts as gone.
 */
export async function startMark(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? startMarkFromProc(pid) : startMarkFromPs(pid);
}

async function startMarkFromProc(pid: number): Promise<string | undefined> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The second field is the program's name in parentheses and may hold anything; the third is the state.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, start] = [fields[0], fields[19]];
    return start === undefined || state === 'Z' || state === 'X' ? undefined : `${boot.trim()}/${start}`;
  } catch {
    return undefined;
  }
}

async function startMarkFromPs(pid: number): Promise<string | undefined> {
  const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const result = await runForText(['ps', '-o', 'stat=,lstart=', '-p', String(pid)], { environment });
  const [state = '', ...start] = result.stdout.trim().split(/\s+/);
  return state === '' || state.startsWith('Z') ? undefined : start.join(' ');
}

/** The identity of a running process of this machine, or undefined when there is none with that pid. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const mark = await startMark(pid);
  return mark === undefined ? undefined : { pid, startMark: mark, host: hostname() };
}

/** Whether that very process still runs. One of another machine cannot be seen from here and counts as gone. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return identity.host === hostname() && (await startMark(identity.pid)) === identity.startMark;
}

/** Signals a process, or with a negative pid its group. False when there is none. */
export function send(pid: number, signal: StopSignal | 'SIGUSR2' | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM: there is one, and it is not ours to signal.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
