/** The identity a cluster acts with, as the cluster itself says. */
import type { Cluster } from './cluster.ts';

/** The fact `identity`. Fields are null for a cluster with a service principal. */
export interface Identity {
  /** `UserAssigned` or `SystemAssigned`. */
  type: string | null;
  /** ARM id of a user-assigned identity. */
  id: string | null;
  name: string | null;
  /** Object id in the directory: what roles and access policies are given to. */
  principalId: string | null;
}

/** AKS allows one user-assigned identity for the control plane, so the first is the one. */
export function identityOf(cluster: Cluster): Identity {
  const { type, principalId, userAssignedIdentities } = (cluster['identity'] ?? {}) as {
    type?: string;
    principalId?: string;
    userAssignedIdentities?: Record<string, { principalId?: string }>;
  };
  const [own] = Object.entries(userAssignedIdentities ?? {});
  return {
    type: type ?? null,
    id: own?.[0] ?? null,
    name: own?.[0].split('/').at(-1) ?? null,
    // The other one is that of a system-assigned identity.
    principalId: (own === undefined ? principalId : own[1].principalId) ?? null,
  };
}
