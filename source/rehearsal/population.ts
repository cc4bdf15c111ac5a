/** The secrets a simulated cluster starts with: realistic in where they are and what they are for, random in value. */
import { randomBytes, randomUUID } from 'node:crypto';

import type { Secret } from './secrets.ts';

/**
 * Everything a rehearsal has secrets for; how many of each follows from the total. Those that are `applied` were made by
 * `kubectl apply`, which keeps what it was given in an annotation.
 */
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
    applied: true,
  },
  { namespace: 'ingress-nginx', name: 'tls', type: 'kubernetes.io/tls', keys: ['tls.crt', 'tls.key'] },
  { namespace: 'cert-manager', name: 'acme-account', type: 'Opaque', keys: ['tls.key'] },
  {
    namespace: 'payments',
    name: 'gateway',
    type: 'Opaque',
    keys: ['api-key', 'webhook-secret'],
    applied: true,
  },
  {
    namespace: 'payments',
    name: 'sh.helm.release.v1.payments.v',
    type: 'helm.sh/release.v1',
    keys: ['release'],
  },
  { namespace: 'orders', name: 'database', type: 'kubernetes.io/basic-auth', keys: ['username', 'password'] },
  { namespace: 'orders', name: 'queue', type: 'Opaque', keys: ['connection-string'] },
  { namespace: 'identity', name: 'signing-key', type: 'Opaque', keys: ['private.pem'], immutable: true },
  {
    namespace: 'identity',
    name: 'client',
    type: 'Opaque',
    keys: ['client-id', 'client-secret'],
    applied: true,
  },
  { namespace: 'monitoring', name: 'grafana', type: 'Opaque', keys: ['admin-user', 'admin-password'] },
  { namespace: 'monitoring', name: 'alertmanager', type: 'Opaque', keys: ['alertmanager.yaml'] },
] as const;

const namespaces = new Set<string>([
  ...kinds.map((kind) => kind.namespace),
  'kube-public',
  'kube-node-lease',
]);

/** Further secrets than these are in namespaces of teams, with some hundreds in each. */
const ownNamespaces = { from: 1200, secrets: 300 };

/** How many namespaces of teams a cluster with so many secrets has. */
export function teamsFor(secretCount: number): number {
  return Math.ceil(Math.max(0, secretCount - ownNamespaces.from) / ownNamespaces.secrets);
}

/** The namespaces of the simulated cluster in order, with or without secrets. */
export function namespacesOf({ teams = 0 }: { teams?: number | undefined }): readonly string[] {
  return [...namespaces, ...Array.from({ length: teams }, (_, index) => team(index))].sort();
}

/** Every secret value of a simulated cluster begins with this, so that one can be found wherever it should not be. */
export const canary = 'canary-';

/** What `kubectl apply` leaves its input in, values and all. */
export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** `count` secrets, all stored under `key`. */
export function* population(count: number, key: string, createdAt: Date): Generator<Secret> {
  const creationTimestamp = createdAt.toISOString().replace(/\.\d+Z$/u, 'Z');
  for (let index = 0; index < count; index += 1) {
    const kind = kinds[index % kinds.length] ?? kinds[0];
    const round = Math.floor(index / kinds.length) + 1;
    const helm = kind.type === 'helm.sh/release.v1';
    const { type } = kind;
    const namespace = index < ownNamespaces.from ? kind.namespace : team(index % teamsFor(count));
    const name = helm ? `${kind.name}${round}` : `${kind.name}-${String(round).padStart(4, '0')}`;
    const data = Object.fromEntries(kind.keys.map((field) => [field, newValue()]));
    yield {
      namespace,
      name,
      uid: randomUUID(),
      creationTimestamp,
      type,
      data,
      immutable: 'immutable' in kind ? true : undefined,
      labels: helm ? { owner: 'helm', name: 'payments', version: String(round) } : undefined,
      annotations:
        'applied' in kind ? { [lastApplied]: applied({ namespace, name, type, data }) } : undefined,
      resourceVersion: 1000 + index,
      key,
    };
  }
}

function team(index: number): string {
  return `team-${String(index + 1).padStart(3, '0')}`;
}

function newValue(): string {
  return Buffer.from(`${canary}${randomBytes(12).toString('hex')}`).toString('base64');
}

/** The annotation's text, as kubectl writes it: keys in order, and a line's end. */
function applied({
  namespace,
  name,
  type,
  data,
}: Pick<Secret, 'namespace' | 'name' | 'type' | 'data'>): string {
  const metadata = { annotations: {}, name, namespace };
  return `${JSON.stringify({ apiVersion: 'v1', data, kind: 'Secret', metadata, type })}\n`;
}
