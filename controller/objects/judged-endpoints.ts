import type { EndpointSlice, SliceEndpoint } from './endpoint-slice.ts';
import { objectKey } from './meta.ts';
import type { ServiceBundle } from './service-bundle.ts';
import { type ParsedWeights, parseWeights, weightsAnnotation } from './weights.ts';

/** One endpoint of one slice with its conditions resolved: defaults filled in, health applied. */
export interface JudgedEndpoint {
  readonly slice: EndpointSlice;
  readonly endpoint: SliceEndpoint;
  /** The first address: consumers use no other (KEP-752). */
  readonly address: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** What active checks say; undefined when none run. */
  readonly healthy: boolean | undefined;
  /** To look its share up with `weightOf`, the Service's annotation before the slice's. */
  readonly weights: readonly ParsedWeights[];
}

export interface JudgedEndpoints {
  readonly endpoints: readonly JudgedEndpoint[];
  /** Every ready endpoint fails its check, so checks are disregarded. */
  readonly panic: boolean;
}

/**
 * The endpoints of a Service as every plane must see them: this is where L4, DNS and L7 get one
 * and the same answer. An endpoint that fails its active check counts as neither ready nor
 * serving. Panic rule: if that would leave no ready endpoint where the objects list one, checks
 * are disregarded, since a check that fails everywhere says more about itself than about the
 * endpoints, and serving some requests beats serving none.
 */
export function judgeEndpoints(bundle: ServiceBundle): JudgedEndpoints {
  const failing = failingEndpoints(bundle);
  const ownWeights = parseWeights(bundle.service.metadata.annotations?.[weightsAnnotation]);
  const judged: JudgedEndpoint[] = [];
  let listedReady = 0;
  let leftReady = 0;
  for (const slice of bundle.slices) {
    if (slice.addressType === 'FQDN') continue;
    const weights = [ownWeights, parseWeights(slice.metadata.annotations?.[weightsAnnotation])];
    const firstPort = slice.ports?.[0]?.port ?? 0;
    for (const endpoint of slice.endpoints) {
      const address = endpoint.addresses[0];
      if (address === undefined) continue;
      const healthy = failing?.get(`${address} ${firstPort}`);
      const ready = endpoint.conditions?.ready ?? true;
      if (ready) listedReady += 1;
      if (ready && healthy !== false) leftReady += 1;
      judged.push({
        slice,
        endpoint,
        address,
        ready: ready && healthy !== false,
        serving: (endpoint.conditions?.serving ?? true) && healthy !== false,
        terminating: endpoint.conditions?.terminating ?? false,
        healthy,
        weights,
      });
    }
  }
  const panic = listedReady > 0 && leftReady === 0;
  return { endpoints: panic ? judged.map(disregardHealth) : judged, panic };
}

function failingEndpoints(bundle: ServiceBundle): ReadonlyMap<string, boolean> | undefined {
  if (!bundle.health) return undefined;
  return new Map(
    bundle.health.status.endpoints.map((one) => [`${one.address} ${one.port}`, one.healthy]),
  );
}

function disregardHealth(judged: JudgedEndpoint): JudgedEndpoint {
  const { conditions } = judged.endpoint;
  return { ...judged, ready: conditions?.ready ?? true, serving: conditions?.serving ?? true };
}

/** `namespace/name` of the bundle's Service. */
export function bundleKey(bundle: ServiceBundle): string {
  return objectKey(bundle.service.metadata);
}
