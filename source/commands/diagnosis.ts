/** What is installed, signed in and permitted, against what runbooks need; and how to get what is missing. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import semver from 'semver';
import packageJson from '../../package.json' with { type: 'json' };
import { readFeatures } from '../adapters/azure/features.ts';
import { createSignIn } from '../adapters/azure/sign-in.ts';
import { readTools } from '../adapters/azure/tools.ts';
import { makePrivateDirectory, reason } from '../journal/state-directory.ts';
import type { Target } from '../plan/model.ts';
import { compareVersions } from '../runbook/versions.ts';
import { ToolError } from '../runbook/errors.ts';
import { diagnoseCluster } from './cluster-diagnosis.ts';
import { problem } from './finding.ts';
import type { Finding } from './finding.ts';
import type { Needs } from './needs.ts';
import type { World } from './world.ts';

export interface Subject {
  environment: World['environment'];
  /** Finds out who is signed in. Throws `ToolError` when nobody is. */
  connect(): Promise<Pick<World, 'account' | 'connection'>>;
  needs: Needs;
  /** The cluster to look at as well. */
  target?: Target | undefined;
  stateDirectory: string;
}

/** Looks at everything. What cannot be looked at is a finding, not an error. */
export async function diagnose(subject: Subject): Promise<Finding[]> {
  const { environment, needs, stateDirectory } = subject;
  const [programs, state, azure] = await Promise.all([
    diagnosePrograms(environment, needs),
    diagnoseStateDirectory(stateDirectory),
    diagnoseAzure(subject),
  ]);
  return [...programs, state, ...azure];
}

const fixes: Record<string, string> = {
  az: 'Run az upgrade, or install it as https://learn.microsoft.com/cli/azure/install-azure-cli says.',
  'aks-preview': 'Run az extension add --name aks-preview --upgrade --allow-preview true.',
  kubectl: 'Run az aks install-cli, which installs kubectl and kubelogin.',
};

async function diagnosePrograms(environment: World['environment'], needs: Needs): Promise<Finding[]> {
  const tools = await readTools(environment);
  const { node } = process.versions;
  const wanted = packageJson.engines.node;
  const runtime: Finding = {
    what: 'Node.js',
    status: semver.satisfies(node, wanted) ? 'ok' : 'missing',
    found: node,
    needed: wanted.replace('>=', '').concat(' or later'),
    fix: semver.satisfies(node, wanted) ? undefined : 'Install it from https://nodejs.org.',
  };
  // What the tool itself uses is needed whether or not a runbook names it.
  const names = new Set(['az', ...needs.tools.map(({ name }) => name)]);
  const programs = [...names].map((name): Finding => {
    const need = needs.tools.find((candidate) => candidate.name === name);
    const found = (tools as unknown as Record<string, string | null>)[name] ?? undefined;
    const enough = found !== undefined && isEnough(found, need?.version);
    return {
      what: titles[name] ?? name,
      status: enough ? 'ok' : 'missing',
      found,
      needed: need?.version === undefined ? undefined : `${need.version} or later`,
      runbooks: need?.runbooks,
      fix: enough ? undefined : (fixes[name] ?? `Install ${name}.`),
    };
  });
  const kubelogin: Finding = {
    what: 'kubelogin',
    status: tools.kubelogin === null ? 'warning' : 'ok',
    found: tools.kubelogin ?? undefined,
    needed: 'only for clusters with Microsoft Entra ID',
    fix: tools.kubelogin === null ? 'For such a cluster, run az aks install-cli.' : undefined,
  };
  return [runtime, ...programs, ...(names.has('kubelogin') ? [] : [kubelogin])];
}

const titles: Record<string, string> = { az: 'Azure CLI (az)', 'aks-preview': 'az extension aks-preview' };

function isEnough(found: string, needed: string | undefined): boolean {
  return needed === undefined || (compareVersions(found, needed) ?? -1) >= 0;
}

/** Whether a file can be made where runs are kept. */
async function diagnoseStateDirectory(directory: string): Promise<Finding> {
  const what = 'state directory';
  const file = join(directory, `.doctor-${randomUUID()}`);
  try {
    await makePrivateDirectory(directory);
    const handle = await open(file, 'wx', 0o600);
    await handle.close();
    return { what, status: 'ok', found: directory };
  } catch (error) {
    const next = 'Make it writable, or choose another place with --state-dir.';
    const why =
      error instanceof ToolError ? error.message : `${directory} cannot be written: ${reason(error)}.`;
    return { what, status: 'missing', found: why, fix: next };
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}

async function diagnoseAzure(subject: Subject): Promise<Finding[]> {
  const { environment, needs, target } = subject;
  let world: Pick<World, 'account' | 'connection'>;
  try {
    world = await subject.connect();
  } catch (error) {
    const rest = [...featureNames(needs), ...(target === undefined ? [] : [`cluster ${target.clusterName}`])];
    return [
      problem('sign-in to Azure', error),
      ...rest.map((what): Finding => ({ what, status: 'unknown' })),
    ];
  }
  const { account } = world;
  const [token, features, cluster] = await Promise.all([
    diagnoseToken(environment, needs),
    diagnoseFeatures(world, needs),
    target === undefined ? [] : diagnoseCluster(world, environment, target),
  ]);
  return [
    { what: 'signed in as', status: 'ok', found: account.operator },
    { what: 'cloud and tenant', status: 'ok', found: `${account.cloud}, ${account.tenant}` },
    {
      what: 'active subscription',
      status: 'ok',
      found: `${account.subscriptionName} (${account.subscription})`,
    },
    token,
    ...features,
    ...cluster,
  ];
}

async function diagnoseToken(environment: World['environment'], { longest }: Needs): Promise<Finding> {
  const what = 'token';
  try {
    const until = await createSignIn(environment).validUntil();
    if (until === undefined) return { what, status: 'ok', found: 'valid' };
    const left = until.getTime() - Date.now();
    const found = `good until ${until.toISOString().slice(0, 16)}Z, ${Math.max(0, Math.floor(left / 60_000))} min`;
    if (left <= 0) return { what, status: 'missing', found, fix: 'Sign in with az login.' };
    if (left > longest) return { what, status: 'ok', found };
    return {
      what,
      status: 'warning',
      found,
      needed: `${Math.round(longest / 60_000)} min for the longest step`,
      fix: 'az gets a new one by itself while the sign-in holds; to be sure of it, sign in anew with az login.',
    };
  } catch (error) {
    return problem(what, error);
  }
}

async function diagnoseFeatures(
  { connection, account }: Pick<World, 'account' | 'connection'>,
  needs: Needs,
): Promise<Finding[]> {
  if (needs.features.length === 0) return [];
  try {
    const states = await readFeatures(connection, account.subscription);
    return needs.features.map(({ name, runbooks }): Finding => {
      const found = states[name] ?? 'NotRegistered';
      return {
        what: `preview feature ${name}`,
        status: found === 'Registered' ? 'ok' : 'missing',
        found,
        needed: 'Registered',
        runbooks,
        fix:
          found === 'Registered'
            ? undefined
            : `Run az feature register --namespace Microsoft.ContainerService --name ${name}, wait until az feature ` +
              'show says Registered, then run az provider register --namespace Microsoft.ContainerService.',
      };
    });
  } catch (error) {
    return featureNames(needs).map((what) => problem(what, error));
  }
}

function featureNames({ features }: Needs): string[] {
  return features.map(({ name }) => `preview feature ${name}`);
}
