import type { Problem } from '../../controller/base/index.ts';
import type { Service } from '../../controller/objects/index.ts';
import type { Algorithm } from './balancer.ts';

/** On a Service: how L4 and ingress choose among its endpoints. */
export const loadBalancingAnnotation = 'portolan.dev/load-balancing';

/** Every algorithm, in the order in which messages list them. */
export const algorithms: readonly Algorithm[] = [
  'random',
  'round-robin',
  'weighted',
  'ip_hash',
  'least-conn',
  'p2c',
  'ewma',
];

/**
 * What a Service without the annotation gets, as an nginx upstream does: round robin with equal
 * weights, and weights that somebody wrote take effect by themselves. kube-proxy draws at random,
 * as rules in a kernel do best; kernel planes do so here too, by weight. Turns spread few
 * connections more evenly, and people who try two endpoints expect to see them alternate.
 */
export const defaultAlgorithm: Algorithm = 'weighted';

const byPlainName: ReadonlyMap<string, Algorithm> = new Map(
  algorithms.map((algorithm) => [plainName(algorithm), algorithm]),
);

/** Reads an algorithm's name; case and `_` for `-` do not matter. Undefined: there is no such. */
export function parseAlgorithm(text: string): Algorithm | undefined {
  return byPlainName.get(plainName(text));
}

function plainName(text: string): string {
  return text.trim().toLowerCase().replaceAll('_', '-');
}

/** The algorithm that a Service asks for. A wrong name is a problem, and the default in force. */
export function algorithmOf(service: Service): {
  readonly algorithm: Algorithm;
  readonly problem: Problem | undefined;
} {
  const text = service.metadata.annotations?.[loadBalancingAnnotation];
  if (text === undefined) return { algorithm: defaultAlgorithm, problem: undefined };
  const algorithm = parseAlgorithm(text);
  if (algorithm !== undefined) return { algorithm, problem: undefined };
  const { namespace = '', name } = service.metadata;
  return {
    algorithm: defaultAlgorithm,
    problem: {
      severity: 'warning',
      reason: 'UnknownAlgorithm',
      message: `${loadBalancingAnnotation} is "${text}", which is no algorithm; ${defaultAlgorithm} is in force`,
      instead: `one of ${algorithms.join(', ')}`,
      object: {
        kind: 'Service',
        namespace,
        name,
        field: `metadata.annotations["${loadBalancingAnnotation}"]`,
      },
    },
  };
}
