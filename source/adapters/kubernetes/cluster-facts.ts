/** The engine's `Facts` and `TargetPin` ports for a cluster that is known by a kubeconfig context only. */
import type { Difference, Facts, FactValues, TargetPin } from '../../engine/ports.ts';
import { ToolError } from '../../runbook/errors.ts';
import type { FactName } from '../../runbook/model.ts';
import { readSecretAccess } from './access.ts';
import { type KubernetesContext, readClusterIdentity } from './context.ts';
import { readPolicy } from './policy.ts';
import { countSecrets } from './secrets.ts';

/** The facts `access`, `policy` and `secrets`, about these namespaces or about all when none is named. */
export function createClusterFacts(
  { client }: Pick<KubernetesContext, 'client'>,
  namespaces: readonly string[],
): Facts {
  const readOne: Partial<Record<FactName, (signal?: AbortSignal) => Promise<unknown>>> = {
    async access(signal) {
      const { allowed, missing } = await readSecretAccess(client, namespaces, signal);
      // Nothing here updates a Secret: a patch does.
      return { ...allowed, missing: missing.filter((one) => !one.startsWith('update secrets')) };
    },
    policy: (signal) => readPolicy(client, namespaces, signal),
    secrets: (signal) => countSecrets(client, namespaces, signal),
  };
  return {
    async read(names, signal) {
      const values: FactValues = {};
      for (const name of names) {
        const read = readOne[name];
        if (read === undefined)
          throw new ToolError(`The fact "${name}" is not known of this cluster.`, 'Report this as a defect.');
        values[name] = await read(signal);
      }
      return { values, warnings: [] };
    },
  };
}

/** Whether the context still leads to the cluster it led to when the run began. */
export function createContextPin(
  context: Pick<KubernetesContext, 'client' | 'serverNow'>,
  planned: { server: string; uid: string; namespace: string },
): TargetPin {
  return {
    async differences(signal) {
      const [server, { uid }] = await Promise.all([
        context.serverNow(),
        readClusterIdentity(context.client, [planned.namespace], signal),
      ]);
      const found: Difference[] = [];
      if (server !== planned.server)
        found.push({
          what: 'server of the context',
          expected: planned.server,
          found: server ?? 'no such context',
        });
      if (uid !== planned.uid)
        found.push({ what: `uid of ${planned.namespace}`, expected: planned.uid, found: uid });
      return found;
    },
  };
}
