/** `rewrite-secrets`: writes every Secret of any Kubernetes cluster again, so that all are under the current key. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClusterFacts } from '../adapters/kubernetes/cluster-facts.ts';
import type { Policy } from '../adapters/kubernetes/policy.ts';
import type { SecretCount } from '../adapters/kubernetes/secrets.ts';
import { stateDirectory } from '../journal/state-directory.ts';
import { rewriteRoleFix } from '../plan/rewrite-plan.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { carryOutPlain } from './carry-out.ts';
import { beginContext, openChosen, rehearsedContext } from './context-session.ts';
import type { ContextChoice, OpenedContext } from './context-session.ts';
import { withTranscripts } from './locate.ts';
import type { RunOptions } from './options.ts';
import { requireRehearsal } from './rehearsal.ts';
import { printTable } from './aligned.ts';
import { isInteractive, print, printJson, sayWaiting } from './terminal.ts';

export interface RewriteOptions extends RunOptions {
  context?: string;
  namespace?: string[];
  dryRun?: boolean;
}

/** The simulated cluster that has something to rewrite. */
const usualScenario = 'kms-v2-rotated';

export async function rewriteSecrets(options: RewriteOptions): Promise<ExitStatus> {
  requireRehearsal(options);
  const choice = choose(options);
  if (options.dryRun) return dryRun(choice, options);
  if (options.json)
    throw new UsageError(
      '--json is for --dry-run.',
      'A run tells what it did in its transcript and its journal.',
    );
  const state = await withTranscripts(stateDirectory(options.stateDir, options.rehearse === true), options);
  const session = await beginContext(state, choice, options, sayWaiting);
  if (options.plain === true || !isInteractive()) return carryOutPlain(session, options);
  const { openScreen } = await import('./screen.ts');
  return openScreen(options, { kind: 'run', session });
}

function choose(options: RewriteOptions): ContextChoice {
  const { context, namespace: namespaces = [], rehearse, scenario = usualScenario, fault = [] } = options;
  const odd = namespaces.find((name) => !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name));
  if (odd !== undefined)
    throw new UsageError(
      `"${odd}" is no name of a namespace.`,
      'Give each as --namespace NAME; leave it out for all.',
    );
  if (rehearse && context !== undefined)
    throw new UsageError('A rehearsal has a cluster of its own.', 'Leave out --context, or --rehearse.');
  const { speed, clients, secrets: secretCount } = options;
  const rehearsal = rehearse
    ? rehearsedContext({ scenario, faults: fault, speed, clients, secretCount })
    : undefined;
  return { context, namespaces: [...new Set(namespaces)].sort(), rehearsal };
}

/** Asks what a rewrite would meet: permissions, and in each namespace what admission says to a dry run. */
async function dryRun(choice: ContextChoice, { json }: RewriteOptions): Promise<ExitStatus> {
  const directory = await mkdtemp(join(tmpdir(), 'aks-kms-runbook-'));
  try {
    const files = { simulation: join(directory, 'simulation'), kubeconfig: join(directory, 'kubeconfig') };
    const place = await openChosen(files, choice, sayWaiting);
    try {
      const rehearsal = choice.rehearsal !== undefined;
      const found = { rehearsal, ...(await look(place, choice.namespaces)) };
      if (json) printJson(found);
      else await tell(found);
      return found.allowed ? 0 : 1;
    } finally {
      await place.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Found {
  /** The cluster is a simulated one. */
  rehearsal: boolean;
  context: string;
  server: string;
  kubernetesVersion: string;
  user: string;
  /** Nothing that was tried is in the way: one Secret in each namespace. */
  allowed: boolean;
  /** Permissions that are lacking. */
  missing: readonly string[];
  /** How many there are; null when they may not be listed. */
  secrets: number | null;
  /** `refusal`: what the API server says to a change of the one Secret there that was tried. */
  namespaces: readonly { name: string; secrets: number; refusal: string | null }[];
}

async function look(
  { context, identity, operator }: OpenedContext,
  scope: readonly string[],
): Promise<Omit<Found, 'rehearsal'>> {
  const facts = createClusterFacts(context, scope);
  const access = (await facts.read(['access'])).values.access as { patchSecrets: boolean; missing: string[] };
  const about = {
    context: context.name,
    server: context.server,
    kubernetesVersion: identity.version,
    user: operator,
    missing: access.missing,
  };
  if (!access.patchSecrets) return { ...about, allowed: false, secrets: null, namespaces: [] };
  const { values } = await facts.read(['secrets', 'policy']);
  const { count, namespaces } = values.secrets as SecretCount;
  const { allowed, blocked } = values.policy as Policy;
  const refusals = new Map(blocked.map(({ namespace, message }) => [namespace, message]));
  return {
    ...about,
    allowed,
    secrets: count,
    namespaces: namespaces.map(({ name, count: secrets }) => ({
      name,
      secrets,
      refusal: refusals.get(name) ?? null,
    })),
  };
}

async function tell({ rehearsal, context, server, kubernetesVersion, user, ...found }: Found): Promise<void> {
  const { missing, secrets, namespaces } = found;
  if (rehearsal) print('REHEARSAL: nothing real is looked at.');
  print(`context ${context} · ${server} · ${kubernetesVersion} · ${user}`);
  print('');
  if (secrets === null) {
    print(`${user} may not do all that is needed. Missing: ${missing.join(', ')}.`);
    print(`${rewriteRoleFix} Nothing was written.`);
    return;
  }
  const rows = namespaces.map(({ name, secrets, refusal }) => [
    name,
    String(secrets),
    refusal === null ? 'would be written' : `REFUSED: ${refusal}`,
  ]);
  await printTable(['namespace', 'secrets', 'a dry run of one of them says'], rows);
  print('');
  const refused = namespaces.filter(({ refusal }) => refusal !== null).length;
  const end = refused === 0 ? 'none was refused' : `${refused} ${refused === 1 ? 'was' : 'were'} refused`;
  print(
    `${secrets} ${secrets === 1 ? 'Secret' : 'Secrets'} in ${namespaces.length} ` +
      `${namespaces.length === 1 ? 'namespace' : 'namespaces'}. One of each namespace was tried, and ${end}; ` +
      'the others are tried when they are written. Nothing was written.',
  );
}
