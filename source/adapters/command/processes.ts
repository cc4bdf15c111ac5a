/** Finding a process again: its pid together with a mark of when and where it started, because pids are reused. */
import { createHmac } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import process from 'node:process';
import type { ProcessIdentity, StopSignal } from '../../engine/ports.ts';
import { runForText } from './capture.ts';

/** What can be said of a process: `unknown` when it cannot be seen from here, or looking fails. */
export type Life = 'alive' | 'gone' | 'unknown';

/**
 * The start mark of a running process, or undefined when there is none with that pid. On Linux it is `BOOT/NAMESPACE/START`:
 * the boot id, the pid namespace the pid is one of, and the start time in clock ticks (field 22 of /proc/PID/stat,
 * proc_pid_stat(5)); elsewhere what `ps` says. A zombie counts as gone. Rejects when looking fails.
 */
export async function startMark(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? startMarkFromProc(pid) : startMarkFromPs(pid);
}

/** Which pids these are: those of one boot of one machine, and of one of its containers. Linux only. */
async function pidSpace(): Promise<string> {
  const [boot, namespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    readlink('/proc/self/ns/pid'),
  ]);
  return `${boot.trim()}/${namespace.replaceAll(/\D/g, '')}`;
}

async function startMarkFromProc(pid: number): Promise<string | undefined> {
  // First, because without a /proc every process would seem to be gone.
  const space = await pidSpace();
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  });
  // The second field is the program's name in parentheses and may hold anything; the third is the state.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state, start] = [fields[0], fields[19]];
  return start === undefined || state === 'Z' || state === 'X' ? undefined : `${space}/${start}`;
}

async function startMarkFromPs(pid: number): Promise<string | undefined> {
  const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const result = await runForText(['ps', '-o', 'stat=,lstart=', '-p', String(pid)], { environment });
  // With no such process it says nothing and ends with 1.
  if (result.failure !== undefined || result.stderr !== '') throw new Error(`ps failed. ${result.stderr}`);
  const [state = '', ...start] = result.stdout.trim().split(/\s+/);
  return state === '' || state.startsWith('Z') ? undefined : start.join(' ');
}

/**
 * What the installation of this machine is known by, from machine-id(5), which asks not to be shown as it is. Undefined
 * when it has none.
 */
async function machineMark(): Promise<string | undefined> {
  const id = await readFile('/etc/machine-id', 'utf8').catch(() => '');
  if (id.trim() === '') return undefined;
  return createHmac('sha256', 'aks-kms-runbook').update(id.trim()).digest('hex').slice(0, 16);
}

/** The identity of a running process of this machine; undefined when there is none, or it cannot be looked at. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const mark = await startMark(pid).catch(() => undefined);
  const machine = await machineMark();
  return mark === undefined
    ? undefined
    : { pid, startMark: mark, host: hostname(), ...(machine && { machine }) };
}

/**
 * Whether that very process still runs. A machine is known by its boot id, whatever it is called by now; where there
 * is none, by its name. Nothing can be said of a process of another machine or container.
 */
export async function lifeOf({ pid, startMark: mark, host, machine }: ProcessIdentity): Promise<Life> {
  const sameName = host === hostname();
  try {
    if (process.platform === 'linux') {
      const space = await pidSpace();
      if (!mark.startsWith(`${space}/`)) {
        // This machine, started anew since then. Its name alone would not do: machines are copied with their names.
        const same = sameName && machine !== undefined && machine === (await machineMark());
        return same && bootOf(mark) !== bootOf(space) ? 'gone' : 'unknown';
      }
    } else if (!sameName) {
      return 'unknown';
    }
    return (await startMark(pid)) === mark ? 'alive' : 'gone';
  } catch {
    return 'unknown';
  }
}

/** Whether that process was one of this boot of the machine; true where that cannot be told. */
export async function isOfThisBoot({ startMark: mark }: ProcessIdentity): Promise<boolean> {
  return process.platform !== 'linux' || bootOf(mark) === bootOf(await pidSpace());
}

function bootOf(mark: string): string {
  return mark.slice(0, Math.max(0, mark.indexOf('/')));
}

/** True unless that very process is known to be gone. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await lifeOf(identity)) !== 'gone';
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
