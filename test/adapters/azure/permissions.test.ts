import assert from 'node:assert/strict';
import { test } from 'node:test';
import { azureError } from '../../../source/adapters/azure/errors.ts';
import { allows, neededActions } from '../../../source/adapters/azure/permissions.ts';
import { ToolError } from '../../../source/runbook/errors.ts';

const { write } = neededActions;

for (const [name, permissions, allowed] of [
  ['an owner', [{ actions: ['*'] }], true],
  ['a reader', [{ actions: ['*/read'] }], false],
  ['AKS contributor', [{ actions: ['Microsoft.ContainerService/managedClusters/*'] }], true],
  ['another case', [{ actions: ['microsoft.containerservice/MANAGEDCLUSTERS/WRITE'] }], true],
  ['any provider', [{ actions: ['*/write'] }], true],
  [
    'excluded by the same role',
    [{ actions: ['*'], notActions: ['Microsoft.ContainerService/*/write'] }],
    false,
  ],
  [
    'excluded by one role, given by another',
    [{ actions: ['*'], notActions: ['*'] }, { actions: [write] }],
    true,
  ],
  ['a dot is a dot', [{ actions: ['MicrosoftXContainerService/managedClusters/write'] }], false],
  ['only part of the name', [{ actions: ['Microsoft.ContainerService/managedClusters'] }], false],
  ['nothing at all', [{}], false],
] as const) {
  test(`may write the cluster: ${name}`, () => assert.equal(allows(permissions, write), allowed));
}

function sdkError(message: string, more: object): Error {
  return Object.assign(new Error(message), more);
}

for (const [name, error, next] of [
  ['forbidden', sdkError('The client does not have authorization', { statusCode: 403 }), /missing role/],
  ['not found', sdkError('ResourceNotFound', { statusCode: 404 }), /Check the names/],
  ['expired', sdkError('AADSTS700082: expired', { statusCode: 400 }), /az login/],
  ['not signed in', sdkError('The access token is invalid.', { statusCode: 401 }), /az login/],
  ['unreachable', sdkError('getaddrinfo ENOTFOUND x', { code: 'REQUEST_SEND_ERROR' }), /network/],
  ['too slow', sdkError('The operation was aborted.', { name: 'AbortError' }), /network/],
  ['Azure is down', sdkError('Service unavailable', { statusCode: 503 }), /Wait/],
] as const) {
  test(`an error of Azure says what to do: ${name}`, () => {
    const told = azureError(error, 'read the cluster');
    assert.ok(told instanceof ToolError);
    assert.match(told.message, /^Could not read the cluster: /);
    assert.match(told.next, next);
  });
}

test('an error of Azure does not carry escape sequences or tokens on', () => {
  const told = azureError(
    sdkError('a\u001b[31m\nb Bearer canary12345', { statusCode: 400 }),
    'look',
  ) as Error;
  assert.equal(told.message, 'Could not look: a b Bearer [redacted]');
});

test('a defect stays one', () => {
  assert.equal(azureError('text', 'look'), 'text');
});
