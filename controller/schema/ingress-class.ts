import type { IngressClass } from '../objects/index.ts';
import { checkChoice } from './choices.ts';
import type { Issues } from './issue.ts';
import { checkSubdomain } from './names.ts';
import { quote } from './scalar.ts';

/** Rules for IngressClass. */
export function checkIngressClass(ingressClass: IngressClass, issues: Issues): void {
  const { controller, parameters } = ingressClass.spec ?? {};
  if (!controller) {
    issues.missing(['spec', 'controller'], 'is required', 'portolan.dev/ingress');
  } else if (!isControllerName(controller)) {
    issues.invalid(
      ['spec', 'controller'],
      `must be a DNS name with a path, not ${quote(controller)}`,
      'as in portolan.dev/ingress',
    );
  }
  if (parameters === undefined) return;
  const path = ['spec', 'parameters'];
  checkChoice(parameters.scope, ['Cluster', 'Namespace'], [...path, 'scope'], issues);
  if (parameters.scope === 'Namespace' && !parameters.namespace) {
    issues.missing([...path, 'namespace'], 'is required for scope Namespace');
  } else if (parameters.scope !== 'Namespace' && parameters.namespace) {
    issues.invalid([...path, 'namespace'], 'needs scope Namespace', 'set scope, or remove it');
  }
}

/** At most 250 bytes, a limit of networking/v1. */
function isControllerName(name: string): boolean {
  const slash = name.indexOf('/');
  return (
    name.length <= 250 &&
    slash > 0 &&
    checkSubdomain(name.slice(0, slash)) === undefined &&
    /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(name.slice(slash + 1))
  );
}
