import type { Ingress, IngressClass } from '../../objects/index.ts';
import { type Column, column, none } from './column.ts';

/** `kubectl get ingresses`, after NAME. */
export const ingressColumns: readonly Column<Ingress>[] = [
  column('Class', ({ spec }) => spec?.ingressClassName ?? none),
  column('Hosts', hosts),
  column('Address', ({ status }) =>
    (status?.loadBalancer?.ingress ?? []).map((one) => one.ip ?? one.hostname ?? '').join(','),
  ),
  column('Ports', ({ spec }) => ((spec?.tls ?? []).length > 0 ? '80, 443' : '80')),
];

/** `kubectl get ingressclasses`, after NAME. */
export const ingressClassColumns: readonly Column<IngressClass>[] = [
  column('Controller', ({ spec }) => spec?.controller ?? none),
  column('Parameters', ({ spec }) =>
    spec?.parameters ? `${kindOf(spec.parameters)}/${spec.parameters.name}` : none,
  ),
];

function hosts({ spec }: Ingress): string {
  const named = (spec?.rules ?? []).flatMap(({ host }) => host || []);
  if (named.length === 0) return '*';
  if (named.length <= 3) return named.join(',');
  return `${named.slice(0, 3).join(',')} + ${named.length - 3} more...`;
}

function kindOf({ apiGroup, kind }: { readonly apiGroup?: string; readonly kind: string }): string {
  return apiGroup ? `${kind}.${apiGroup}` : kind;
}
