/**
 * The least a client can do to write all Secrets again and go over them once more: as many requests under way as given,
 * over kept connections, and nothing kept of the answers. Sends the milliseconds of each pass to the process that forked
 * it. Started as `bench-loop.ts KUBECONFIG IN-FLIGHT`.
 */
import { readFileSync } from 'node:fs';

import { openRequests } from './bench/requests.ts';

const [file = '', inFlight = ''] = process.argv.slice(2);
const requests = openRequests(readFileSync(file, 'utf8'), Number(inFlight));

/** Milliseconds that listing and patching everything takes. */
async function pass(): Promise<number> {
  const start = performance.now();
  await requests.patch(await requests.list());
  return performance.now() - start;
}

process.send?.([await pass(), await pass()]);
requests.close();
process.disconnect?.();
