/** The change record as Markdown, to be pasted into a ticket as it is. */
import { hint } from '../engine/hint.ts';
import { details, stepTable } from './markdown-steps.ts';
import { Writer } from './markdown-writer.ts';
import type { ChangeRecord, Entry, SettingsChange } from './model.ts';
import { capital, code, refer, say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { sitting } from './tell.ts';
import { between, showDuration, showTime } from './time.ts';

/**
 * The record as Markdown (GitHub's dialect, limited to what Azure DevOps, ServiceNow and Jira also read). The same
 * record always gives the same bytes. Every line is looked through for secrets once more before it is escaped.
 */
export function toMarkdown(record: ChangeRecord): string {
  const out = new Writer();
  summary(out, record);
  // What Azure shows of it was not looked at where the cluster is known by a context only.
  if (record.context === undefined) changed(out, record.settings);
  decisions(out, record.notable);
  remaining(out, record);
  stepTable(out, record);
  details(out, record);
  course(out, record);
  sources(out, record);
  // Last, since it says how much all that is before it had redacted.
  checking(out, record);
  return out.toString();
}

function summary(out: Writer, record: ChangeRecord): void {
  const { target, operator, outcome } = record;
  const what = say`${record.runbook.title} – cluster ${code(target.clusterName)}`;
  out.heading(1, record.rehearsal ? say`REHEARSAL – Change record: ${what}` : say`Change record: ${what}`);
  if (record.rehearsal) {
    out.paragraph(
      'REHEARSAL.',
      say`This run acted on a simulated cluster. Nothing was done to a real one, and nothing below is proof of a change.`,
    );
  }
  out.heading(2, say`Summary`);
  out.paragraph('Outcome:', outcome.phrase);
  const length = between(record.startedAt, record.endedAt);
  const others = [
    ...new Set(
      record.sessions.map((session) => session.operator.name).filter((name) => name !== operator.name),
    ),
  ];
  out.table(
    ['Item', 'Details'],
    [
      [say`Change`, say`${record.runbook.title}`],
      ...whichCluster(record),
      [
        say`Operator`,
        say`${code(operator.name)}, at ${code(`${operator.localUser}@${operator.host}`)}${
          others.length === 0 ? '' : list('; continued by ', others)
        }`,
      ],
      [say`Start`, say`${showTime(record.startedAt)} UTC`],
      [
        outcome.kind === 'not-ended' ? say`Last record` : say`End`,
        say`${showTime(record.endedAt)} UTC${length === undefined ? '' : `, after ${showDuration(length)}`}${
          record.sessions.length > 1 ? ` in ${record.sessions.length} sessions` : ''
        }`,
      ],
      [say`Steps`, say`${count(record)}: ${outcome.counts.join(', ')}`],
      [
        say`Decisions and incidents`,
        record.notable.length === 0 ? say`None` : say`${record.notable.length}, see below`,
      ],
      [
        say`Left to do`,
        record.remaining.length === 0 ? say`No step` : steps(record.remaining.map(({ step }) => step.number)),
      ],
      ...record.irreversible.map(({ step, at, why, result }): Phrase[] => [
        say`Cannot be undone`,
        say`${capital(refer(step))} (first started ${showTime(at)} UTC): ${why} Result: ${result}`,
      ]),
      [say`Run`, say`${code(record.runId)}${record.rehearsal ? ' (REHEARSAL)' : ''}`],
      ...(record.simulation === undefined ? [] : [[say`Simulated`, simulated(record.simulation)]]),
    ],
  );
}

function simulated({ scenario, faults, clients }: NonNullable<ChangeRecord['simulation']>): Phrase {
  const wrong = faults.length === 0 ? 'no faults' : list('with the faults ', faults);
  const used = clients === 'real' ? 'the az and kubectl that were installed' : 'stand-ins for az and kubectl';
  return say`Scenario ${code(scenario)}, ${wrong}; ${used}`;
}

/** The rows that say which cluster it is: as Azure knows it, or as a kubeconfig context does. */
function whichCluster({ target, cluster, subscription, tenant, context }: ChangeRecord): Phrase[][] {
  const version = say`Kubernetes ${code(cluster.kubernetesVersion)} at the start`;
  if (context !== undefined)
    return [
      [say`Cluster`, say`kubeconfig context ${code(context.name)}, ${version}`],
      [say`API server`, [code(context.server)]],
      [say`Cluster identity`, say`uid of kube-system ${code(context.uid)}`],
    ];
  const inAzure = subscription ?? { name: '', id: '' };
  return [
    [
      say`Cluster`,
      say`${code(target.clusterName)}, resource group ${code(target.resourceGroup)}, ${version}`,
    ],
    [say`Subscription`, say`${inAzure.name} (${code(inAzure.id)})`],
    [say`Tenant`, [code(tenant ?? '')]],
    [say`Resource ID`, [code(cluster.id)]],
  ];
}

function changed(out: Writer, { before, after, lines }: SettingsChange): void {
  out.heading(3, say`What changed`);
  if (before === undefined && after === undefined) {
    out.paragraph(say`The cluster's encryption settings were not read in this run.`);
    return;
  }
  const read = say`The cluster's encryption settings as read from Azure`;
  if (before === undefined || after === undefined) {
    const when =
      before === undefined
        ? `after the change (${showTime(after ?? '')} UTC)`
        : `before the change (${showTime(before)} UTC)`;
    const other = before === undefined ? 'before' : 'after';
    out.paragraph(
      say`${read} ${when}. They were not read ${other} it, so this record cannot show a difference.`,
    );
  } else {
    const same = lines.every(({ mark }) => mark === ' ');
    const result = same ? 'They are the same.' : 'Lines with - are gone, lines with + are new.';
    out.paragraph(
      say`${read} before (${showTime(before)} UTC) and after (${showTime(after)} UTC). ${result}`,
    );
  }
  out.fence(lines.map(({ mark, text }) => `${mark} ${text}`).join('\n'), 'diff');
}

function decisions(out: Writer, notable: readonly Entry[]): void {
  out.heading(3, say`Decisions and incidents`);
  if (notable.length === 0) {
    out.paragraph(say`None: every step went as planned at its first attempt.`);
    return;
  }
  out.paragraph(say`Everything the plan did not foresee, in order of time (UTC).`);
  for (const entry of notable) {
    out.entry(
      entry.step === undefined
        ? entry
        : { ...entry, phrase: say`${capital(refer(entry.step))}: ${entry.phrase}` },
    );
  }
}

function remaining(out: Writer, { remaining, attestations, outcome, runId, rehearsal }: ChangeRecord): void {
  out.heading(3, say`What remains to be done`);
  if (remaining.length === 0) out.paragraph(say`No step is left over.`);
  for (const { step, result } of remaining) out.bullet(say`${capital(refer(step))}: ${result}`);
  if (outcome.kind !== 'completed') {
    out.bullet(say`To go on: ${code(hint(['resume', runId], { rehearsal }))}`);
  }
  if (attestations.length === 0) return;
  out.paragraph(
    say`Attested by the operator. What these instructions ask for does not end with this change:`,
  );
  for (const { step, statement, instruction, note, at, by, how } of attestations) {
    out.bullet(
      say`${capital(refer(step))}: “${statement}” Attested by ${code(by)}${how === '--yes' ? say` with ${code('--yes')}, unread` : ''}, ${showTime(at)} UTC.`,
      [say`Instruction: ${instruction}`, ...(note === undefined ? [] : [say`Note: ${note}`])],
    );
  }
}

function course(out: Writer, { history, sessions }: ChangeRecord): void {
  out.heading(2, say`Course of the run`);
  out.paragraph(say`What concerns the run as a whole. All times are UTC.`);
  for (const entry of history) out.entry(entry);
  out.heading(3, say`Sessions`);
  for (const session of sessions) {
    out.bullet(
      say`${showTime(session.startedAt)} to ${showTime(session.endedAt)}: ${sitting(session)}`,
      session.changedVersions.map(
        ({ name, before, now }) =>
          say`${name}: ${code(now ?? 'not installed')} (at the start of the run: ${code(before ?? 'not installed')})`,
      ),
    );
  }
}

function sources(out: Writer, record: ChangeRecord): void {
  const { runbook, versions, cluster } = record;
  out.heading(2, say`Versions and sources`);
  out.table(
    ['Item', 'Details'],
    [
      ...Object.keys(versions)
        .sort()
        .map((name): Phrase[] => [[name], [code(versions[name] ?? '')]]),
      [say`Runbook`, say`${code(runbook.id)}, ${runbook.title}`],
      [say`Runbook digest (SHA-256)`, [code(runbook.digest)]],
      [
        say`Document`,
        say`${runbook.source.title}${runbook.source.date === '' ? '' : `, dated ${runbook.source.date}`}, ${code(runbook.source.url)}`,
      ],
      ...Object.keys(record.parameters)
        .sort()
        .map((name): Phrase[] => [say`Parameter ${code(name)}`, [code(record.parameters[name] ?? '')]]),
      [say`Plan fingerprint (SHA-256)`, [code(record.fingerprint)]],
      [say`API server`, [code(cluster.fqdn)]],
      ...(cluster.createdAt === undefined ? [] : [[say`Cluster created`, [cluster.createdAt]]]),
    ],
  );
}

function checking(out: Writer, { runId, rehearsal, journal, redactions }: ChangeRecord): void {
  const verify = hint(['verify', runId], { rehearsal });
  out.heading(2, say`How to check this record`);
  out.paragraph(
    say`This record was computed from the run's journal alone: ${journal.records} records, each of which contains the SHA-256 of the one before it. SHA-256 of the last one: ${code(journal.chainHead)}`,
  );
  out.paragraph(
    say`The command ${code(verify)} computes the chain anew and says what was altered, if anything; the last hash it shows must be the one above. The SHA-256 given with an output is that of its file in the run's directory.`,
  );
  const found = redactions + out.redactions;
  out.paragraph(
    say`Secrets (tokens, data of Secrets, connection strings) are taken out before anything is written. Making this record searched everything again and ${found === 0 ? 'found nothing further' : `took something out of ${found} further ${found === 1 ? 'text' : 'texts'}`}. What was taken out is shown as ${code('[redacted]')}.`,
  );
}

function count({ sections }: ChangeRecord): number {
  return sections.reduce((sum, { steps }) => sum + steps.length, 0);
}

function steps(numbers: readonly number[]): Phrase {
  return say`${numbers.length === 1 ? 'Step' : 'Steps'} ${numbers.join(', ')}, see below`;
}

function list(lead: string, names: readonly string[]): Phrase {
  return names.flatMap((name, index): Phrase => [index === 0 ? lead : ', ', code(name)]);
}
