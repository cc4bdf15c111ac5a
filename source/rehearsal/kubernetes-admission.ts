/** What stands between a permitted request and the store: policies and webhooks. */
import { blockedNamespace, has, refusedSecret, stampedNamespace } from './faults.ts';
import { status } from './kubernetes-status.ts';
import type { NewSecret } from './secrets.ts';
import type { State } from './state.ts';

type Name = Pick<NewSecret, 'namespace' | 'name'>;

interface Denial {
  code: number;
  /** Absent when a webhook gave none. */
  reason?: string;
  message: string;
  details?: Record<string, unknown>;
}

const why = `Secrets in namespace ${blockedNamespace} are managed by GitOps and must not be changed`;

/** What denies every change to a secret of this name, dry runs included; undefined when nothing does. */
export function denialOf(state: State, { namespace, name }: Name): Denial | undefined {
  if (has(state, 'webhook-down')) return failedCall('validation.gatekeeper.sh');
  if (has(state, 'secret-refused') && `${namespace}/${name}` === refusedSecret)
    return {
      code: 403,
      reason: 'Forbidden',
      message: `admission webhook "validation.gatekeeper.sh" denied the request: [frozen] Secret ${name} must not be changed`,
    };
  if (namespace !== blockedNamespace) return undefined;
  if (has(state, 'policy-validates')) {
    const message =
      "ValidatingAdmissionPolicy 'secrets-managed-by-gitops' with binding 'secrets-managed-by-gitops' denied request: " +
      why;
    return {
      code: 422,
      reason: 'Invalid',
      message: `secrets "${name}" is forbidden: ${message}`,
      details: { name, kind: 'secrets', causes: [{ message }] },
    };
  }
  if (has(state, 'policy-blocks'))
    return {
      code: 403,
      reason: 'Forbidden',
      message: `admission webhook "validation.gatekeeper.sh" denied the request: [secrets-managed-by-gitops] ${why}`,
    };
  // A webhook that denies without a status of its own is answered for with 400.
  if (has(state, 'webhook-refuses'))
    return {
      code: 400,
      message: `admission webhook "secrets.gitops.example.com" denied the request: ${why}`,
    };
  return undefined;
}

/** @throws Refusal when something denies the change. */
export function admit(state: State, secret: Name): void {
  const denial = denialOf(state, secret);
  if (denial === undefined) return;
  const { code, reason, message, details } = denial;
  throw status(code, reason, message, details === undefined ? {} : { details });
}

/** The secret as webhooks that may change it hand it on. */
export function mutated(state: State, secret: NewSecret): NewSecret {
  if (!has(state, 'webhook-stamps') || secret.namespace !== stampedNamespace) return secret;
  const stamp = { 'audit.example.com/written-at': new Date().toISOString() };
  return { ...secret, annotations: { ...secret.annotations, ...stamp } };
}

/** As the API server tells of a webhook whose failure policy is Fail. */
function failedCall(webhook: string): Denial {
  const message =
    `failed calling webhook "${webhook}": failed to call webhook: Post ` +
    '"https://gatekeeper-webhook-service.gatekeeper-system.svc:443/v1/admit?timeout=3s": ' +
    'dial tcp 10.0.171.12:443: connect: connection refused';
  return {
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ message }] },
  };
}
