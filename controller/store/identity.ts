import { type Kind, kinds } from '../objects/index.ts';
import type { ObjectOf } from './store.ts';
import { StoreError } from './store-error.ts';

/** DNS-1123 subdomain, RFC 1123 §2.1 with labels joined by dots, as the API demands of names. */
const namePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** RFC 1035 §2.3.4, less the length octet and the root: what the API allows for a subdomain. */
const maxNameLength = 253;

/**
 * Checks what a store must be sure of to keep an object: a known kind in its version, a name, and
 * a namespace exactly where the kind has one. All else is the business of validation.
 * @throws StoreError `Invalid`
 */
export function kindOf<K extends Kind>(object: ObjectOf<K>): K {
  const { apiVersion, metadata } = object;
  const kind: K = object.kind;
  const info = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (info?.apiVersion !== apiVersion) {
    throw new StoreError('Invalid', `no kind "${kind}" in version "${apiVersion}"`);
  }
  const { name, namespace = '' } = metadata;
  if (!namePattern.test(name) || name.length > maxNameLength) {
    throw new StoreError(
      'Invalid',
      `${kind} metadata.name "${name}": write lower-case letters, digits, "-" and "." (RFC 1123), at most ${maxNameLength}`,
    );
  }
  if (info.namespaced !== (namespace !== '')) {
    throw new StoreError(
      'Invalid',
      info.namespaced
        ? `${kind} "${name}" needs metadata.namespace`
        : `${kind} "${name}" is cluster-scoped: leave metadata.namespace out`,
    );
  }
  return kind;
}
