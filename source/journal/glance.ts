/** A quick look at a run, for who only wants to be reminded of it: nothing of what is read is checked. */
import { open } from 'node:fs/promises';
import type { RunFiles } from './state-directory.ts';

/** What a run is about, as its journal says at its beginning and its end. */
export interface Glance {
  runbook: string;
  clusterName: string;
  resourceGroup: string;
  completed: boolean;
}

/** Bytes read of each end; the first record holds the plan. */
const most = 512 * 1024;
const tail = 16 * 1024;

/** Looks at a run. Undefined when there is nothing to be made of it; never throws. */
export async function glanceAt(files: RunFiles): Promise<Glance | undefined> {
  try {
    const file = await open(files.journal);
    try {
      const { size } = await file.stat();
      const [start, end] = await Promise.all(
        [
          { position: 0, length: Math.min(size, most) },
          { position: Math.max(0, size - tail), length: Math.min(size, tail) },
        ].map(async ({ position, length }) => {
          const { buffer } = await file.read(Buffer.alloc(length), 0, length, position);
          return buffer.toString('utf8');
        }),
      );
      return told(start ?? '', end ?? '');
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

function told(start: string, end: string): Glance | undefined {
  const first = JSON.parse(start.slice(0, start.indexOf('\n'))) as {
    event?: {
      header?: {
        plan?: { runbook?: { id?: unknown }; target?: { clusterName?: unknown; resourceGroup?: unknown } };
      };
    };
  };
  const { runbook, target } = first.event?.header?.plan ?? {};
  return {
    runbook: String(runbook?.id ?? ''),
    clusterName: String(target?.clusterName ?? ''),
    resourceGroup: String(target?.resourceGroup ?? ''),
    completed: end.includes('"event":{"type":"run.completed"'),
  };
}
