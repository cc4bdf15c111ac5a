import { readAccount } from '../adapters/azure/account.ts';
import { connectWithAz } from '../adapters/azure/connection.ts';
import { stateDirectory } from '../journal/state-directory.ts';
import type { Target } from '../plan/model.ts';
import { UsageError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';
import { diagnose } from './diagnosis.ts';
import type { Subject } from './diagnosis.ts';
import type { Finding } from './finding.ts';
import { withSimulatedAzure } from './look.ts';
import { needsOf } from './needs.ts';
import type { RunOptions } from './options.ts';
import { rehearsalCluster } from './parameters.ts';
import { asksForChoices, listChoices, requireRehearsal } from './rehearsal.ts';
import { openRunbook, shippedRunbookFiles } from './runbook-files.ts';
import { print, printJson, sayWaiting, table } from './terminal.ts';

const marks = { ok: '✔', warning: '!', missing: '✘', unknown: '?' } as const;

/**
 * `doctor`: what is installed, signed in, permitted and missing, for all runbooks or for one. Exit status 1 when
 * something needed is missing.
 */
export async function doctor(runbook: string | undefined, options: RunOptions): Promise<ExitStatus> {
  requireRehearsal(options);
  if (asksForChoices(options)) return listChoices(options);
  const ids = runbook === undefined ? shippedRunbookFiles().map(({ id }) => id) : [runbook];
  const runbooks = ids.map(openRunbook);
  const target = targetOf(options);
  const about = {
    needs: needsOf(runbooks),
    target,
    stateDirectory: stateDirectory(options.stateDir, options.rehearse === true).root,
  };
  const findings = options.rehearse
    ? await rehearsed(about, options, runbook === undefined ? undefined : runbooks[0]?.rehearsal)
    : await diagnose({ ...about, environment: process.env, connect: connectAsOperator });
  const missing = findings.filter(({ status }) => status === 'missing').length;
  if (options.json) printJson({ ok: missing === 0, findings: findings.map(asJson) });
  else printFindings(findings, missing);
  return missing === 0 ? 0 : 1;
}

async function connectAsOperator(): ReturnType<Subject['connect']> {
  const account = await readAccount(process.env);
  return { account, connection: connectWithAz(account, process.env, { onRetry: sayWaiting }) };
}

/** The same against a simulated subscription that has the cluster. */
async function rehearsed(
  about: Pick<Subject, 'needs' | 'target' | 'stateDirectory'>,
  options: RunOptions,
  usual: string | undefined,
): Promise<Finding[]> {
  const { clusterName, resourceGroup } = about.target ?? {};
  const scenario = options.scenario ?? usual;
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

function printFindings(findings: readonly Finding[], missing: number): void {
  const rows = findings.map((finding) => [marks[finding.status], finding.what, foundText(finding)]);
  for (const [index, line] of table(rows).entries()) {
    print(line);
    const fix = findings[index]?.fix;
    if (fix !== undefined) print(`   → ${fix}`);
  }
  print();
  if (missing === 0) print('Nothing that is needed is missing.');
  else
    print(
      missing === 1
        ? 'One thing that is needed is missing.'
        : `${missing} things that are needed are missing.`,
    );
}

/** `2.70.0; needed: 2.73.0 or later (by kms-v2-public-to-pmk)`. */
function foundText({ status, found, needed, runbooks }: Finding): string {
  const text = found ?? (status === 'unknown' ? 'not looked at' : 'not found');
  if (needed === undefined || status === 'ok') return text;
  return `${text}; needed: ${needed}${runbooks === undefined ? '' : ` (by ${runbooks.join(', ')})`}`;
}

function asJson({ what, status, found, needed, runbooks, fix }: Finding): unknown {
  return {
    what,
    status,
    found: found ?? null,
    needed: needed ?? null,
    runbooks: runbooks ?? null,
    fix: fix ?? null,
  };
}
