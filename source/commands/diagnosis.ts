/** What is installed, signed in and permitted, against what runbooks need; and how to get what is missing. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import semver from 'semver';
import packageJson from '../../package.json' with { type: 'json' };
import { createSignIn } from '../adapters/azure/sign-in.ts';
import { readTools } from '../adapters/azure/tools.ts';
import type { Tools } from '../adapters/azure/tools.ts';
import { makePrivateDirectory, reason } from '../journal/state-directory.ts';
import type { Target } from '../plan/model.ts';
import type { Runbook } from '../runbook/model.ts';
import { ToolError } from '../runbook/errors.ts';
import { diagnoseChecks } from './check-diagnosis.ts';
import type { Asked } from './check-diagnosis.ts';
import { diagnoseCluster, diagnoseFitting } from './cluster-diagnosis.ts';
import { problem } from './finding.ts';
import type { Finding } from './finding.ts';
import { openLookFacts } from './look-facts.ts';
import { needsOf } from './needs.ts';
import type { World } from './world.ts';

type SignedIn = Pick<World, 'account' | 'connection'>;

export interface Subject {
  environment: World['environment'];
  /** Finds out who is signed in. Throws `ToolError` when nobody is. */
  connect(): Promise<SignedIn>;
  /** The runbook that is asked about. */
  runbook?: Runbook | undefined;
  /** Those of which the ones for the cluster, or without one all, are looked at when none is asked about. */
  runbooks: readonly Runbook[];
  /** The values of a runbook's parameters, its defaults among them. */
  parametersOf(runbook: Runbook): Asked['parameters'];
  /** The cluster to look at as well. */
  target?: Target | undefined;
  stateDirectory: string;
}

/** Looks at everything. What cannot be looked at is a finding, not an error. */
export async function diagnose(subject: Subject): Promise<Finding[]> {
  const { environment, runbook, runbooks, parametersOf, target, stateDirectory } = subject;
  const [tools, state, signedIn] = await Promise.all([
    readTools(environment),
    diagnoseStateDirectory(stateDirectory),
    signIn(subject),
  ]);
  const world = signedIn instanceof ToolError ? undefined : signedIn;
  const facts = await openLookFacts({ environment, tools, world, target });
  try {
    const cluster = target && (await diagnoseCluster(target, facts));
    const fitting = cluster?.fitting;
    const looked =
      runbook === undefined ? runbooks.filter(({ id }) => fitting?.runbooks.includes(id) ?? true) : [runbook];
    const asked = looked.map((each): Asked => ({ runbook: each, parameters: parametersOf(each) }));
    // Of a runbook of the operator's own it is not known which clusters it is for.
    const own = runbook !== undefined && !runbooks.some(({ id }) => id === runbook.id);
    // The checks of all runbooks on a cluster that cannot be read would be a long list of nothing.
    const onCluster = runbook === undefined ? fitting !== undefined : target !== undefined;
    const { programs, longest } = needsOf(looked);
    const [checks, azure] = await Promise.all([
      diagnoseChecks(asked, facts, onCluster),
      diagnoseSignIn(environment, signedIn, longest),
    ]);
    return [
      ...diagnosePrograms(tools, programs),
      state,
      ...azure,
      ...(cluster === undefined ? [] : [cluster.finding]),
      ...(fitting === undefined || own ? [] : [diagnoseFitting(fitting, runbook?.id)]),
      ...checks,
    ];
  } finally {
    await facts.close();
  }
}

async function signIn({ connect }: Subject): Promise<SignedIn | ToolError> {
  try {
    return await connect();
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
}

/** Programs the tool can tell the version of, with a name to show and a way to get them. */
const known = [
  {
    name: 'az',
    title: 'Azure CLI (az)',
    fix: 'Install it as https://learn.microsoft.com/cli/azure/install-azure-cli says.',
  },
  {
    name: 'kubectl',
    title: 'kubectl',
    fix: 'Run az aks install-cli, which installs kubectl and kubelogin.',
  },
] as const;

function diagnosePrograms(tools: Tools, programs: ReadonlySet<string>): Finding[] {
  const { node } = process.versions;
  const wanted = packageJson.engines.node;
  const recent = semver.satisfies(node, wanted);
  const about = 'machine';
  return [
    {
      about,
      what: 'Node.js',
      status: recent ? 'ok' : 'missing',
      found: node,
      needed: wanted.replace('>=', '').concat(' or later'),
      fix: recent ? undefined : 'Install it from https://nodejs.org.',
    },
    ...known.map(({ name, title, fix }): Finding => {
      const found = tools[name] ?? undefined;
      if (found !== undefined) return { about, what: title, status: 'ok', found };
      // az is what the tool itself reaches Azure with, whether or not a runbook runs it.
      const needed = name === 'az' || programs.has(name);
      return { about, what: title, status: needed ? 'missing' : 'warning', fix };
    }),
    {
      about,
      what: 'kubelogin',
      status: tools.kubelogin === null ? 'warning' : 'ok',
      found: tools.kubelogin ?? undefined,
      needed: 'only for clusters with Microsoft Entra ID',
      fix: tools.kubelogin === null ? 'For such a cluster, run az aks install-cli.' : undefined,
    },
  ];
}

/** Whether a file can be made where runs are kept. */
async function diagnoseStateDirectory(directory: string): Promise<Finding> {
  const [about, what] = ['machine', 'state directory'] as const;
  const file = join(directory, `.doctor-${randomUUID()}`);
  try {
    await makePrivateDirectory(directory);
    const handle = await open(file, 'wx', 0o600);
    await handle.close();
    return { about, what, status: 'ok', found: directory };
  } catch (error) {
    const next = 'Make it writable, or choose another place with --state-dir.';
    const why =
      error instanceof ToolError ? error.message : `${directory} cannot be written: ${reason(error)}.`;
    return { about, what, status: 'missing', found: why, fix: next };
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}

async function diagnoseSignIn(
  environment: World['environment'],
  signedIn: SignedIn | ToolError,
  longest: number,
): Promise<Finding[]> {
  const about = 'azure';
  if (signedIn instanceof ToolError) return [problem(about, 'sign-in to Azure', signedIn)];
  const { operator, cloud, tenant, subscription, subscriptionName } = signedIn.account;
  return [
    { about, what: 'signed in as', status: 'ok', found: operator },
    { about, what: 'cloud and tenant', status: 'ok', found: `${cloud}, ${tenant}` },
    { about, what: 'active subscription', status: 'ok', found: `${subscriptionName} (${subscription})` },
    await diagnoseToken(environment, longest),
  ];
}

async function diagnoseToken(environment: World['environment'], longest: number): Promise<Finding> {
  const [about, what] = ['azure', 'token'] as const;
  try {
    const until = await createSignIn(environment).validUntil();
    if (until === undefined) return { about, what, status: 'ok', found: 'valid' };
    const left = until.getTime() - Date.now();
    const found = `good until ${until.toISOString().slice(0, 16)}Z, ${Math.max(0, Math.floor(left / 60_000))} min`;
    if (left <= 0) return { about, what, status: 'missing', found, fix: 'Sign in with az login.' };
    if (left > longest) return { about, what, status: 'ok', found };
    return {
      about,
      what,
      status: 'warning',
      found,
      needed: `${Math.round(longest / 60_000)} min for the longest step`,
      fix: 'az gets a new one by itself while the sign-in holds; to be sure of it, sign in anew with az login.',
    };
  } catch (error) {
    return problem(about, what, error);
  }
}
