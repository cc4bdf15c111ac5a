/** Whole runs, from the quiet to the troubled. */
import type { RunHeader } from '../../source/engine/events.ts';
import { noCounts } from '../../source/engine/rewriting.ts';
import { checkStep, expression, rewriteStep } from '../support/runs.ts';
import { after, before, enable, header, Journal, mia, noor, plan, rewrite, session } from './fixtures.ts';

const azOutput = `{
  "name": "prod-weu",
  "provisioningState": "Succeeded"
}
`;

/** Everything at its first attempt. */
export function completedRun(changes: Partial<RunHeader> = {}): Journal {
  const journal = new Journal();
  journal
    .add(0, { type: 'run.started', header: { ...header, ...changes }, session: session() })
    .add(1, { type: 'step.assessed', step: 'az-version', applies: true, alreadyDone: null })
    .add(0, { type: 'step.started', step: 'az-version', attempt: 1 })
    .add(1, { type: 'step.succeeded', step: 'az-version', attempt: 1, value: '2.91.0' })
    .add(0, { type: 'step.assessed', step: 'policies', applies: true, alreadyDone: null })
    .add(0, { type: 'step.started', step: 'policies', attempt: 1 })
    .add(2, { type: 'step.succeeded', step: 'policies', attempt: 1 })
    .add(0, { type: 'run.settings-observed', moment: 'before', settings: before });
  enablePmk(journal, 1);
  journal
    .add(0, { type: 'step.assessed', step: 'rewrite', applies: true, alreadyDone: null })
    .add(4, { type: 'step.confirmed', step: 'rewrite', attempt: 1, by: 'key' })
    .add(0, { type: 'step.started', step: 'rewrite', attempt: 1, command: [rewrite] });
  const lines = Array.from({ length: 100 }, (_, index) => `namespace-${index + 1}: 12 rewritten`);
  const exit = journal.exit('rewrite', 1, 0, `${lines.join('\n')}\n1200 rewritten, second pass moved 0\n`, 9);
  journal
    .add(0, { type: 'command.spawned', step: 'rewrite', attempt: 1, identity: identity(815) })
    .add(9, { type: 'command.exited', step: 'rewrite', attempt: 1, exit })
    .add(0, { type: 'run.settings-observed', moment: 'after', settings: after })
    .add(0, { type: 'step.succeeded', step: 'rewrite', attempt: 1 })
    .add(0, { type: 'step.assessed', step: 'keep-key', applies: true, alreadyDone: null })
    .add(30, {
      type: 'step.attested',
      step: 'keep-key',
      by: 'key',
      note: 'Calendar entry made for 2027-11-21.',
    })
    .add(0, { type: 'run.completed' });
  return journal;
}

/**
 * A retry, a warning read, an interruption with a takeover by another operator and accepted drift, a detour, an
 * override and a skip, with notes.
 */
export function troubledRun(): Journal {
  const journal = new Journal();
  const step = 'enable-pmk';
  journal
    .add(0, { type: 'run.started', header, session: session() })
    .add(1, { type: 'step.assessed', step: 'az-version', applies: true, alreadyDone: null })
    .add(0, { type: 'step.started', step: 'az-version', attempt: 1 })
    .add(1, {
      type: 'step.failed',
      step: 'az-version',
      attempt: 1,
      failure: { reason: 'check', what: 'Azure CLI is 2.45.0; this runbook needs 2.73.0 or later.' },
    })
    .add(60, { type: 'step.retried', step: 'az-version' })
    .add(1, { type: 'step.assessed', step: 'az-version', applies: true, alreadyDone: null })
    .add(0, { type: 'step.started', step: 'az-version', attempt: 2 })
    .add(1, { type: 'step.succeeded', step: 'az-version', attempt: 2, value: '2.91.0' })
    .add(0, { type: 'step.assessed', step: 'policies', applies: true, alreadyDone: null })
    .add(0, { type: 'step.started', step: 'policies', attempt: 1 })
    .add(2, {
      type: 'step.failed',
      step: 'policies',
      attempt: 1,
      failure: {
        reason: 'check',
        what: 'A policy refuses to update secrets in namespace payments.',
        detail:
          'admission webhook "validation.gatekeeper.sh" denied the request:\n[deny-secret-updates] not allowed',
      },
    })
    .add(20, { type: 'step.acknowledged', step: 'policies', by: 'key' })
    .add(5, {
      type: 'run.noted',
      step: 'policies',
      text: 'Policy team (Ana) disables it for the change window.',
    })
    .add(0, { type: 'run.settings-observed', moment: 'before', settings: before })
    .add(1, { type: 'step.assessed', step, applies: true, alreadyDone: false })
    .add(9, { type: 'step.confirmed', step, attempt: 1, by: 'typed', typed: 'prod-weu' })
    .add(0, { type: 'step.started', step, attempt: 1, command: [enable] })
    .add(0, { type: 'command.spawned', step, attempt: 1, identity: identity(4800) })
    .add(300, { type: 'run.journal-repaired', droppedBytes: 112 })
    .add(0, {
      type: 'run.lock-taken-over',
      from: { pid: 4711, host: 'jump-01', operator: mia.name, since: '2026-11-21T01:02:03Z' },
    })
    .add(0, { type: 'run.resumed', session: session(noor, 977, { az: '2.92.0' }) })
    .add(2, {
      type: 'run.drifted',
      differences: [{ what: 'Operator', expected: mia.name, found: noor.name }],
    })
    .add(15, { type: 'run.drift-accepted', reason: 'Mia lost her connection and handed over by phone.' })
    .add(1, { type: 'step.cluster-busy', step, attempt: 1, provisioningState: 'Updating' })
    .add(120, { type: 'step.cluster-settled', step, attempt: 1, provisioningState: 'Failed' })
    .add(1, {
      type: 'step.investigated',
      step,
      attempt: 1,
      effect: false,
      failure: {
        reason: 'lost',
        what: 'The tool was interrupted while this command ran, and how the command ended is not known.',
      },
    })
    .add(30, { type: 'step.rerun-chosen', step })
    .add(10, { type: 'step.confirmed', step, attempt: 2, by: 'typed', typed: 'prod-weu' })
    .add(0, { type: 'step.started', step, attempt: 2, command: [enable] });
  const error =
    "ERROR: (KeyExpired) Operation encrypt isn't allowed on an expired key.\nCode: KeyExpired\nTarget: prod-weu\n";
  const exit = journal.exit(step, 2, 1, error, 75);
  journal
    .add(0, { type: 'command.spawned', step, attempt: 2, identity: { ...identity(5120), host: 'jump-02' } })
    .add(75, { type: 'command.exited', step, attempt: 2, exit })
    .add(3, {
      type: 'step.failed',
      step,
      attempt: 2,
      failure: {
        reason: 'exit',
        what: "The command ended with exit status 1: ERROR: (KeyExpired) Operation encrypt isn't allowed on an expired key.",
        detail: error.trim(),
        explanation: {
          means: 'The key in your vault has expired, so the cluster cannot encrypt with it.',
          do: 'Extend its expiry date, then try again.',
          link: 'https://learn.microsoft.com/azure/key-vault/keys/about-keys',
        },
      },
    })
    .add(10, { type: 'step.detoured', step: 'rewrite', after: step })
    .add(1, { type: 'step.assessed', step: 'rewrite', applies: true, alreadyDone: null })
    .add(2, {
      type: 'step.skipped',
      step: 'rewrite',
      reason: 'Nothing was changed yet, agreed with the change manager.',
    })
    .add(40, { type: 'step.overridden', step, reason: 'Done in the portal by the platform team, CHG-4711.' })
    .add(1, {
      type: 'run.warned',
      text: 'Azure refused the preview API version; new settings may be missing below.',
    })
    .add(0, { type: 'run.settings-observed', moment: 'after', settings: after })
    .add(1, { type: 'step.assessed', step: 'keep-key', applies: true, alreadyDone: null })
    .add(5, { type: 'run.noted', text: 'Window ends.\nHanded to the day shift.' })
    .add(1, { type: 'run.stopped', reason: 'operator' });
  return journal;
}

/** A plan that is one rewrite of all Secrets. */
export const rewriting = {
  ...plan,
  sections: [{ title: 'Rewrite', steps: ['rewrite-all'] }],
  steps: [rewriteStep({ id: 'rewrite-all', title: 'Update all secrets' })],
};

function counts(listed: number, rewritten: number, refused = 0) {
  return { ...noCounts, listed, rewritten, refused, current: listed - rewritten - refused };
}

/** A rewrite over two namespaces with one Secret refused, which the operator acknowledges. */
export function refusedRun(names: readonly string[] = ['db']): Journal {
  const step = 'rewrite-all';
  const about = { step, attempt: 1 };
  const most = Math.max(5, names.length);
  const refused = [{ namespace: 'payments', names, message: 'denied by [policy] *x*' }];
  return new Journal()
    .add(0, { type: 'run.started', header: { ...header, plan: rewriting }, session: session() })
    .add(1, { type: 'step.assessed', step, applies: true, alreadyDone: null })
    .add(1, { type: 'step.confirmed', ...about, by: 'key' })
    .add(0, { type: 'step.started', ...about })
    .add(0, { type: 'rewrite.begun', ...about, pass: 1, verifies: false })
    .add(2, {
      type: 'rewrite.progressed',
      ...about,
      pass: 1,
      namespaces: [{ name: 'orders', done: false, after: 'm', continue: 'x', counts: counts(40, 40) }],
      refused: [],
      retries: 2,
    })
    .add(1, { type: 'rewrite.paused', ...about })
    .add(60, { type: 'rewrite.continued', ...about })
    .add(2, {
      type: 'rewrite.progressed',
      ...about,
      pass: 1,
      namespaces: [
        { name: 'orders', done: true, counts: counts(10, 9) },
        {
          name: 'payments',
          done: true,
          counts: counts(most, most - names.length, names.length),
        },
        { name: 'kube-public', done: true, counts: noCounts },
      ],
      refused,
      retries: 0,
    })
    .add(0, { type: 'rewrite.pass-ended', ...about, pass: 1, unproven: [] })
    .add(0, { type: 'rewrite.begun', ...about, pass: 2, verifies: true })
    .add(3, {
      type: 'rewrite.progressed',
      ...about,
      pass: 2,
      namespaces: [{ name: 'orders', done: true, counts: counts(50 + most, 0, names.length) }],
      refused,
      retries: 0,
    })
    .add(0, { type: 'rewrite.pass-ended', ...about, pass: 2, unproven: [] })
    .add(0, {
      type: 'step.failed',
      ...about,
      failure: { reason: 'refused', what: 'The API server refuses to write one Secret.' },
    })
    .add(9, {
      type: 'step.overridden',
      step,
      reason: 'Its owner deletes it.',
      acknowledged: [{ namespace: 'payments', names }],
    })
    .add(0, { type: 'run.completed' });
}

/** A rewrite that the operator ended and marked as done when a part of the Secrets was written. */
export function endedRewrite(): Journal {
  const about = { step: 'rewrite-all', attempt: 1 };
  const capture = [{ name: 'SECRETS_BEFORE', expression: expression('secrets.count', ['secrets']) }];
  const noted = {
    ...rewriting,
    sections: [{ title: 'Rewrite', steps: ['secrets-before', 'rewrite-all'] }],
    steps: [checkStep({ id: 'secrets-before', capture }), ...rewriting.steps],
  };
  return new Journal()
    .add(0, { type: 'run.started', header: { ...header, plan: noted }, session: session() })
    .add(1, { type: 'step.started', step: 'secrets-before', attempt: 1 })
    .add(1, { type: 'value.captured', step: 'secrets-before', name: 'SECRETS_BEFORE', value: '20000' })
    .add(0, { type: 'step.succeeded', step: 'secrets-before', attempt: 1 })
    .add(1, { type: 'step.confirmed', ...about, by: 'key' })
    .add(0, { type: 'step.started', ...about })
    .add(0, { type: 'rewrite.begun', ...about, pass: 1, verifies: false })
    .add(2, {
      type: 'rewrite.progressed',
      ...about,
      pass: 1,
      namespaces: [{ name: 'orders', done: false, after: 'm', counts: counts(6207, 6207) }],
      refused: [],
      retries: 0,
    })
    .add(1, {
      type: 'step.failed',
      ...about,
      failure: { reason: 'cancelled', what: 'The rewrite was ended.' },
    })
    .add(9, { type: 'step.overridden', step: about.step, reason: 'Out of time.' })
    .add(0, { type: 'run.completed' });
}

function enablePmk(journal: Journal, attempt: number): void {
  const step = 'enable-pmk';
  journal
    .add(1, { type: 'step.assessed', step, applies: true, alreadyDone: false })
    .add(12, { type: 'step.confirmed', step, attempt, by: 'typed', typed: 'prod-weu' })
    .add(0, { type: 'step.started', step, attempt, command: [enable] });
  const exit = journal.exit(step, attempt, 0, azOutput, 132);
  journal
    .add(0, { type: 'command.spawned', step, attempt, identity: identity(4800) })
    .add(132, { type: 'command.exited', step, attempt, exit })
    .add(2, { type: 'run.settings-observed', moment: 'after', settings: after })
    .add(0, { type: 'step.succeeded', step, attempt });
}

function identity(pid: number): { pid: number; startMark: string; host: string } {
  return { pid, startMark: '88812', host: 'jump-01' };
}
