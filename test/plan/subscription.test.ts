import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayCommand } from '../../source/plan/command.ts';
import { inSubscription, namesSubscription } from '../../source/plan/subscription.ts';
import { splitCommand } from '../../source/runbook/words.ts';

/** The command of a document as it will run. */
function planned(block: string): string {
  return displayCommand(inSubscription(splitCommand(block).pipeline));
}

test('a command of az is told which subscription it is for', () => {
  assert.equal(planned('az aks update -n c'), 'az aks update -n c --subscription $subscription');
  assert.equal(
    planned('/usr/bin/az aks show -n c'),
    '/usr/bin/az aks show -n c --subscription $subscription',
  );
  assert.match(
    planned('az aks list | az rest --url x'),
    /^az aks list [^|]*--subscription \$subscription [^|]*\| az rest [^|]*--subscription \$subscription$/,
  );
  assert.equal(planned('az aks update --sku x'), 'az aks update --sku x --subscription $subscription');
});

test('what the author said, and what is not about a subscription, stays as it is', () => {
  for (const block of [
    'az aks show -n c --subscription $CLUSTER_NAME',
    'az aks show -n c --subscription=$CLUSTER_NAME',
    'az aks show -n c --subs x',
    'az account show',
    'az login --identity',
    'az extension add --name aks-preview',
    'az policy exemption create --name x',
    'kubectl get secrets',
    'blaz aks update',
  ])
    assert.equal(planned(block), block);
});

test('it is told whether a pipeline waits for the subscription', () => {
  assert.equal(namesSubscription(inSubscription(splitCommand('az aks list').pipeline)), true);
  assert.equal(namesSubscription(inSubscription(splitCommand('kubectl get secrets').pipeline)), false);
});
