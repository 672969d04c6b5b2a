import type { EndpointHealth } from './endpoint-health.ts';
import type { EndpointSlice } from './endpoint-slice.ts';
import type { Service } from './service.ts';

/**
 * One Service with everything that decides where its traffic goes: the unit in which compilers
 * work, so that a change costs what one Service costs. `slices` are in name order.
 */
export interface ServiceBundle {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
  readonly health: EndpointHealth | undefined;
}

/**
 * What changed since the last compilation. `removed` and the keys are `namespace/name`; a bundle
 * is upserted when the Service or any object that belongs to it changed.
 */
export interface BundleChanges {
  readonly upserted: readonly ServiceBundle[];
  readonly removed: readonly string[];
}
