import type { ObjectRef } from '../../controller/base/index.ts';
import type { Ingress } from '../../controller/objects/index.ts';

/** Points at an Ingress, or at one of its fields. */
export function ingressRef(ingress: Ingress, field?: string): ObjectRef {
  const { name, namespace = '' } = ingress.metadata;
  return field === undefined
    ? { kind: 'Ingress', namespace, name }
    : { kind: 'Ingress', namespace, name, field };
}
