import { ApiError } from '../status.ts';
import type { IncludedObject } from '../table/table.ts';

/** The form in which a client wants objects. */
export type Representation =
  | { readonly kind: 'object' }
  | { readonly kind: 'table'; readonly version: string; readonly include: IncludedObject }
  /** PartialObjectMetadata: identity and metadata alone. */
  | { readonly kind: 'metadata' };

/**
 * The first media type of an Accept header that is spoken here: JSON, as an object, a Table or
 * metadata alone. Clients that offer protobuf or CBOR offer JSON after it.
 * @throws ApiError 406 when none is
 */
export function representationOf(accept: string, parameters: URLSearchParams): Representation {
  if (accept.trim() === '') return { kind: 'object' };
  for (const offer of accept.split(',')) {
    const [type = '', ...rest] = offer.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(type.toLowerCase())) continue;
    const wanted = new Map(rest.map((part) => split(part)));
    const form = wanted.get('as');
    const version = wanted.get('v') ?? 'v1';
    if (form === undefined) return { kind: 'object' };
    if (wanted.get('g') !== 'meta.k8s.io') continue;
    if (form === 'Table' && (version === 'v1' || version === 'v1beta1')) {
      return { kind: 'table', version, include: includedOf(parameters) };
    }
    if (form === 'PartialObjectMetadata' || form === 'PartialObjectMetadataList') {
      return { kind: 'metadata' };
    }
  }
  throw new ApiError(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, and as=Table or as=PartialObjectMetadata of meta.k8s.io',
  );
}

function split(part: string): readonly [string, string] {
  const equals = part.indexOf('=');
  return equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
}

function includedOf(parameters: URLSearchParams): IncludedObject {
  const text = parameters.get('includeObject');
  return text === 'None' || text === 'Object' ? text : 'Metadata';
}
