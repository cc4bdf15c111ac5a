/** Failures as the Kubernetes API words them, in `Status` objects. */
import { Refusal } from './http.ts';
import type { Secret } from './secrets.ts';
import type { Simulation } from './simulation.ts';
import { canRead } from './state.ts';

/** A refusal with a Kubernetes `Status` as its body. Only a webhook's own denial can be without a reason. */
export function status(
  code: number,
  reason: string | undefined,
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
      ...(reason === undefined ? {} : { reason }),
      ...(more.details === undefined ? {} : { details: more.details }),
      code,
    },
  });
}

/** `secrets "x" not found`. */
export function notFound(kind: string, name: string): Refusal {
  return status(404, 'NotFound', `${kind} "${name}" not found`, { details: { name, kind } });
}

/** The refusal of a write that was made for another version of the object; `why` unless that version is just older. */
export function conflict(
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): Refusal {
  return status(409, 'Conflict', `Operation cannot be fulfilled on secrets "${name}": ${why}`, {
    details: { name, kind: 'secrets' },
  });
}

/** The refusal of a value that may not be. */
export function invalid(kind: string, name: string, field: string, message: string): Refusal {
  return status(422, 'Invalid', `${kind} "${name}" is invalid: ${field}: ${message}`, {
    details: { name, kind, causes: [{ message, field }] },
  });
}

/** The refusal of a method that this path does not have. */
export function methodNotAllowed(): Refusal {
  return status(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
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
