import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate, evaluateValue } from '../../source/plan/conditions.ts';
import { ToolError } from '../../source/runbook/errors.ts';
import { compileExpression } from '../../source/runbook/expression.ts';
import { factsShape } from '../../source/runbook/facts.ts';
import type { Expression } from '../../source/runbook/model.ts';

function expression(source: string): Expression {
  const { facts, problems } = compileExpression(source, factsShape([]));
  assert.deepEqual(problems, []);
  return { source, facts, position: { file: 'main.yaml', line: 7, column: 1 } };
}

const facts = {
  cluster: {
    id: '/subscriptions/x',
    provisioningState: 'Succeeded',
    securityProfile: { azureKeyVaultKms: { enabled: true, keyId: 'https://v/keys/k/1' } },
  },
  tools: { az: '2.91.0', 'aks-preview': '19.0.0b13', kubectl: 'v1.32.4', kubelogin: null },
  secrets: { count: 3, namespaces: [{ name: 'default', count: 3 }] },
};

test('a condition is true, false, or (when something is missing) false', () => {
  assert.equal(evaluate(expression("cluster.provisioningState == 'Succeeded'"), facts), true);
  assert.equal(evaluate(expression("cluster.provisioningState == 'Failed'"), facts), false);
  assert.equal(evaluate(expression('cluster.securityProfile.azureKeyVaultKms.enabled'), facts), true);
  assert.equal(evaluate(expression('cluster.apiServerAccessProfile.enableVnetIntegration'), facts), false);
  assert.equal(
    evaluate(expression('cluster.apiServerAccessProfile.enableVnetIntegration != `true`'), facts),
    true,
  );
});

test('anything else is an error, not a guess', () => {
  for (const source of ['cluster.id', 'secrets.count', 'secrets.namespaces', 'secrets.namespaces[0]', "''"])
    assert.throws(
      () => evaluate(expression(source), facts),
      (error) =>
        error instanceof ToolError &&
        error.message.includes(source) &&
        /neither true nor false/.test(error.message) &&
        /main\.yaml, line 7/.test(error.next),
    );
  assert.throws(() => evaluate(expression('length(cluster.tags) > `1`'), facts), {
    name: 'ToolError',
    message: /cannot be evaluated/,
  });
});

test('a fact that was not read is a defect, not a missing value', () => {
  assert.throws(() => evaluate(expression('policy.allowed'), facts), /facts not read: policy/);
});

test('a value is text, whatever it is in JSON', () => {
  assert.equal(
    evaluateValue(expression('cluster.securityProfile.azureKeyVaultKms.keyId'), facts),
    'https://v/keys/k/1',
  );
  assert.equal(evaluateValue(expression('secrets.count'), facts), '3');
  assert.equal(evaluateValue(expression('secrets.namespaces[*].name'), facts), '["default"]');
  assert.equal(evaluateValue(expression('tools.kubelogin'), facts, 'none'), 'none');
  assert.throws(() => evaluateValue(expression('tools.kubelogin'), facts), {
    name: 'ToolError',
    message: /no value/,
  });
});

const versions: readonly (readonly [version: string | null, minimum: string, expected: boolean])[] = [
  ['2.73.0', '2.73.0', true],
  ['2.72.9', '2.73.0', false],
  ['2.100.0', '2.73.0', true],
  ['1.33.2', '1.33.0', true],
  ['v1.32.4', '1.33.0', false],
  ['v1.33.0', '1.33.0', true],
  ['1.33', '1.33.0', true],
  ['1.27.0-rc.1', '1.27.0', false],
  ['19.0.0b9', '19.0.0b13', false],
  ['19.0.0b13', '19.0.0b13', true],
  ['19.0.0b14', '19.0.0b13', true],
  ['19.0.0', '19.0.0b13', true],
  ['18.0.0', '19.0.0b13', false],
  ['19.0.0b13', '19.0.0', false],
  ['20.0.0b1', '19.0.0b13', true],
  [null, '1.0.0', false],
];

for (const [version, minimum, expected] of versions)
  test(`at_least(${version}, ${minimum}) is ${expected}`, () => {
    const tools = { az: version };
    assert.equal(evaluate(expression(`at_least(tools.az, '${minimum}')`), { tools }), expected);
  });

const texts: readonly (readonly [a: string | null, b: string | null, same: boolean])[] = [
  ['Private', 'Private', true],
  ['private', 'PRIVATE', true],
  ['Private', 'Public', false],
  ['', '', true],
  [null, 'Private', false],
  ['Private', null, false],
  [null, null, false],
];

for (const [a, b, same] of texts)
  test(`same_text(${a}, ${b}) is ${same}`, () => {
    const tools = { az: a, kubectl: b };
    assert.equal(evaluate(expression('same_text(tools.az, tools.kubectl)'), { tools }), same);
  });

const keys: readonly (readonly [a: string | null, b: string | null, same: boolean])[] = [
  ['https://v.vault.azure.net/keys/k/1', 'https://v.vault.azure.net/keys/k/1', true],
  ['https://v.vault.azure.net/keys/k/1', 'https://v.vault.azure.net/keys/k', true],
  ['https://v.vault.azure.net/keys/k/', 'https://v.vault.azure.net/keys/k/1', true],
  ['https://v.vault.azure.net/keys/k', 'https://v.vault.azure.net/keys/k', true],
  ['https://V.Vault.Azure.net/Keys/K/aB', 'https://v.vault.azure.net:443/keys/k/Ab', true],
  ['https://v.vault.azure.net/keys/k/1', 'https://v.vault.azure.net/keys/k/2', false],
  ['https://v.vault.azure.net/keys/k2/1', 'https://v.vault.azure.net/keys/k', false],
  ['https://v.vault.azure.net/keys/k2', 'https://v.vault.azure.net/keys/k', false],
  ['https://w.vault.azure.net/keys/k/1', 'https://v.vault.azure.net/keys/k/1', false],
  ['https://v.vault.azure.cn/keys/k/1', 'https://v.vault.azure.net/keys/k/1', false],
  ['https://v.vault.azure.net/secrets/k/1', 'https://v.vault.azure.net/secrets/k/1', false],
  ['https://v.vault.azure.net/keys', 'https://v.vault.azure.net/keys', false],
  ['none', 'none', false],
  ['', '', false],
  [null, 'https://v.vault.azure.net/keys/k/1', false],
  ['https://v.vault.azure.net/keys/k/1', null, false],
  [null, null, false],
];

for (const [a, b, same] of keys)
  test(`same_key(${a}, ${b}) is ${same}`, () => {
    for (const tools of [
      { az: a, kubectl: b },
      { az: b, kubectl: a },
    ])
      assert.equal(evaluate(expression('same_key(tools.az, tools.kubectl)'), { tools }), same);
  });

test('what is no version cannot be compared', () => {
  assert.throws(() => evaluate(expression("at_least(tools.az, '1.0.0')"), { tools: { az: 'latest' } }), {
    name: 'ToolError',
    message: /cannot be compared as versions/,
  });
});
