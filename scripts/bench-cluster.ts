/**
 * A simulated cluster in a process of its own, every Secret of which is still under the key before. Forked with
 * `SECRETS ROUND-TRIP DIRECTORY`; sends the kubeconfig once it can be asked, and its record for each message it gets.
 */
import { request } from 'node:https';

import { openRehearsal } from '../source/rehearsal/index.ts';
import { clusterId } from '../source/rehearsal/subscription.ts';

const [secrets = '', roundTrip = '', directory = ''] = process.argv.slice(2);
const names = { clusterName: 'bench', resourceGroup: 'bench-rg' };
const rehearsal = await openRehearsal({
  directory,
  scenario: 'kms-v2-rotated',
  faults: [],
  ...names,
  secretCount: Number(secrets),
  roundTrip: Number(roundTrip),
});

/** The kubeconfig, as `az aks get-credentials` asks for it. */
async function kubeconfig(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const path = `${clusterId(names.resourceGroup, names.clusterName)}/listClusterUserCredential`;
  const outgoing = request(
    new URL(`${path}?api-version=2026-06-01`, rehearsal.armEndpoint),
    {
      method: 'POST',
      ca: rehearsal.certificate,
      headers: { authorization: `Bearer ${rehearsal.token()}` },
    },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const { kubeconfigs } = JSON.parse(Buffer.concat(chunks).toString()) as {
          kubeconfigs: { value: string }[];
        };
        resolve(Buffer.from(kubeconfigs[0]?.value ?? '', 'base64').toString());
      });
    },
  );
  outgoing.on('error', reject);
  outgoing.end();
  return promise;
}

process.on('message', () => {
  const { currentKey, secretsByKey, secretValuesSent, appliedValuesSent } = rehearsal.record();
  const valuesSent = secretValuesSent + appliedValuesSent;
  process.send?.({ current: secretsByKey[currentKey] ?? 0, valuesSent });
});
process.on('disconnect', () => void rehearsal.close());
process.send?.(await kubeconfig());
