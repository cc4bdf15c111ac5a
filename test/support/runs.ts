/** Small plans and headers for tests, made by hand so that a test says only what it is about. */
import type { Plan, PlannedStep } from '../../source/plan/model.ts';
import type { Expression, FactName } from '../../source/runbook/model.ts';
import type { Operator, RunEvent, RunHeader, Session } from '../../source/engine/events.ts';

export const operator: Operator = { name: 'you@contoso.com', localUser: 'you', host: 'bastion' };
export const session: Session = { operator, pid: 4242, versions: { 'aks-kms-runbook': '0.1.0' } };

export function expression(source: string, facts: readonly FactName[] = ['cluster']): Expression {
  return { source, facts, position: { file: 'test.yaml', line: 1, column: 1 } };
}

type StepKind = PlannedStep['kind'];
type Given<K extends StepKind> = Partial<Extract<PlannedStep, { kind: K }>> & { id: string };

const common = { confirm: { kind: 'enter' }, capture: [], evenIfFailed: [], explain: [] } as const;

/** A changing command, `tool update` unless words are given. */
export function runStep(given: Given<'run'>): PlannedStep {
  return {
    kind: 'run',
    title: given.id,
    pipeline: [[[{ text: 'tool' }], [{ text: 'update' }]]],
    source: 'tool update',
    changes: true,
    tolerate: [],
    ...common,
    ...given,
  };
}

export function checkStep(given: Given<'check'>): PlannedStep {
  return {
    kind: 'check',
    title: given.id,
    check: expression('cluster.ready == `true`'),
    message: 'The cluster is not ready.',
    severity: 'blocking',
    ...common,
    ...given,
  };
}

export function waitStep(given: Given<'wait'>): PlannedStep {
  return {
    kind: 'wait',
    title: given.id,
    until: expression('cluster.ready == `true`'),
    every: 15_000,
    timeout: 60_000,
    ...common,
    ...given,
  };
}

export function manualStep(given: Given<'manual'>): PlannedStep {
  return {
    kind: 'manual',
    title: given.id,
    instruction: 'Keep the old key.',
    attest: 'The old key is kept.',
    note: 'optional',
    ...common,
    ...given,
  };
}

/** A rewrite of all Secrets; `kubectl rewrite` is the document's way. */
export function rewriteStep(given: Given<'rewrite-secrets'>): PlannedStep {
  return {
    kind: 'rewrite-secrets',
    title: given.id,
    namespaces: [],
    documented: {
      pipeline: [[[{ text: 'kubectl' }], [{ text: 'rewrite' }]]],
      source: 'kubectl rewrite',
      tolerate: [{ pattern: 'modified', because: 'It is current already.' }],
    },
    ...common,
    ...given,
  };
}

export function plan(...steps: PlannedStep[]): Plan {
  return {
    runbook: {
      id: 'test',
      title: 'A test',
      description: 'For tests',
      source: { title: 'A document', url: 'https://example.com/', date: '2026-01-12' },
      digest: 'd'.repeat(64),
      rehearsal: 'kms-v2-public',
    },
    parameters: { CLUSTER_NAME: 'blue', RESOURCE_GROUP: 'blue-rg' },
    target: { clusterName: 'blue', resourceGroup: 'blue-rg' },
    sections: [{ title: 'Section', steps: steps.map(({ id }) => id) }],
    steps,
    fingerprint: 'f'.repeat(64),
  };
}

export function header(of: Plan): RunHeader {
  return {
    format: 1,
    runId: '20261121-201500-abcd',
    rehearsal: true,
    runbook: 'test',
    plan: of,
    operator,
    tenant: '11111111-1111-4111-8111-111111111111',
    subscription: { id: '22222222-2222-4222-8222-222222222222', name: 'Rehearsal' },
    cluster: { id: '/subscriptions/2/blue', kubernetesVersion: '1.33.2', fqdn: 'blue.example.com' },
    versions: { 'aks-kms-runbook': '0.1.0' },
  };
}

export function started(of: Plan): RunEvent {
  return { type: 'run.started', header: header(of), session };
}
