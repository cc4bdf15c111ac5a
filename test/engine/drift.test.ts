import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drift } from '../../source/engine/drift.ts';
import type { Present } from '../../source/engine/drift.ts';
import { checkStep, header, plan } from '../support/runs.ts';

const started = {
  ...header(plan(checkStep({ id: 'check' }))),
  cluster: {
    id: '/subscriptions/2/blue',
    kubernetesVersion: '1.33.2',
    fqdn: '',
    createdAt: '2026-01-01T00:00:00Z',
  },
};
const same: Present = {
  runbookDigest: started.plan.runbook.digest,
  operator: started.operator.name,
  tenant: started.tenant ?? '',
  subscription: started.subscription?.id ?? '',
  cluster: { id: '/Subscriptions/2/BLUE', createdAt: '2026-01-01T00:00:00Z' },
};

/** What is different, by its name. */
function found(change: Partial<Present>): string[] {
  return drift(started, { ...same, ...change }).map(({ what, found }) => `${what}: ${found}`);
}

test('nothing is different when nothing is; ids do not tell upper from lower case', () => {
  assert.deepEqual(found({}), []);
});

test('each thing that is not as it was is named', () => {
  assert.deepEqual(found({ runbookDigest: 'e' }), ['runbook (SHA-256): e']);
  assert.deepEqual(found({ runbookDigest: undefined }), ['runbook (SHA-256): cannot be loaded']);
  assert.deepEqual(found({ operator: 'they' }), ['operator: they']);
  assert.deepEqual(found({ tenant: 't' }), ['tenant: t']);
  assert.deepEqual(found({ subscription: 's' }), ['subscription: s']);
  assert.deepEqual(found({ cluster: { id: '/other', createdAt: '2026-01-01T00:00:00Z' } }), [
    'resource id of the cluster: /other',
  ]);
  assert.deepEqual(found({ cluster: { id: '/subscriptions/2/blue', createdAt: '2026-02-01T00:00:00Z' } }), [
    'creation time of the cluster: 2026-02-01T00:00:00Z',
  ]);
  assert.deepEqual(found({ cluster: { unreadable: 'Access was refused.' }, operator: 'they' }), [
    'operator: they',
    'cluster: Access was refused.',
  ]);
});
