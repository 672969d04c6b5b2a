import type { ObjectRef, Problem } from '../../../controller/base/index.ts';
import { type AnyObject, legacyClassAnnotation } from '../../../controller/objects/index.ts';

/** A problem of an Ingress. */
export type UnadoptedIngress = Problem & { readonly object: ObjectRef };

const nginxController = 'k8s.io/ingress-nginx';
const instead = 'ingress.classes: [k8s.io/ingress-nginx] in the configuration';

/**
 * Ingresses of ingress-nginx, which are served only where its class is adopted. For `check` alone:
 * in a cluster where ingress-nginx runs they are none of our business.
 */
export function unadoptedIngresses(objects: readonly AnyObject[]): readonly UnadoptedIngress[] {
  const classes = new Set(['nginx']);
  for (const one of objects) {
    if (one.kind !== 'IngressClass') continue;
    if (one.spec?.controller === nginxController) classes.add(one.metadata.name);
    else classes.delete(one.metadata.name);
  }
  return objects.flatMap((one) => {
    if (one.kind !== 'Ingress') return [];
    const { name, namespace = '', annotations } = one.metadata;
    const field = one.spec?.ingressClassName;
    const named = field ?? annotations?.[legacyClassAnnotation];
    if (named === undefined || !classes.has(named)) return [];
    const at =
      field === undefined
        ? `metadata.annotations["${legacyClassAnnotation}"]`
        : 'spec.ingressClassName';
    return [
      {
        severity: 'warning',
        reason: 'IngressClassNotAdopted',
        message: `class "${named}" is ingress-nginx's: nothing serves this Ingress unless the class is adopted`,
        instead,
        object: { kind: 'Ingress', namespace, name, field: at },
      } as const,
    ];
  });
}
