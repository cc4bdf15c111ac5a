import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compileExpression } from '../../source/runbook/expression.ts';
import { factsShape } from '../../source/runbook/facts.ts';

const facts = factsShape(['CLUSTER_NAME']);

const named: readonly (readonly [source: string, facts: readonly string[]])[] = [
  ['cluster.securityProfile.azureKeyVaultKms.enabled != `true`', ['cluster']],
  ['$.cluster.id', ['cluster']],
  ['@ | cluster.id', ['cluster']],
  ['@.cluster.id', ['cluster']],
  // What stands right of a dot or pipe, in a projection or in a filter, is no fact.
  ['cluster.tags.policy', ['cluster']],
  ['cluster.tags | policy', ['cluster']],
  ["cluster.agentPoolProfiles[?policy=='x'].tools | [0]", ['cluster']],
  ['cluster.agentPoolProfiles[*].{account: policy, secrets: @.params}', ['cluster']],
  ['map(&policy, cluster.agentPoolProfiles)', ['cluster']],
  ['{tools: secrets.count}', ['secrets']],
  ['[cluster.id, secrets.count]', ['cluster', 'secrets']],
  ['cluster.id ? secrets.count : policy.allowed', ['cluster', 'secrets', 'policy']],
  ['let $x = cluster, $y = tools.az in $x.foo', ['cluster', 'tools']],
  ['cluster.agentPoolProfiles[?name == $.params.CLUSTER_NAME]', ['cluster', 'params']],
  ['at_least(tools."aks-preview", \'19.0.0b13\') && !(access.updateCluster)', ['tools', 'access']],
  ['length(secrets.namespaces)', ['secrets']],
  ["features.KMSPMKPreview == 'Registered'", ['features']],
  ["'cluster'", []],
  ['`"cluster"`', []],
];

for (const [source, expected] of named)
  test(`names ${expected.join(' and ') || 'nothing'}: ${source}`, () => {
    const compiled = compileExpression(source, facts);
    assert.deepEqual(compiled.problems, []);
    assert.deepEqual(compiled.facts, expected);
  });

const wrong: readonly (readonly [source: string, column: number, message: RegExp, suggestion?: RegExp])[] = [
  ['clustr.id', 1, /no fact `clustr`/, /`cluster`/],
  ['cluster.id && volts.id', 15, /no fact `volts`/],
  ['tools.aks-preview', 7, /no field `aks`/, /"aks-preview"/],
  ['policy.alowed', 8, /no field/, /`allowed`/],
  ['params.CLUSTERNAME', 8, /no field/, /`CLUSTER_NAME`/],
  ['secrets.namespaces[*].nam', 23, /no field/, /`name`/],
  ["policy.blocked[?namespce == 'x']", 17, /no field/, /`namespace`/],
  ['secrets.namespaces.name', 20, /list/, /\[\*\]\.name/],
  ['cluster.securityProfle.x', 9, /not a field/, /`securityProfile`/],
  ['cluster.securityProfile.azureKeyVaultKMS.enabled', 25, /not a field/, /`azureKeyVaultKms`/],
  ['at_lest(tools.az, `1`)', 1, /no function/, /`at_least`/],
  ['cluster.id && at_least(tools.az)', 15, /takes 2 arguments, not 1/],
  ["at_least(tools.az, 'new')", 1, /not a version/],
  ["starts_with(cluster.id, 'a', 'b')", 1, /takes 2 arguments/],
  ['@', 1, /every fact/],
  ['keys(@)', 1, /every fact/],
  ['*', 1, /every fact/],
  ["cluster.id = 'x'", 12, /does not compare/, /==/],
  ['cluster.id and tools.az', 12, /makes no sense/, /&&/],
  ['not cluster.id', 5, /makes no sense/, /!/],
  ['cluster.id && !vault.rbac', 15, /right after it/, /!\(a\.b\)/],
  ['cluster..id', 9, /makes no sense/],
  ['cluster.', 8, /too early/],
  ['(cluster.id', 11, /too early/],
  ["cluster.id == 'x", 15, /never closed/],
  ['cluster.id == `x`', 15, /JSON/, /single quotes/],
  ['cluster.id # x', 12, /means nothing/],
  ['', 1, /empty/],
  ['a'.repeat(2001), 1, /2001 characters/],
  ['!'.repeat(401), 401, /401 parts/],
];

for (const [source, column, message, suggestion] of wrong)
  test(`refuses ${source.slice(0, 60)}`, () => {
    const [problem] = compileExpression(source, facts).problems;
    assert.equal((problem?.offset ?? -1) + 1, column);
    assert.match(problem?.message ?? '', message);
    if (suggestion) assert.match(problem?.suggestion ?? '', suggestion);
  });

test('a field the service may have added is a warning at most', () => {
  assert.deepEqual(compileExpression('cluster.somethingNew.x', facts).problems, []);
  assert.equal(compileExpression('cluster.securityProfle', facts).problems[0]?.severity, 'warning');
  assert.equal(compileExpression('tools.azz', facts).problems[0]?.severity, undefined);
});

test('never throws or hangs, however odd or deep the expression', () => {
  for (const piece of ['(', '!', '[', '{a:', 'a.', 'a||', '-', 'f(', '`[', 'a[?'])
    for (const count of [390, 990]) compileExpression(piece.repeat(count / piece.length), facts);
  assert.deepEqual(compileExpression(`${'!'.repeat(399)}cluster`, facts).facts, ['cluster']);
  assert.deepEqual(compileExpression(`${'('.repeat(199)}cluster${')'.repeat(199)}`, facts).facts, [
    'cluster',
  ]);
  const tokens =
    'cluster . a [ ] [? * ( ) @ $ $x & && | || ! == = { } : , \'x\' `1` "q" " \' ` let in ? - 1 at_least( []';
  const token = fc.constantFrom(' ', ...tokens.split(' '));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(token, { maxLength: 30 }).map((list) => list.join('')),
      ),
      (source) => {
        for (const { offset, length } of compileExpression(source, facts).problems)
          assert.ok(offset >= 0 && length >= 1 && offset <= source.length);
      },
    ),
    { numRuns: 3000 },
  );
});
