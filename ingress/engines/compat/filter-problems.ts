import type { ObjectRef, Problem } from '../../../controller/base/index.ts';
import type { RouteTable } from '../../compile/table.ts';
import { isAccessControl } from '../../filters/index.ts';

/** Ingresses whose routes ask for more than this engine does. One problem for each of them. */
export function filterProblems(table: RouteTable | undefined): readonly Problem[] {
  const byIngress = new Map<string, { readonly object: ObjectRef; readonly kinds: Set<string> }>();
  const guarded = new Set<string>();
  for (const { routes } of table?.hosts.values() ?? []) {
    for (const { ingress, filters, options } of routes) {
      const asked = [...filters.map(({ kind }) => kind), ...Object.keys(options ?? {})];
      if (asked.length === 0) continue;
      const key = `${ingress.namespace}/${ingress.name}`;
      const { kinds } = byIngress.get(key) ?? { kinds: new Set() };
      for (const kind of asked) kinds.add(kind);
      byIngress.set(key, { object: ingress, kinds });
      if (filters.some(isAccessControl)) guarded.add(key);
    }
  }
  return [...byIngress].map(([key, { object, kinds }]) => ({
    severity: guarded.has(key) ? 'error' : 'warning',
    reason: 'UnsupportedFilter',
    message: guarded.has(key)
      ? `engine compat cannot check who may pass (${[...kinds].join(', ')}); requests are answered 503`
      : `engine compat does not do ${[...kinds].join(', ')}; requests pass without`,
    instead: '--ingress-engine wire',
    object,
  }));
}
