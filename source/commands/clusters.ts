import { listClusters } from '../adapters/azure/cluster-list.ts';
import { encryptionText } from '../engine/encryption.ts';
import type { ListedCluster } from '../adapters/azure/cluster-list.ts';
import { hasSucceeded } from '../engine/cluster.ts';
import { hint } from '../engine/hint.ts';
import type { Fitting } from '../engine/encryption.ts';
import { keepClusters } from '../journal/known-clusters.ts';
import { stateDirectory } from '../journal/state-directory.ts';
import type { ClusterChoice } from '../renderers/tui/app.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { withAzure } from './look.ts';
import type { RunOptions } from './options.ts';
import { requireRehearsal } from './rehearsal.ts';
import { printTable } from './aligned.ts';
import { print, printJson, say, sayWaiting } from './terminal.ts';

/** `clusters`: every cluster the account can see, how it encrypts its secrets, and the runbook for it. */
export async function clusters(options: RunOptions): Promise<ExitStatus> {
  requireRehearsal(options);
  const { clusters: listed, warnings } = await withAzure(options, sayWaiting, ({ connection }) =>
    listClusters(connection),
  );
  if (!options.rehearse) await keepClusters(stateDirectory(options.stateDir, false), listed);
  for (const warning of warnings) say(`warning: ${warning}\n`);
  if (options.json) {
    printJson(listed.map(asJson));
    return 0;
  }
  if (listed.length === 0) {
    const who = hint(['doctor'], { rehearsal: options.rehearse === true });
    print(`The signed-in account can see no AKS clusters. See \`${who}\` for who that is.`);
    return 0;
  }
  const rows = listed.map((cluster) => [
    cluster.name,
    cluster.resourceGroup,
    cluster.subscription.name,
    cluster.version ?? '?',
    generationText(cluster),
    cluster.vault ?? '-',
    cluster.state,
    runbookText(cluster),
  ]);
  const heads = ['cluster', 'resource group', 'subscription', 'version', 'KMS', 'vault', 'state', 'runbook'];
  await printTable(heads, rows);
  return 0;
}

/**
 * The clusters as the screen offers them, those of the active subscription first. Commands go to the active
 * subscription, so the others are shown and cannot be taken.
 */
export async function clusterChoices(options: RunOptions, signal: AbortSignal): Promise<ClusterChoice[]> {
  // Those of a rehearsal's subscription, whatever the rehearsal itself is to be.
  const { clusters: listed, active } = await withAzure(
    options.rehearse ? { rehearse: true } : {},
    () => undefined,
    async ({ connection, account }) => ({
      ...(await listClusters(connection, { signal })),
      active: account.subscription.toLowerCase(),
    }),
  );
  if (!options.rehearse) await keepClusters(stateDirectory(options.stateDir, false), listed);
  const here = ({ subscription }: ListedCluster): boolean => subscription.id.toLowerCase() === active;
  const [own, others] = [listed.filter(here), listed.filter((cluster) => !here(cluster))];
  return [...own, ...others].map((cluster) => {
    const { name, resourceGroup, subscription, version = '?', runbooks } = cluster;
    const blocked = cluster.blocked && [cluster.blocked, cluster.fix].filter(Boolean).join(' ');
    const detail = [
      version,
      encryptionText(cluster),
      ...(hasSucceeded(cluster.state) ? [] : [cluster.state]),
    ];
    if (here(cluster)) return { name, resourceGroup, detail: detail.join(' · '), runbooks, blocked };
    const unavailable = `${name} is in the subscription ${subscription.name}, which is not active: leave, and run az account set --subscription ${subscription.id}.`;
    const place = [...detail, `in ${subscription.name}`].join(' · ');
    return { name, resourceGroup, detail: place, runbooks, blocked, unavailable };
  });
}

/** What can be begun with it, or why nothing can. */
export function runbookText({ runbooks, blocked, note }: Fitting): string {
  return blocked ?? `${runbooks.join(' or ')}${note === undefined ? '' : ` (${note})`}`;
}

function generationText({ generation }: ListedCluster): string {
  return generation === 'unknown' ? '?' : generation;
}

function asJson(cluster: ListedCluster): unknown {
  const { id, name, resourceGroup, location, subscription, state } = cluster;
  const { version, generation, vault, runbooks, blocked, fix, note } = cluster;
  return {
    name,
    resourceGroup,
    subscription,
    location,
    id,
    version: version ?? null,
    generation,
    vault: vault ?? null,
    state,
    runbooks,
    blocked: blocked ?? null,
    fix: fix ?? null,
    note: note ?? null,
  };
}
