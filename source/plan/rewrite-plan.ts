/** The plan of the command `rewrite-secrets`: what runbooks do on the way of a migration, by itself for any cluster. */
import { createHash } from 'node:crypto';
import type { Expression, FactName } from '../runbook/model.ts';
import type { Plan, PlannedStep } from './model.ts';
import { fingerprint } from './plan.ts';

/** Identifies such a plan where the id of a runbook would stand. No runbook may have it. */
export const rewritePlanId = 'rewrite-secrets';

/** The simulated cluster a rehearsal of it starts from: its key has just been rotated. */
const rehearsal = 'kms-v2-rotated';

/** What to do where the account may not do all that is needed. */
export const rewriteRoleFix =
  'Ask for a role that may list namespaces, and list and patch Secrets, or use another context.';

/**
 * Makes sure that Secrets may be written, that nothing is in the way, then writes and verifies all of them.
 * `cluster` is the name of the kubeconfig context; no `namespaces` means all.
 */
export function rewritePlan(cluster: string, namespaces: readonly string[]): Plan {
  const steps = planSteps(namespaces);
  const places = namespaces.length === 0 ? 'in every namespace' : `in ${namespaces.join(', ')}`;
  const plan: Omit<Plan, 'fingerprint'> = {
    runbook: {
      id: rewritePlanId,
      title: 'Rewrite every Secret',
      description: `Writes every Secret again as it is ${places}, so that all are stored under the current key.`,
      source: {
        title: 'Encrypting Confidential Data at Rest: Ensure all relevant data are encrypted',
        url: 'https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/',
        date: '',
      },
      digest: createHash('sha256').update(JSON.stringify(steps)).digest('hex'),
      rehearsal,
    },
    parameters: namespaces.length === 0 ? {} : { NAMESPACES: namespaces.join(',') },
    target: { clusterName: cluster, resourceGroup: '' },
    sections: [{ title: 'Rewrite every Secret', steps: steps.map(({ id }) => id) }],
    steps,
  };
  return { ...plan, fingerprint: fingerprint(plan) };
}

function planSteps(namespaces: readonly string[]): PlannedStep[] {
  return [
    {
      ...shared,
      kind: 'check',
      id: 'may-rewrite-secrets',
      title: 'You may list and patch the Secrets',
      check: expression('access.patchSecrets', 'access'),
      value: expression(
        "access.patchSecrets ? 'allowed' : join('', ['missing: ', join(', ', access.missing)])",
        'access',
      ),
      message: 'The account of this context may not do all that is needed.',
      fix: rewriteRoleFix,
      severity: 'blocking',
    },
    {
      ...shared,
      kind: 'check',
      id: 'no-policy-in-the-way',
      title: 'No policy forbids writing Secrets',
      text: 'In each namespace one Secret is tried with a dry run: admission is asked, and nothing is written. What is refused by name may be another one.',
      check: expression('policy.allowed', 'policy'),
      value: expression("join('; ', policy.reasons || `[]`)", 'policy'),
      message: 'In some namespaces the API server would refuse the rewrite.',
      fix: 'Have the policy or webhook let it pass, or go on: what is refused is told by name.',
      severity: 'warning',
    },
    {
      ...shared,
      kind: 'rewrite-secrets',
      id: 'rewrite-secrets',
      title: 'Write every Secret again, and verify it',
      namespaces,
    },
  ];
}

const shared = { confirm: { kind: 'enter' }, capture: [], evenIfFailed: [], explain: [] } as const;

function expression(source: string, fact: FactName): Expression {
  return { source, facts: [fact], position: { file: 'rewrite-secrets', line: 1, column: 1 } };
}
