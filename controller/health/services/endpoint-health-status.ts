import type { EndpointHealth, EndpointHealthStatus, Service } from '../../objects/index.ts';
import type { WriteOperation } from '../../store/index.ts';
import type { CheckState } from '../check-scheduler.ts';
import { rfc3339 } from '../rfc3339.ts';
import type { ServiceTarget } from './service-targets.ts';

/** Tells the objects of this engine from any that the user may write. */
const managedByLabel = 'app.kubernetes.io/managed-by';
const managedBy = 'portolan-health';

/** True for objects that the engine made, and may delete. */
export function isManaged(health: EndpointHealth): boolean {
  return health.metadata.labels?.[managedByLabel] === managedBy;
}

/** What is known of each target, in the order of the targets. Unjudged ones are absent. */
export function endpointStatuses(
  targets: readonly ServiceTarget[],
  stateOf: (key: string) => CheckState | undefined,
): readonly EndpointHealthStatus[] {
  const statuses: EndpointHealthStatus[] = [];
  for (const { key, address, port } of targets) {
    const state = stateOf(key);
    if (state?.healthy === undefined) continue;
    statuses.push({
      address,
      port,
      healthy: state.healthy,
      ...(state.healthy || state.message === undefined ? {} : { message: state.message }),
      lastTransitionTime: rfc3339(state.changedWallMs),
    });
  }
  return statuses;
}

/** The write that makes `existing` say `wanted`; undefined if it differs in no verdict. */
export function planHealth(
  service: Service,
  existing: EndpointHealth | undefined,
  wanted: readonly EndpointHealthStatus[],
): WriteOperation | undefined {
  if (!existing && wanted.length === 0) return undefined;
  const known = new Map(existing?.status.endpoints.map((one) => [endpointKey(one), one]));
  // Reasons and times alone are not worth waking every plane for.
  const endpoints = wanted.map((one) => {
    const before = known.get(endpointKey(one));
    return before?.healthy === one.healthy ? before : one;
  });
  const same =
    endpoints.length === known.size &&
    endpoints.every((one) => known.get(endpointKey(one)) === one);
  if (existing && same) return undefined;
  const { name, namespace = '' } = service.metadata;
  return {
    kind: existing ? 'updateStatus' : 'create',
    object: {
      apiVersion: 'portolan.dev/v1alpha1',
      kind: 'EndpointHealth',
      metadata: { name, namespace, labels: { [managedByLabel]: managedBy } },
      status: { endpoints },
    },
  };
}

function endpointKey({ address, port }: EndpointHealthStatus): string {
  return `${address} ${port}`;
}
