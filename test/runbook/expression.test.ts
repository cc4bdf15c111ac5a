import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compileExpression, conditionProblem, plainValueProblem } from '../../source/runbook/expression.ts';
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
  ["same_text(tools.az, 'a', 'b')", 1, /takes 2 arguments, not 3/],
  ['same_keys(cluster.id, cluster.id)', 1, /no function `same_keys`/, /`same_key`/],
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
  // What other languages write.
  ['access.updateCluster == true', 25, /no fact `true`/, /`true`/],
  ['cluster.id != None', 15, /no fact `None`/, /backticks: `null`/],
  ['secrets.count > 0', 17, /number is written in backticks/, /write `0`/],
  ['secrets.count == -10', 18, /number is written in backticks/, /write `-10`/],
  ['at_least(tools.az, 1.27)', 20, /version is text/, /'1\.27'/],
  ['cluster.id is null', 12, /makes no sense/, /==/],
  ['cluster.id <> `1`', 13, /makes no sense/, /!=/],
  ["'a' in roles.onKey", 5, /makes no sense/, /contains/],
  ["cluster.id == 'it's'", 20, /never closed/, /write \\'/],
  ["cluster.id == 'it''s'", 19, /makes no sense/, /write \\'/],
  ['cluster.agentPoolProfiles[?spot == true]', 36, /name of a field/, /`true`/],
  [
    'cluster.provisioningState == "Succeeded"',
    30,
    /no fact/,
    /^text is written in single quotes: 'Succeeded'$/,
  ],
  ['cluster.provisioningState == Succeeded', 30, /no fact/, /single quotes: 'Succeeded'/],
  ['upgrades.offered[?support == "in support"]', 30, /name of a field, not text/, /'in support'/],
  ['cluster.agentPoolProfiles[?name == "x"]', 36, /name of a field, not text/, /'x'/],
  ['provisioningState', 1, /no fact/, /`cluster\.provisioningState`/],
  ['CLUSTER_NAME', 1, /no fact/, /params\.CLUSTER_NAME/],
  ['KEY_ID', 1, /no fact/, /captured\.KEY_ID/],
  ['cluster.name == $CLUSTER_NAME', 17, /in commands only/, /params\.CLUSTER_NAME/],
  ['cluster.name == $KEY_ID', 17, /in commands only/, /captured\.KEY_ID/],
  ["cluster.name == '$CLUSTER_NAME'", 17, /this very text/, /params\.CLUSTER_NAME/],
  ['cluster.tags.cost-center', 19, /no fact `center`/, /"cost-center"/],
  // Values of kinds that do not go together.
  ["cluster.kubernetesVersion >= '1.27'", 27, /`>=` compares numbers/, /at_least/],
  ["access.updateCluster == 'true'", 22, /true or false with text/, /without quotes/],
  ["secrets.count != '0'", 15, /a number with text/, /`1`/],
  ["roles.onKey == 'Key Vault Reader'", 13, /a list with text/, /contains/],
  ['captured.KEY_ID == `1`', 17, /text with a number/],
  ['tools.az.version', 10, /text has no field/],
  ['secrets[*].name', 8, /a mapping has no items/],
  ['length(secrets.count)', 1, /argument 1 of `length` is a number/],
  ["join(roles.onKey, ', ')", 1, /argument 1 of `join` is a list, and has to be text/],
  ["at_least(access.updateCluster, '1.0')", 1, /argument 1 of `at_least` is true or false/],
  ["cluster.provisioningState == 'Suceeded'", 27, /not known/, /'Succeeded'/],
  ["cluster.provisioningState == 'succeeded'", 27, /not known/, /'Succeeded'/],
  ["same_text('Enabld', vault.publicNetworkAccess)", 1, /not known/, /'Enabled'/],
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

const noConditions: readonly (readonly [source: string, message: RegExp, suggestion: RegExp])[] = [
  ['tools.az', /this is text/, /tools\.az != `null`/],
  ["cluster.id && 'x'", /this is text/, /… != `null`/],
  ['cluster.kubernetesVersion || cluster.currentKubernetesVersion', /this is text/, /!= `null`/],
  ['secrets.count', /this is a number/, /secrets\.count > `0`/],
  ['access.missing', /this is a list/, /length\(access\.missing\) > `0`/],
  ["upgrades.offered[?support == 'in support']", /this is a list/, /length/],
  ['cluster', /this is a mapping/, /cluster != `null`/],
  ['length(secrets.namespaces)', /this is a number/, /`0`/],
  ['captured.KEY_ID', /this is text/, /captured\.KEY_ID != `null`/],
  ['`true`', /names no fact/, /name the fact/],
  ["at_least('1.2', '1.1')", /names no fact/, /name the fact/],
];

for (const [source, message, suggestion] of noConditions)
  test(`is no condition: ${source}`, () => {
    const compiled = compileExpression(source, facts);
    assert.deepEqual(compiled.problems, []);
    const problem = conditionProblem(source, compiled);
    assert.match(problem?.message ?? '', message);
    assert.match(problem?.suggestion ?? '', suggestion);
    assert.equal(problem?.severity, /fact/.test(problem?.message ?? '') ? 'warning' : undefined);
  });

test('what is true or false, or may be, is a condition', () => {
  for (const source of [
    'access.updateCluster',
    '!(vault.rbac)',
    'cluster.tags.done',
    'cluster.somethingNew',
    "features.X == 'Registered'",
    "cluster.id && contains(roles.onKey, 'x')",
    'cluster.tags.a || secrets.count > `0`',
    'cluster.id ? vault.rbac : policy.allowed',
    "let $v = upgrades.offered[-1].version in at_least($v, '1.27')",
    "cluster.fqdn[0:3] == 'abc'",
    "same_text(cluster.provisioningState, 'succeeded')",
    "cluster.identity.type == 'Other' || cluster.sku.name == `null`",
  ]) {
    const compiled = compileExpression(source, facts);
    assert.deepEqual([compiled.problems, conditionProblem(source, compiled)], [[], undefined], source);
  }
});

function shownProblem(source: string) {
  return plainValueProblem(source, compileExpression(source, facts));
}

test('a list or a mapping is no value to show', () => {
  assert.match(shownProblem('roles.onKey')?.suggestion ?? '', /join\(', ', roles\.onKey\)/);
  assert.match(shownProblem('vault')?.message ?? '', /a mapping/);
  for (const source of ['vault.name', 'secrets.count', 'cluster.tags', "join(', ', roles.onKey)", "'x'"])
    assert.equal(shownProblem(source), undefined, source);
});

test('the values of the run that are named have their places', () => {
  const source = 'captured.KEY == params.CLUSTER_NAME && at_least(captured."A", captured.KEY)';
  assert.deepEqual(
    compileExpression(source, facts).mentions.map(({ fact, name, offset }) => [fact, name, offset]),
    [
      ['captured', 'KEY', 9],
      ['params', 'CLUSTER_NAME', 23],
      ['captured', 'A', 57],
      ['captured', 'KEY', 71],
    ],
  );
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
