import { ApiError, badRequest } from '../status.ts';

/** What a path of the API names. */
export type Target = { readonly kind: 'path'; readonly path: string } | ResourceTarget;

/** One object or all of a resource, perhaps in one namespace, perhaps a part of it. */
export interface ResourceTarget {
  readonly kind: 'resource';
  readonly group: string;
  readonly version: string;
  /** As written: it may name nothing. */
  readonly plural: string;
  /** '' for cluster-scoped resources, and for all namespaces. */
  readonly namespace: string;
  /** '' for all of them. */
  readonly name: string;
  /** '' for the object itself. */
  readonly subresource: string;
  /** What follows `proxy/`, still escaped. */
  readonly rest: string;
}

/**
 * Reads a request's path: `/api/v1/namespaces/NS/services/NAME/status`,
 * `/apis/GROUP/VERSION/RESOURCE`. Anything else is a `path`.
 * @throws ApiError 400 for escapes that cannot be read
 */
export function parseTarget(pathname: string): Target {
  const raw = pathname.split('/').slice(1);
  const parts = raw.map(unescapePart);
  const isCore = parts[0] === 'api';
  if (!isCore && parts[0] !== 'apis') return { kind: 'path', path: pathname };
  const start = isCore ? 2 : 3;
  const group = isCore ? '' : (parts[1] ?? '');
  const version = parts[start - 1] ?? '';
  const below = trimmed(parts.slice(start));
  if (below.length === 0) return { kind: 'path', path: pathname };
  // `namespaces/NS` is an object, `namespaces/NS/status` a part of it, the rest lies in it.
  const isWithin =
    below[0] === 'namespaces' && below.length > 2 && !isNamespacePart(below[2] ?? '');
  const own = isWithin ? below.slice(2) : below;
  const [plural = '', name = '', subresource = ''] = own;
  const offset = start + (isWithin ? 2 : 0) + 3;
  return {
    kind: 'resource',
    group,
    version,
    plural,
    namespace: isWithin ? (below[1] ?? '') : '',
    name,
    subresource,
    rest: raw.slice(offset).join('/'),
  };
}

function isNamespacePart(part: string): boolean {
  return part === 'status' || part === 'finalize';
}

function trimmed(parts: readonly string[]): readonly string[] {
  return parts.at(-1) === '' && parts.length > 0 && parts.length <= 4 ? parts.slice(0, -1) : parts;
}

function unescapePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) throw badRequest(`the path has an escape that is none: ${part}`);
    throw error;
  }
}

/** Refuses parameters whose values mean nothing. @throws ApiError 400 */
export function booleanParameter(parameters: URLSearchParams, name: string): boolean {
  const value = parameters.get(name);
  if (value === null) return false;
  // As Go's strconv.ParseBool, which API servers use; absent value: true.
  if (['', '1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  throw new ApiError(400, 'BadRequest', `parameter ${name}: write true or false, not "${value}"`);
}
