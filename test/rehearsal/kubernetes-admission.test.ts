/** What denies changes to secrets, what changes them on the way, and who may change them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { disableKms, enablePmk, finished, kubernetes, mergePatch, put, rehearse } from './helpers.ts';
import type { Answer, Ask } from './helpers.ts';
import { http2 } from './http2.ts';

const gateway = '/api/v1/namespaces/payments/secrets/gateway-0001';
const queue = '/api/v1/namespaces/orders/secrets/queue-0001';
const empty = { body: {}, headers: mergePatch };

const patch = (ask: Ask, path: string): Promise<Answer> => ask('PATCH', path, empty);

const denials = {
  'policy-blocks': {
    code: 403,
    reason: 'Forbidden',
    message: /^admission webhook "validation\.gatekeeper\.sh" denied the request: \[.*GitOps/u,
  },
  'policy-validates': {
    code: 422,
    reason: 'Invalid',
    message:
      /^secrets "gateway-0001" is forbidden: ValidatingAdmissionPolicy '\S+' with binding '\S+' denied request: .*GitOps/u,
  },
  'webhook-refuses': {
    code: 400,
    reason: undefined,
    message: /^admission webhook "secrets\.gitops\.example\.com" denied the request: .*GitOps/u,
  },
  'webhook-down': {
    code: 500,
    reason: 'InternalError',
    message: /^Internal error occurred: failed calling webhook .*connection refused$/u,
  },
};

for (const [fault, { code, reason, message }] of Object.entries(denials))
  test(`fault ${fault}: every change is denied with its own words, also a dry one`, async (t) => {
    const rehearsal = await rehearse(t, { faults: [fault] });
    const ask = await kubernetes(rehearsal);
    await finished(rehearsal, await put(rehearsal, disableKms));
    const { body } = await ask('GET', gateway);
    const answers = [
      await patch(ask, gateway),
      await patch(ask, `${gateway}?dryRun=All`),
      await ask('PUT', gateway, { body }),
    ];
    for (const answer of answers) {
      assert.deepEqual([answer.status, answer.body['reason']], [code, reason]);
      assert.match(answer.body['message'], message);
    }
    assert.equal((await patch(ask, queue)).status, fault === 'webhook-down' ? 500 : 200);
    assert.equal(rehearsal.record().secretsByKey['identity'], fault === 'webhook-down' ? undefined : 1);
  });

test("a policy also stops AKS's own migration to a platform-managed key", async (t) => {
  const rehearsal = await rehearse(t, { faults: ['policy-validates'] });
  const { error } = await finished(rehearsal, await put(rehearsal, enablePmk));
  assert.equal(error.code, 'KMSSecretMigrationFailed');
  assert.match(error.message, /ValidatingAdmissionPolicy/u);
});

test('fault secret-refused: one secret is denied by name, and no other', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['secret-refused'] });
  const ask = await kubernetes(rehearsal);
  const identity = '/api/v1/namespaces/identity/secrets';
  const denied = await patch(ask, `${identity}/client-0001?dryRun=All`);
  assert.deepEqual([denied.status, denied.body['reason']], [403, 'Forbidden']);
  assert.equal((await patch(ask, `${identity}/client-0002`)).status, 200);
});

test('fault webhook-stamps: in one namespace every patch moves the version, since every write changes something', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['webhook-stamps'] });
  const ask = await kubernetes(rehearsal);
  const version = async (path: string): Promise<string> => {
    const { body } = await patch(ask, path);
    return body['metadata'].resourceVersion;
  };
  const grafana = '/api/v1/namespaces/monitoring/secrets/grafana-0001';
  const dry = await version(`${grafana}?dryRun=All`);
  const first = await version(grafana);
  assert.notEqual(first, dry);
  assert.notEqual(await version(grafana), first);
  assert.equal(await version(gateway), await version(gateway));
  const { body } = await ask('GET', grafana);
  assert.ok(body['metadata'].annotations['audit.example.com/written-at']);
});

test('fault secrets-forbidden: reading is allowed, changing is not, and the access review says so', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['secrets-forbidden'] });
  const ask = await kubernetes(rehearsal);
  assert.equal((await ask('GET', '/api/v1/secrets')).status, 200);
  const denied = await patch(ask, gateway);
  assert.deepEqual([denied.status, denied.body['reason']], [403, 'Forbidden']);
  assert.match(
    denied.body['message'],
    /^secrets "gateway-0001" is forbidden: User "\S+" cannot patch resource "secrets" in API group "" in the namespace "payments"$/u,
  );
  assert.equal((await patch(ask, '/api/v1/namespaces/payments/secrets/none')).status, 403);
  for (const [verb, allowed] of Object.entries({ list: true, patch: false, update: false })) {
    const review = await ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      body: { spec: { resourceAttributes: { verb, resource: 'secrets' } } },
    });
    assert.equal(review.body['status'].allowed, allowed, verb);
  }
});

test('what is sent for another object, another type or an unknown dry run is refused', async (t) => {
  const rehearsal = await rehearse(t);
  const ask = await kubernetes(rehearsal);
  const { body } = await ask('GET', gateway);
  const sent = async (change: object, metadata: object = {}): Promise<number> => {
    const changed = { ...body, ...change, metadata: { ...body['metadata'], ...metadata } };
    return (await ask('PUT', gateway, { body: changed })).status;
  };
  assert.equal(await sent({}, { uid: '00000000-0000-4000-8000-000000000000' }), 409);
  assert.equal(await sent({}, { namespace: 'orders' }), 400);
  assert.equal(await sent({ type: 'kubernetes.io/tls' }), 422);
  assert.equal((await patch(ask, `${gateway}?dryRun=all`)).status, 422);
  assert.equal(await sent({}), 200);
});

test('fault api-server-lags: every other connection writes under the key before, until that server has heard', async (t) => {
  const rehearsal = await rehearse(t, { faults: ['api-server-lags'] });
  await finished(rehearsal, await put(rehearsal, disableKms));
  const identity = (): number => rehearsal.record().secretsByKey['identity'] ?? 0;
  const [ahead, behind] = [await http2(t, rehearsal), await http2(t, rehearsal)];
  const version = async (server: typeof ahead): Promise<string> => {
    const { body } = await server.ask('PATCH', gateway, mergePatch, '{}');
    return JSON.parse(body.toString()).metadata.resourceVersion;
  };
  const first = await version(ahead);
  assert.equal(identity(), 1);
  const second = await version(behind);
  assert.notEqual(second, first);
  assert.equal(identity(), 0);
  assert.equal(await version(behind), second);
  for (let n = 0; n < 97; n += 1) await version(behind);
  assert.equal(identity(), 0);
  assert.equal(await version(behind), second);
  assert.notEqual(await version(behind), second);
  assert.equal(identity(), 1);
});
