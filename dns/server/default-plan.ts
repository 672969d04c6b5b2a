import { defaultForward, ForwardPlugin } from '../plugins/forward/index.ts';
import { errors, ErrorsPlugin } from '../plugins/errors/index.ts';
import {
  defaultKubernetes,
  kubernetes,
  KubernetesPlugin,
  type PodsMode,
} from '../plugins/kubernetes/index.ts';
import { lowerName, parseName, reverseZones } from '../wire/index.ts';
import type { BlockPlan } from './plan.ts';
import { readSettings } from './settings.ts';

/** What takes the place of a Corefile. */
export interface DefaultPlanOptions {
  readonly clusterDomain: string;
  readonly ttlSec: number;
  readonly podsMode: PodsMode;
  readonly upstreams: string | readonly string[];
}

/**
 * The server without a Corefile: the cluster's names, and the node's own resolvers for the rest.
 * @throws WireError when the domain is no name
 */
export function defaultPlan(options: DefaultPlanOptions): BlockPlan {
  const zone = lowerName(parseName(options.clusterDomain));
  const bothTrees = [reverseZones.IPv4, reverseZones.IPv6];
  return {
    zones: [{ scheme: 'dns', zone: [], port: 53 }],
    needs: options.podsMode === 'verified' ? ['pods'] : [],
    settings: readSettings([], (path) => path),
    plugins: [
      { name: errors.name, make: (context) => new ErrorsPlugin({ consolidate: [] }, context) },
      {
        name: kubernetes.name,
        make: (context) =>
          new KubernetesPlugin(
            {
              ...defaultKubernetes,
              zones: [zone],
              reverseZones: bothTrees,
              ttlSec: options.ttlSec,
              podsMode: options.podsMode,
              // Other addresses have their names elsewhere.
              fallthrough: bothTrees,
            },
            context,
          ),
      },
      {
        name: 'forward',
        make: (context) =>
          new ForwardPlugin({ ...defaultForward, upstreams: options.upstreams }, context),
      },
    ],
  };
}
