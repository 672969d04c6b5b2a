import type { RouteBackend } from '../../compile/table.ts';
import type { FilterConfig } from '../../filters/index.ts';
import type { IngressAnnotations } from '../read.ts';
import { affinityCookie } from './sharing.ts';

/** What a canary Ingress does to the route that it accompanies. */
export function canaryFilter(
  canary: IngressAnnotations,
  main: IngressAnnotations,
  backend: RouteBackend,
): FilterConfig {
  const value = canary.get('canary-by-header-value');
  const isSticky = main.get('affinity-canary-behavior') !== 'legacy';
  return {
    kind: 'canary',
    backend,
    header: canary.get('canary-by-header'),
    headerValue: value,
    headerPattern: value === undefined ? canary.get('canary-by-header-pattern') : undefined,
    cookie: canary.get('canary-by-cookie'),
    weight: canary.get('canary-weight') ?? 0,
    // ingress-nginx itself counts a smaller total as 100.
    weightTotal: Math.max(100, canary.get('canary-weight-total') ?? 100),
    stickyCookie: isSticky ? affinityCookie({ annotations: main }) : undefined,
  };
}
