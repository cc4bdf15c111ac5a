/**
 * Which form of an object a client accepts, as the API server works it out (k8s.io/apiserver,
 * pkg/endpoints/handlers/negotiation). Only JSON is offered; YAML and Protocol Buffers are passed over.
 */
import type { Request } from './http.ts';
import { status } from './kubernetes-status.ts';

/** What an answer is turned into, and the version of meta.k8s.io that it is of. */
export interface Conversion {
  to: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  version: string;
}

/** What the rows of a table come with. */
export type IncludedObject = 'None' | 'Metadata' | 'Object';

const ranges = new Set(['application/json', 'application/*', '*/*']);

/**
 * The first form in the `Accept` header that the server has; undefined is the object itself.
 *
 * @throws Refusal (406) when there is none.
 */
export function conversionOf(request: Request): Conversion | undefined {
  const header = request.headers.accept ?? '';
  if (header === '') return undefined;
  for (const { type, parameters } of clausesOf(header)) {
    if (!ranges.has(type)) continue;
    const { as, g, v } = parameters;
    if (as === undefined && g === undefined && v === undefined) return undefined;
    if (isTarget(as) && g === 'meta.k8s.io' && (v === 'v1' || v === 'v1beta1')) return { to: as, version: v };
  }
  throw notAcceptable('only the following media types are accepted: application/json');
}

/** @throws Refusal (400) for a value of `includeObject` that the server does not know. */
export function includedObject(request: Request): IncludedObject {
  const value = request.query.get('includeObject') ?? '';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  if (value === '') return 'Metadata';
  throw status(
    400,
    'BadRequest',
    `Unable to convert to Table as requested: includeObject: Invalid value: "${value}": must be 'Metadata', 'Object', ` +
      "'None', or empty",
  );
}

/** The refusal of an answer in a form that this object does not have. */
export function notAcceptable(message: string): Error {
  return status(406, 'NotAcceptable', message);
}

interface Clause {
  type: string;
  parameters: Record<string, string>;
}

function clausesOf(header: string): Clause[] {
  return header
    .split(',')
    .map((text) => {
      const [type = '', ...rest] = text.split(';').map((part) => part.trim());
      return { type, parameters: Object.fromEntries(rest.map((part) => part.split('=', 2))) };
    })
    .sort((a, b) => weight(b) - weight(a));
}

function weight({ parameters }: Clause): number {
  return parameters['q'] === undefined ? 1 : Number(parameters['q']);
}

function isTarget(name: string | undefined): name is Conversion['to'] {
  return name === 'Table' || name === 'PartialObjectMetadata' || name === 'PartialObjectMetadataList';
}
