/** A world only to look at: the operator's Azure, or a simulated subscription made for the occasion and thrown away. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunOptions } from './options.ts';
import { rehearsalCluster } from './parameters.ts';
import { rehearsalSpeed } from './rehearsal.ts';
import { openAzure, openRehearsedAzure } from './world.ts';
import type { World } from './world.ts';

/** The scenario of a look at a simulated subscription that names none. */
const usualScenario = 'kms-v2-public';

/** Opens such a world for as long as `use` takes. Throws as `openAzure` and `openRehearsedAzure` do. */
export async function withAzure<T>(
  options: RunOptions,
  onRetry: (text: string) => void,
  use: (world: World) => Promise<T>,
): Promise<T> {
  if (options.rehearse) return withSimulatedAzure(options, onRetry, use);
  const world = await openAzure(onRetry);
  try {
    return await use(world);
  } finally {
    await world.close();
  }
}

/**
 * A simulated subscription with one cluster for each scenario, named after it. `--scenario` and the names given with
 * -p make it one with only that cluster, as a rehearsal has it.
 */
export async function withSimulatedAzure<T>(
  options: RunOptions,
  onRetry: (text: string) => void,
  use: (world: World) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'aks-kms-runbook-'));
  const { CLUSTER_NAME, RESOURCE_GROUP = rehearsalCluster['RESOURCE_GROUP'] ?? '' } = options.parameter ?? {};
  const alone = options.scenario !== undefined || CLUSTER_NAME !== undefined;
  const scenario = options.scenario ?? usualScenario;
  try {
    const world = await openRehearsedAzure(
      directory,
      {
        scenario,
        faults: options.fault ?? [],
        secretCount: options.secrets,
        speed: options.speed ?? rehearsalSpeed,
        clusterName: CLUSTER_NAME ?? scenario,
        resourceGroup: RESOURCE_GROUP,
        neighbours: !alone,
      },
      onRetry,
    );
    try {
      return await use(world);
    } finally {
      await world.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
