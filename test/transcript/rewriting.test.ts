import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryLines } from '../../source/renderers/summary.ts';
import { replay } from '../../source/engine/reduce.ts';
import { toMarkdown } from '../../source/transcript/markdown-page.ts';
import { header, Journal, session } from './fixtures.ts';
import { endedRewrite, refusedRun, rewriting } from './journals.ts';

test('a rewrite is told with its passes, its namespaces, what was refused, and what was acknowledged', () => {
  const record = refusedRun().record();
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

test('Secrets that were refused are left to do, although their step was marked as done', () => {
  const markdown = toMarkdown(refusedRun().record());
  const left =
    'Step 1, “Update all secrets”: 1 Secret that the API server refused to write is still stored as before, not under the current key';
  assert.ok(markdown.includes(`| Left to do | ${left} |`));
  assert.ok(markdown.includes(`- ${left}\n  - \`payments\`: \`db\`\n`));
  assert.match(markdown, /\| Secrets \| Step 1, .*: 55 Secrets in 2 namespaces: 53 written again/);
});

test('each piece of progress is a figure and not a line of the record', () => {
  const { sections } = refusedRun().record();
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

test('a rewrite that was ended and marked as done says what it has not written', () => {
  const journal = endedRewrite();
  const markdown = toMarkdown(journal.record());
  const left =
    'Step 2, “Update all secrets”: 6,207 of 20,000 Secrets written; the rest not written, none verified';
  assert.ok(markdown.includes(`| Left to do | ${left} |`), markdown);
  assert.ok(markdown.includes(`- ${left}\n`));
  assert.doesNotMatch(markdown, /No step is left over/);
  const state = replay(journal.records);
  assert.ok(state !== undefined);
  const lines = summaryLines(state);
  assert.ok(
    lines.includes(`Left to do: ${left.slice('Step 2, “'.length).replace('”', '')}`),
    lines.join('\n'),
  );
  assert.ok(
    lines.some((line) => line.endsWith(', with step 2 marked as done without proof.')),
    lines.join('\n'),
  );
});

test('one list of many refused names is enough', () => {
  const many = toMarkdown(refusedRun(Array.from({ length: 200 }, (_, index) => `client-${index}`)).record());
  assert.equal(many.split('client-77,').length - 1, 1);
  assert.match(many, /  - All 200 Secrets of `payments`\n/);
  assert.match(many, /left as stored: 200 Secrets of `payments`\n/);
});
