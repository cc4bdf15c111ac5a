import { readAccount } from '../adapters/azure/account.ts';
import { connectWithAz } from '../adapters/azure/connection.ts';
import { stateDirectory } from '../journal/state-directory.ts';
import type { Target } from '../plan/model.ts';
import { buildPlan } from '../plan/plan.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import type { Runbook } from '../runbook/model.ts';
import type { Asked } from './check-diagnosis.ts';
import { diagnose } from './diagnosis.ts';
import type { Subject } from './diagnosis.ts';
import type { Finding } from './finding.ts';
import { withSimulatedAzure } from './look.ts';
import type { RunOptions } from './options.ts';
import { knownValues, rehearsalCluster, requireParameterNames } from './parameters.ts';
import { requireRehearsal, scenarioOf } from './rehearsal.ts';
import { openRunbook, openShippedRunbooks } from './runbook-files.ts';
import { printHanging, tableLines } from './table.ts';
import { print, printJson, sayWaiting } from './terminal.ts';

const marks = { ok: '✔', warning: '!', missing: '✘', unknown: '?' } as const;

/**
 * `doctor`: what is installed, signed in, permitted and missing, for one runbook, or for those there are. On a cluster
 * that is named, what a run would check before it changes anything. Exit status 1 when something needed is missing.
 */
export async function doctor(runbook: string | undefined, options: RunOptions): Promise<ExitStatus> {
  requireRehearsal(options);
  const asked = runbook === undefined ? undefined : await openRunbook(runbook);
  if (asked === undefined) requireParameterNames(await openShippedRunbooks(), options);
  const target = targetOf(options);
  // What does not fit is said before anything is looked at.
  if (asked !== undefined && target !== undefined) buildPlan(asked, knownValues(asked, options), runbook);
  const about: About = {
    runbook: asked,
    runbooks: await openShippedRunbooks(),
    parametersOf: (each) => parametersOf(each, options),
    target,
    stateDirectory: stateDirectory(options.stateDir, options.rehearse === true).root,
  };
  const findings = options.rehearse
    ? await rehearsed(about, options)
    : await diagnose({ ...about, environment: process.env, connect: connectAsOperator });
  const missing = findings.filter(({ status }) => status === 'missing').length;
  if (options.json) printJson({ ok: missing === 0, findings: findings.map(asJson) });
  else printFindings(findings, missing, about);
  return missing === 0 ? 0 : 1;
}

type About = Omit<Subject, 'environment' | 'connect'>;

async function connectAsOperator(): ReturnType<Subject['connect']> {
  const account = await readAccount(process.env);
  return { account, connection: connectWithAz(account, process.env, { onRetry: sayWaiting }) };
}

/** The values that are known of a runbook's own parameters, defaults included. */
function parametersOf(runbook: Runbook, options: RunOptions): Asked['parameters'] {
  const values = knownValues(runbook, options);
  return Object.fromEntries(
    runbook.parameters.flatMap(({ name, default: preset }) => {
      const value = values[name] ?? preset;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The same against a simulated subscription that has the cluster. */
async function rehearsed(about: About, options: RunOptions): Promise<Finding[]> {
  const { clusterName, resourceGroup } = about.target ?? {};
  // A cluster with the name of a scenario is as that scenario has it, in a rehearsal of any command.
  const scenario = options.scenario ?? (await scenarioOf(clusterName)) ?? about.runbook?.rehearsal;
  const given = {
    ...options,
    ...(scenario === undefined ? {} : { scenario }),
    parameter: {
      ...(clusterName === undefined ? {} : { CLUSTER_NAME: clusterName }),
      ...(resourceGroup === undefined ? {} : { RESOURCE_GROUP: resourceGroup }),
    },
  };
  return withSimulatedAzure(given, sayWaiting, async (world) =>
    diagnose({ ...about, environment: world.environment, connect: async () => world }),
  );
}

/** The cluster that is named; undefined when none is. Throws `UsageError` for half a name. */
function targetOf(options: RunOptions): Target | undefined {
  const value = (name: string): string | undefined =>
    options.parameter?.[name] ?? process.env[name] ?? (options.rehearse ? rehearsalCluster[name] : undefined);
  const [clusterName, resourceGroup] = [value('CLUSTER_NAME'), value('RESOURCE_GROUP')];
  if (clusterName === undefined && resourceGroup === undefined) return undefined;
  if (clusterName !== undefined && resourceGroup !== undefined) return { clusterName, resourceGroup };
  throw new UsageError(
    `Only ${clusterName === undefined ? 'RESOURCE_GROUP' : 'CLUSTER_NAME'} is given.`,
    'Give both: -p CLUSTER_NAME=… -p RESOURCE_GROUP=….',
  );
}

/** By what they are about, with what to do under each that asks for it; in the end, whether anything is missing. */
function printFindings(findings: readonly Finding[], missing: number, about: About): void {
  const checks = about.runbook === undefined ? 'What the runbooks check' : `What ${about.runbook.id} checks`;
  printGroup(
    'This machine',
    findings.filter(({ about }) => about === 'machine'),
  );
  printGroup(
    'Azure',
    findings.filter(({ about }) => about === 'azure'),
  );
  printGroup(
    'The cluster',
    findings.filter(({ about }) => about === 'cluster'),
  );
  printGroup(
    checks,
    findings.filter(({ about }) => about === 'runbook'),
  );
  printHanging('', conclusion(missing, about.target !== undefined));
}

function printGroup(heading: string, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  print(heading);
  const looked = findings.filter(({ status }) => status !== 'unknown');
  const rows = tableLines(looked.map((finding) => [marks[finding.status], finding.what, foundText(finding)]));
  for (const [index, lines] of rows.entries()) {
    for (const line of lines) print(line);
    const { means, fix } = looked[index] ?? {};
    if (means !== undefined) printHanging('   ', means);
    if (fix !== undefined) printHanging('   → ', fix);
  }
  const left = findings.length - looked.length;
  if (left > 0)
    print(
      `${marks.unknown}  ${left === 1 ? 'One is' : `${left} are`} not looked at, because of what is missing.`,
    );
  print();
}

function conclusion(missing: number, cluster: boolean): string {
  if (missing === 1) return 'One thing that is needed is missing (✘).';
  if (missing > 1) return `${missing} things that are needed are missing (✘).`;
  if (cluster) return 'Nothing that is needed is missing.';
  return 'Nothing that is needed is missing so far. To look at a cluster too: -p CLUSTER_NAME=… -p RESOURCE_GROUP=….';
}

/** `2.70.0; needed: 22.18 or later (by kms-v2-public-to-pmk)`; a check that has nothing to show says yes or no. */
function foundText({ about, status, found, needed, runbooks }: Finding): string {
  const by = runbooks === undefined ? '' : ` (by ${runbooks.join(', ')})`;
  const text = found ?? (about === 'runbook' ? (status === 'ok' ? 'yes' : 'no') : 'not found');
  if (status === 'ok') return text;
  return `${text}${needed === undefined ? '' : `; needed: ${needed}`}${by}`;
}

function asJson({ about, what, status, found, needed, means, runbooks, fix }: Finding): unknown {
  return {
    about,
    what,
    status,
    found: found ?? null,
    needed: needed ?? null,
    means: means ?? null,
    runbooks: runbooks ?? null,
    fix: fix ?? null,
  };
}
