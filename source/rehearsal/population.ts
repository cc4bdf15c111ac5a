/** The secrets a simulated cluster starts with: realistic in where they are and what they are for, random in value. */
import { randomBytes, randomUUID } from 'node:crypto';

import type { Secret } from './secrets.ts';

/** Everything a rehearsal has secrets for; how many of each follows from the total. */
const kinds = [
  {
    namespace: 'kube-system',
    name: 'bootstrap-token',
    type: 'bootstrap.kubernetes.io/token',
    keys: ['token-id', 'token-secret'],
  },
  {
    namespace: 'default',
    name: 'registry',
    type: 'kubernetes.io/dockerconfigjson',
    keys: ['.dockerconfigjson'],
  },
  { namespace: 'ingress-nginx', name: 'tls', type: 'kubernetes.io/tls', keys: ['tls.crt', 'tls.key'] },
  { namespace: 'cert-manager', name: 'acme-account', type: 'Opaque', keys: ['tls.key'] },
  { namespace: 'payments', name: 'gateway', type: 'Opaque', keys: ['api-key', 'webhook-secret'] },
  {
    namespace: 'payments',
    name: 'sh.helm.release.v1.payments.v',
    type: 'helm.sh/release.v1',
    keys: ['release'],
  },
  { namespace: 'orders', name: 'database', type: 'kubernetes.io/basic-auth', keys: ['username', 'password'] },
  { namespace: 'orders', name: 'queue', type: 'Opaque', keys: ['connection-string'] },
  { namespace: 'identity', name: 'signing-key', type: 'Opaque', keys: ['private.pem'], immutable: true },
  { namespace: 'identity', name: 'client', type: 'Opaque', keys: ['client-id', 'client-secret'] },
  { namespace: 'monitoring', name: 'grafana', type: 'Opaque', keys: ['admin-user', 'admin-password'] },
  { namespace: 'monitoring', name: 'alertmanager', type: 'Opaque', keys: ['alertmanager.yaml'] },
] as const;

/** The namespaces of the simulated cluster, with or without secrets. */
export const namespaces: readonly string[] = [
  ...new Set([...kinds.map((kind) => kind.namespace), 'kube-public', 'kube-node-lease']),
].sort();

/** `count` secrets, all stored under `key`. */
export function population(count: number, key: string, createdAt: Date): Secret[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? kinds[0];
    const round = Math.floor(index / kinds.length) + 1;
    const helm = kind.type === 'helm.sh/release.v1';
    return {
      namespace: kind.namespace,
      name: helm ? `${kind.name}${round}` : `${kind.name}-${String(round).padStart(4, '0')}`,
      uid: randomUUID(),
      creationTimestamp: createdAt.toISOString().replace(/\.\d+Z$/u, 'Z'),
      type: kind.type,
      data: Object.fromEntries(kind.keys.map((name) => [name, randomBytes(24).toString('base64')])),
      immutable: 'immutable' in kind ? true : undefined,
      labels: helm ? { owner: 'helm', name: 'payments', version: String(round) } : undefined,
      resourceVersion: 1000 + index,
      key,
    };
  });
}
