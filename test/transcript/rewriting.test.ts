import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noCounts } from '../../source/engine/rewriting.ts';
import { toMarkdown } from '../../source/transcript/markdown-page.ts';
import { header, Journal, plan, session } from './fixtures.ts';
import { rewriteStep } from '../support/runs.ts';

const step = 'rewrite-all';
const rewriting = {
  ...plan,
  sections: [{ title: 'Rewrite', steps: [step] }],
  steps: [rewriteStep({ id: step })],
};

function counts(listed: number, rewritten: number, refused = 0) {
  return { ...noCounts, listed, rewritten, refused, current: listed - rewritten - refused };
}

/** A rewrite over two namespaces with one Secret refused, up to its end. */
function rewritten(): Journal {
  const about = { step, attempt: 1 };
  const refused = [{ namespace: 'payments', names: ['db'], message: 'denied by [policy] *x*' }];
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
        { name: 'payments', done: true, counts: counts(5, 4, 1) },
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
      namespaces: [{ name: 'orders', done: true, counts: counts(55, 0, 1) }],
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
      acknowledged: [{ namespace: 'payments', names: ['db'] }],
    })
    .add(0, { type: 'run.completed' });
}

test('a rewrite is told with its passes, its namespaces, what was refused, and what was acknowledged', () => {
  const record = rewritten().record();
  const markdown = toMarkdown(record);
  assert.match(markdown, /\| 1, rewrite \| 55 \| 53 \| 1 \| 0 \| 1 \| 2 \| 1m 05s \|/);
  assert.match(markdown, /\| 2, verification \| 55 \| 0 \| 54 \| 0 \| 1 \| 0 \| 3s \|/);
  assert.match(markdown, /\| `orders` \| 50 \| 49 \| 1 \| 0 \| 0 \|/);
  assert.match(markdown, /\| `payments` \| 5 \| 4 \| 0 \| 0 \| 1 \|/);
  assert.doesNotMatch(markdown, /\| `kube-public` \|/);
  assert.match(markdown, /Refused by the API server, 1 in all:/);
  assert.match(markdown, /`payments`: denied by \\\[policy\\\] \\\*x\\\*/);
  assert.match(markdown, /Acknowledged as refused and left as stored: `payments`: `db`/);
  assert.match(markdown, /paused the rewrite/);
});

test('each piece of progress is a figure and not a line of the record', () => {
  const { sections } = rewritten().record();
  const entries = sections[0]?.steps[0]?.attempts[0]?.entries ?? [];
  assert.equal(entries.filter(({ phrase }) => JSON.stringify(phrase).includes('progress')).length, 0);
  assert.ok(entries.length < 15);
});

test('a cluster that is known by a context only is told by its server and the uid of kube-system', () => {
  const context = { name: 'blue', server: 'https://blue.example.com', uid: 'u-1' };
  const { tenant: _, subscription: __, ...rest } = header;
  const journal = new Journal().add(0, {
    type: 'run.started',
    header: { ...rest, plan: rewriting, context },
    session: session(),
  });
  const markdown = toMarkdown(journal.record());
  assert.match(markdown, /\| Cluster \| kubeconfig context `blue`/);
  assert.match(markdown, /\| API server \| `https:\/\/blue.example.com` \|/);
  assert.match(markdown, /uid of kube-system `u-1`/);
  assert.doesNotMatch(markdown, /Subscription|Tenant|Resource ID|What changed/);
});
