/** Failures as the Kubernetes API words them, in `Status` objects. */
import { Refusal } from './http.ts';
import type { Secret } from './secrets.ts';
import type { Simulation } from './simulation.ts';
import { canRead } from './state.ts';

/** A refusal with a Kubernetes `Status` as its body. */
export function status(
  code: number,
  reason: string,
  message: string,
  more: { details?: Record<string, unknown>; metadata?: Record<string, unknown> } = {},
): Refusal {
  return new Refusal({
    status: code,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: more.metadata ?? {},
      status: 'Failure',
      message,
      reason,
      ...(more.details === undefined ? {} : { details: more.details }),
      code,
    },
  });
}

/** `secrets "x" not found`. */
export function notFound(kind: string, name: string): Refusal {
  return status(404, 'NotFound', `${kind} "${name}" not found`, { details: { name, kind } });
}

/** The refusal of a write that was made for an older version of the object. */
export function conflict(name: string): Refusal {
  return status(
    409,
    'Conflict',
    `Operation cannot be fulfilled on secrets "${name}": the object has been modified; please apply your changes ` +
      'to the latest version and try again',
    { details: { name, kind: 'secrets' } },
  );
}

/** @throws Refusal (500), in the API server's words, when the secret is under a key it cannot use. */
export function checkReadable(simulation: Simulation, secret: Secret): void {
  if (canRead(simulation.state.settings, secret.key)) return;
  const place = `/registry/secrets/${secret.namespace}/${secret.name}`;
  throw status(
    500,
    'InternalError',
    `Internal error occurred: unable to transform key "${place}": no matching prefix found`,
  );
}
