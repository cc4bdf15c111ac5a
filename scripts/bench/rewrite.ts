/** Rewriting all Secrets: against the documented pipeline, against a bare loop, and in memory. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { usualInFlight as inFlight } from '../../source/engine/rewriting.ts';
import { root, shellEnvironment } from '../../test/support/terminal.ts';
import { withCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { measure } from './processes.ts';
import type { Measured } from './processes.ts';
import { median, rounded } from './results.ts';
import type { Result } from './results.ts';

const cli = join(root, 'dist', 'cli.js');
const documented = [
  ['kubectl', 'get', 'secrets', '--all-namespaces', '-o', 'json'],
  ['kubectl', 'replace', '-f', '-'],
];

/** The tool and the pipeline, 3,000 Secrets each, `roundTrip` milliseconds away; the pipeline once, since it is slow. */
export async function againstPipeline(roundTrip: number): Promise<Result[]> {
  const secrets = 3_000;
  const rounds = 3;
  const ours: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) ours.push((await rewrite(secrets, roundTrip)).measured);
  const theirs = await withCluster(secrets, roundTrip, async (cluster) => {
    const measured = await measure(documented, kubectlEnvironment(cluster));
    await expectDone(cluster, secrets);
    return measured;
  });
  const time = median(ours.map(({ milliseconds }) => milliseconds));
  const against = 'the documented kubectl pipeline';
  const what = `rewriting 3,000 Secrets and verifying them, ${roundTrip} ms away`;
  const faster: Result = {
    what: `${what} (ratio: times faster)`,
    against,
    unit: 'ms',
    ours: rounded(time),
    theirs: rounded(theirs.milliseconds),
    ratio: rounded(theirs.milliseconds / time),
    ...(roundTrip === 0 ? {} : { target: { at: 'least', value: 25 } }),
  };
  return [faster, memory(what, against, median(ours.map(({ peakMB }) => peakMB)), theirs.peakMB)];
}

/** The tool and a loop that does nothing but send the same requests: how much of its throughput is reached. */
export async function againstBareLoop(roundTrip: number): Promise<Result> {
  const secrets = 3_000;
  const rounds = 3;
  const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round += 1) {
    times.ours.push((await rewrite(secrets, roundTrip)).passes);
    times.theirs.push(await bareLoop(secrets, roundTrip));
  }
  const perSecond = (milliseconds: readonly number[]): number => (2 * secrets * 1000) / median(milliseconds);
  const [ours, theirs] = [perSecond(times.ours), perSecond(times.theirs)];
  return {
    what: `Secrets asked for in both passes, ${roundTrip} ms away`,
    against: `a bare loop of the same requests, ${inFlight} under way`,
    unit: 'requests/s',
    ours: rounded(ours),
    theirs: rounded(theirs),
    ratio: rounded(ours / theirs),
    target: { at: 'least', value: 0.9 },
  };
}

/** The tool's memory with 50,000 Secrets. */
export async function ofManySecrets(): Promise<Result> {
  const { measured } = await rewrite(50_000, 0);
  return {
    what: 'memory at most, rewriting 50,000 Secrets',
    against: 'its budget',
    unit: 'MB',
    ours: rounded(measured.peakMB),
    target: { at: 'most', value: 150 },
  };
}

/** One rewrite by the command line. @throws Error unless the cluster has all Secrets under its key and sent no value. */
function rewrite(secrets: number, roundTrip: number): Promise<{ measured: Measured; passes: number }> {
  return withCluster(secrets, roundTrip, async (cluster) => {
    const state = join(cluster.directory, 'state');
    const words = ['rewrite-secrets', '--context', 'bench', '--yes', '--plain', '--state-dir', state];
    const measured = await measure([[process.execPath, cli, ...words]], environmentFor(cluster));
    const { valuesSent } = await expectDone(cluster, secrets);
    if (valuesSent > 0) throw new Error(`${valuesSent} values of Secrets were sent to the tool.`);
    return { measured, passes: passTime(state) };
  });
}

function bareLoop(secrets: number, roundTrip: number): Promise<number> {
  return withCluster(secrets, roundTrip, async (cluster) => {
    const script = fileURLToPath(new URL('../bench-loop.ts', import.meta.url));
    const child = fork(script, [cluster.kubeconfig, String(inFlight)]);
    const [passes] = (await once(child, 'message')) as [number[]];
    await expectDone(cluster, secrets);
    return passes.reduce((sum, time) => sum + time, 0);
  });
}

/** Milliseconds of all passes, as the journal of the only run has them. */
function passTime(state: string): number {
  const [run = ''] = readdirSync(join(state, 'runs'));
  const lines = readFileSync(join(state, 'runs', run, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n');
  let total = 0;
  for (const line of lines) {
    const { time, event } = JSON.parse(line) as { time: string; event: { type: string } };
    if (event.type === 'rewrite.begun') total -= Date.parse(time);
    if (event.type === 'rewrite.pass-ended') total += Date.parse(time);
  }
  return total;
}

async function expectDone(cluster: Cluster, secrets: number): Promise<{ valuesSent: number }> {
  const record = await cluster.record();
  if (record.current !== secrets) throw new Error(`${record.current} of ${secrets} Secrets were rewritten.`);
  return record;
}

function environmentFor({ directory, kubeconfig }: Cluster): Record<string, string> {
  return { ...shellEnvironment(join(directory, 'state')), HOME: directory, KUBECONFIG: kubeconfig };
}

/**
 * The way to the cluster as an environment variable: with a `proxy-url` in its kubeconfig, which AKS does not give,
 * kubectl opens a connection for every object (client-go keeps no transport whose proxy it cannot compare).
 */
function kubectlEnvironment(cluster: Cluster): Record<string, string> {
  const kubeconfig = readFileSync(cluster.kubeconfig, 'utf8');
  const line = /^ *proxy-url: (\S+)\n/mu;
  const direct = join(cluster.directory, 'kubectl-config');
  writeFileSync(direct, kubeconfig.replace(line, ''), { mode: 0o600 });
  const proxy = line.exec(kubeconfig)?.[1] ?? '';
  return { ...environmentFor(cluster), KUBECONFIG: direct, HTTPS_PROXY: proxy };
}

function memory(what: string, against: string, ours: number, theirs: number): Result {
  return {
    what: `memory at most, ${what}`,
    against,
    unit: 'MB',
    ours: rounded(ours),
    theirs: rounded(theirs),
    ratio: rounded(ours / theirs),
  };
}
