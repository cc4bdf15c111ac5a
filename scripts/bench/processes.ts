/** Commands that are measured: how long they take, and the most memory they have at a time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface Measured {
  milliseconds: number;
  /** Of all processes of the pipeline together; NaN where the system does not tell. */
  peakMB: number;
}

/**
 * Runs commands, each with its output in the next one's input.
 *
 * @throws Error with what they wrote to standard error when one fails.
 */
export async function measure(
  commands: readonly (readonly string[])[],
  environment: Record<string, string>,
): Promise<Measured> {
  const start = performance.now();
  const errors: string[] = [];
  const last = commands.length - 1;
  const children = commands.map(([program = '', ...words], index) =>
    spawn(program, words, {
      env: environment,
      stdio: [index === 0 ? 'ignore' : 'pipe', index === last ? 'ignore' : 'pipe', 'pipe'],
    }),
  );
  for (const [index, child] of children.entries()) {
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
    const next = children[index + 1];
    if (next?.stdin) child.stdout?.pipe(next.stdin);
  }
  const peaks = children.map(() => Number.NaN);
  const look = (): void => {
    for (const [index, { pid }] of children.entries())
      peaks[index] = peakOf(pid) ?? peaks[index] ?? Number.NaN;
  };
  const looking = setInterval(look, 20);
  const ends = await Promise.all(children.map((child) => once(child, 'close')));
  const milliseconds = performance.now() - start;
  clearInterval(looking);
  if (ends.some(([status]) => status !== 0)) throw new Error(`${commands.join(' | ')}: ${errors.join('')}`);
  return { milliseconds, peakMB: peaks.reduce((sum, peak) => sum + peak, 0) };
}

/** As Linux tells it; undefined when the process has ended. */
export function peakOf(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /VmHWM:\s*(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1e6;
  } catch {
    return undefined;
  }
}
