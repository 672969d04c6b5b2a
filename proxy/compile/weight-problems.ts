import type { ObjectRef, Problem } from '../../controller/base/index.ts';
import {
  type EndpointSlice,
  parseWeights,
  type Service,
  weightsAnnotation,
} from '../../controller/objects/index.ts';
import { loadBalancingAnnotation } from '../balancer/index.ts';
import { serviceRef } from './service-ref.ts';
import type { ServicePort } from './table.ts';

const field = `metadata.annotations["${weightsAnnotation}"]`;

/** Weights that cannot be read, and weights that the chosen algorithm does not heed. */
export function weightProblems(
  service: Service,
  slices: readonly EndpointSlice[],
  ports: readonly ServicePort[],
): readonly Problem[] {
  const problems = unreadable(service, serviceRef(service, field));
  for (const slice of slices) {
    const { namespace = '', name } = slice.metadata;
    problems.push(...unreadable(slice, { kind: 'EndpointSlice', namespace, name, field }));
  }
  if (ports.some(ignoresWeights)) {
    problems.push({
      severity: 'warning',
      reason: 'WeightsIgnored',
      message: 'round-robin gives every endpoint the same share; only weight 0 is heeded',
      instead: 'weighted',
      object: serviceRef(service, `metadata.annotations["${loadBalancingAnnotation}"]`),
    });
  }
  return problems;
}

function unreadable({ metadata }: Service | EndpointSlice, object: ObjectRef): Problem[] {
  const { errors } = parseWeights(metadata.annotations?.[weightsAnnotation]);
  const [first] = errors;
  if (first === undefined) return [];
  const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return [
    {
      severity: 'warning',
      reason: 'InvalidWeights',
      message: `${first}${others}; such entries are left out`,
      instead: '10.0.0.1=5, [fd00::1]:8080=3, default=1',
      object,
    },
  ];
}

function ignoresWeights({ algorithm, clusterEndpoints, localEndpoints }: ServicePort): boolean {
  if (algorithm !== 'round-robin') return false;
  return [clusterEndpoints, localEndpoints].some((endpoints) => {
    const weights = endpoints.map(({ weight }) => weight).filter((weight) => weight > 0);
    return new Set(weights).size > 1;
  });
}
