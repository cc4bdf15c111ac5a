/** What a reader of a change record sees first. */
import type { ChangeRecord, SettingsChange } from './model.ts';
import type { Fact, Page } from './page.ts';
import { capital, code, refer, say } from './phrase.ts';
import { leftAsStored } from './report-rewrite.ts';
import type { Phrase } from './phrase.ts';
import { between, showDuration, showLocalTime, showTime } from './time.ts';

/** The outcome, and in a few rows what was asked for, where, by whom, what came of it and what is left to do. */
export function summary(page: Page, record: ChangeRecord): void {
  const { runbook, outcome, irreversible } = record;
  page.heading(2, say`Summary`, 'summary');
  page.outcome(outcome.kind === 'completed' ? 'good' : 'warn', outcome.phrase);
  if (record.attention !== undefined) page.banner('ATTENTION.', [record.attention]);
  page.facts([
    ['Asked for', [runbook.title]],
    ['Cluster', cluster(record)],
    ['By', by(record)],
    ['When', ...when(record)],
    ...(record.context === undefined ? [['Encryption', encryption(record.settings)] as const] : []),
    ...some('KMS off', off(record.settings)),
    // The outcome of a run that came to its end counts them already.
    ...(isEnded(record) ? [] : [['Steps', say`${count(record)}: ${outcome.counts.join(', ')}`] as const]),
    ...some('Secrets', secrets(record)),
    ...some('Confirmations', confirmed(record)),
    ...some('Not as planned', record.deviations.map(result)),
    ...some(
      'Cannot be undone',
      irreversible.map(
        ({ step, at, result, command }) =>
          say`${capital(refer(step))} (${command === undefined ? '' : say`${code(command)}, `}first started ${showTime(at)} UTC): ${result}`,
      ),
    ),
    [
      'Decisions and incidents',
      record.notable.length === 0 ? say`None` : say`${record.notable.length}, see below`,
    ],
    ...some('Attested', attested(record)),
    ['Left to do', ...leftToDo(record)],
  ]);
}

/** Everything that tells this cluster and this run from any other. */
export function identity(page: Page, record: ChangeRecord): void {
  const { cluster, operator } = record;
  page.heading(3, say`Which cluster, who and where`, 'identity');
  page.facts([
    ...place(record),
    [
      'Kubernetes',
      say`${code(cluster.kubernetesVersion)} at the start${
        cluster.createdAt === undefined ? '' : `; the cluster was created ${showTime(cluster.createdAt)} UTC`
      }`,
    ],
    ['Started by', say`${code(operator.name)}, at ${code(`${operator.localUser}@${operator.host}`)}`],
    ['Run', say`${code(record.runId)}${record.rehearsal ? ' (REHEARSAL)' : ''}`],
    ...(record.simulation === undefined ? [] : [['Simulated', simulated(record.simulation)] as const]),
  ]);
}

/** Which cluster, in a line: as Azure knows it, or as a kubeconfig context does. */
function cluster({ target, subscription, context }: ChangeRecord): Phrase {
  if (context !== undefined) return say`kubeconfig context ${code(context.name)}`;
  const named = say`${code(target.clusterName)}, resource group ${code(target.resourceGroup)}`;
  return subscription === undefined ? named : say`${named}, subscription ${subscription.name}`;
}

/** What tells the cluster from any other: to Azure, or to who has a kubeconfig context for it only. */
function place({ subscription, tenant, cluster, context }: ChangeRecord): Fact[] {
  if (context !== undefined)
    return [
      ['API server', [code(context.server)]],
      ['Cluster identity', say`uid of ${context.namespace ?? 'kube-system'} ${code(context.uid)}`],
    ];
  return [
    ...(subscription === undefined
      ? []
      : [['Subscription', say`${subscription.name} (${code(subscription.id)})`] as const]),
    ...(tenant === undefined ? [] : [['Tenant', [code(tenant)]] as const]),
    ['Resource ID', [code(cluster.id)]],
    ['API server', [code(cluster.fqdn)]],
  ];
}

function simulated({ scenario, faults, clients }: NonNullable<ChangeRecord['simulation']>): Phrase {
  const named = faults.flatMap((fault, index): Phrase => [
    index === 0 ? 'with the faults ' : ', ',
    code(fault),
  ]);
  const used = clients === 'real' ? 'the az and kubectl that were installed' : 'stand-ins for az and kubectl';
  return say`Scenario ${code(scenario)}, ${faults.length === 0 ? 'no faults' : named}; ${used}`;
}

function by({ operator, sessions }: ChangeRecord): Phrase {
  const others = sessions.map((session) => session.operator.name).filter((name) => name !== operator.name);
  return [...new Set(others)].reduce<Phrase>(
    (all, name, index) => say`${all}${index === 0 ? '; continued by ' : ', '}${code(name)}`,
    [code(operator.name)],
  );
}

function when({ startedAt, endedAt, outcome, sessions }: ChangeRecord): Phrase[] {
  const length = between(startedAt, endedAt);
  const last = outcome.kind === 'not-ended' ? ' (last record)' : '';
  const lasted = length === undefined ? '' : `; ${showDuration(length)}`;
  const sittings = sessions.length > 1 ? ` in ${sessions.length} sessions` : '';
  const zone = sessions[0]?.timeZone;
  const from = zone === undefined ? undefined : showLocalTime(startedAt, zone);
  const to = zone === undefined ? undefined : showLocalTime(endedAt, zone);
  const isUtc = from === showTime(startedAt).slice(0, 16) && to === showTime(endedAt).slice(0, 16);
  return [
    say`${showTime(startedAt)} to ${showTime(endedAt)} UTC${last}${lasted}${sittings}`,
    ...(from === undefined || to === undefined || isUtc
      ? []
      : [say`Local time (${zone ?? ''}): ${from} to ${to}`]),
  ];
}

/** What each rewrite of Secrets came to. */
function secrets({ sections }: ChangeRecord): Phrase[] {
  return sections.flatMap(({ steps }) =>
    steps.flatMap(({ rewrite, ...step }) =>
      rewrite?.summary === undefined ? [] : [say`${capital(refer(step))}: ${rewrite.summary}`],
    ),
  );
}

function confirmed({ confirmations }: ChangeRecord): Phrase[] {
  if (confirmations.length === 0) return [];
  const told = confirmations.map(({ how, count }) => say`${count} ${ways[how]}`);
  return [told.reduce<Phrase>((all, each, index) => (index === 0 ? each : say`${all}, ${each}`), [])];
}

const ways: Readonly<Record<ChangeRecord['confirmations'][number]['how'], Phrase>> = {
  key: say`with a key press`,
  typed: say`by typing`,
  '--yes': say`in advance with ${code('--yes')}`,
  '--accept-irreversible': say`in advance with ${code('--accept-irreversible')}`,
};

function encryption({ before, after, encryption, lines }: SettingsChange): Phrase {
  const was = encryption.before ?? '';
  const is = encryption.after ?? '';
  if (before === undefined && after === undefined) return say`Not read in this run`;
  if (after === undefined) return say`${was} when the run began; not read after the change`;
  if (before === undefined) return say`${is} after the change; not read before it`;
  if (was !== is) return say`From “${was}” to “${is}”`;
  return lines.every(({ mark }) => mark === ' ')
    ? say`${is}; no setting changed`
    : say`${is} before and after; some settings changed, see below`;
}

/** From when to when KMS was off, though it had been on. */
function off({ kmsOff }: SettingsChange): Phrase[] {
  return kmsOff.map(({ from, to }) => {
    const length = between(from, to);
    const lasted = length === undefined ? '' : ` (${showDuration(length)})`;
    const end = to === undefined ? 'and was not read as on again' : `to ${showTime(to)} UTC${lasted}`;
    return say`From ${showTime(from)} UTC ${end}, by the readings of the cluster; Secrets written in that time were stored without KMS`;
  });
}

/** Whether nothing is left to go on with. */
export function isEnded({ outcome: { kind } }: ChangeRecord): boolean {
  return kind === 'completed' || kind === 'completed-without-proof';
}

/** What is said of a word that was given in advance. */
const unread = say` (with ${code('--yes')}, unread)`;

/** Steps left to do that are named at the head of a record; below, all are. */
const mostRemaining = 5;

function attested({ attestations }: ChangeRecord): Phrase[] {
  return attestations.map(({ statement, how }) => say`“${statement}”${how === '--yes' ? unread : ''}`);
}

/** What is left to be done, why each was skipped being said already; and which key has to stay as it was attested. */
function leftToDo(record: ChangeRecord): Phrase[] {
  const { remaining, attestations, deviations, settings } = record;
  const skipped = new Set(deviations.map(({ step }) => step.number));
  const lines = [
    ...remaining.slice(0, mostRemaining).map(({ step, result, instruction }) => {
      if (skipped.has(step.number)) return say`${capital(refer(step))} (skipped)`;
      return say`${capital(refer(step))}: ${instruction === undefined ? result : [instruction]}`;
    }),
    ...(remaining.length <= mostRemaining
      ? []
      : [say`${remaining.length - mostRemaining} more, see “What remains to be done”`]),
    ...leftAsStored(record).map(({ phrase }) => phrase),
    ...(attestations.length === 0 || settings.key === undefined
      ? []
      : [say`Keep to what was attested; the key from before the change is ${code(settings.key)}`]),
  ];
  return lines.length === 0 ? [say`Nothing`] : lines;
}

function result({
  step,
  result,
}: {
  step: ChangeRecord['remaining'][number]['step'];
  result: Phrase;
}): Phrase {
  return say`${capital(refer(step))}: ${result}`;
}

/** A fact, unless there is nothing to say to it. */
function some(name: string, values: readonly Phrase[]): Fact[] {
  return values.length === 0 ? [] : [[name, ...values]];
}

function count({ sections }: ChangeRecord): number {
  return sections.reduce((sum, { steps }) => sum + steps.length, 0);
}
