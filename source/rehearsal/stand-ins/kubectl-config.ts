/** `kubectl config view` and `kubectl config current-context`. */
import { Ended } from './ended.ts';
import type { Flags } from './kubectl.ts';
import type { Kubeconfig } from './kubernetes-client.ts';

/** @throws Ended for any other word. */
export async function configCommand(config: Kubeconfig, [word]: string[], flags: Flags): Promise<void> {
  if (word === 'current-context') {
    process.stdout.write(`${config['current-context']}\n`);
    return;
  }
  if (word !== 'view') throw new Ended(1, `error: unknown command "config ${word}" for "kubectl"`);
  const shown = flags.raw === true ? config : redacted(config);
  const { stringify } = await import('yaml');
  process.stdout.write(
    flags.output === 'json' ? `${JSON.stringify(shown, undefined, 4)}\n` : stringify(shown),
  );
}

function redacted(config: Kubeconfig): unknown {
  return {
    ...config,
    clusters: config.clusters.map(({ name, cluster }) => ({
      name,
      cluster: { ...cluster, 'certificate-authority-data': 'DATA+OMITTED' },
    })),
    users: config.users.map(({ name }) => ({ name, user: { token: 'REDACTED' } })),
  };
}
