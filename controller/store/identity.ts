import { isKnownKind, type KubeObject, kinds } from '../objects/index.ts';
import { type ObjectType, objectTypeOf } from './object-store.ts';
import { StoreError } from './store-error.ts';

/** DNS-1123 subdomain, RFC 1123 §2.1 with labels joined by dots, as the API demands of names. */
const namePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** RFC 1035 §2.3.4, less the length octet and the root: what the API allows for a subdomain. */
const maxNameLength = 253;

/**
 * Checks what a store must be sure of to keep an object: a known kind in its version, a name, and
 * a namespace exactly where the kind has one. All else is the business of validation, and for
 * types outside KindMap so are version and scope.
 * @throws StoreError `Invalid`
 */
export function typeOf({ apiVersion, kind, metadata }: KubeObject): ObjectType {
  const { name, namespace = '' } = metadata;
  const isKnown = isKnownKind(apiVersion, kind);
  const type = objectTypeOf(apiVersion, kind);
  // Under the name of a known kind lie objects of that kind alone.
  if (!isKnown && Object.hasOwn(kinds, type)) {
    throw new StoreError('Invalid', `no kind "${kind}" in version "${apiVersion}"`);
  }
  if (!namePattern.test(name) || name.length > maxNameLength) {
    throw new StoreError(
      'Invalid',
      `${kind} metadata.name "${name}": write lower-case letters, digits, "-" and "." (RFC 1123), at most ${maxNameLength}`,
    );
  }
  if (isKnown && kinds[kind].namespaced !== (namespace !== '')) {
    throw new StoreError(
      'Invalid',
      kinds[kind].namespaced
        ? `${kind} "${name}" needs metadata.namespace`
        : `${kind} "${name}" is cluster-scoped: leave metadata.namespace out`,
    );
  }
  return type;
}
