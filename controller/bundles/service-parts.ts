import {
  type EndpointHealth,
  type EndpointSlice,
  objectKey,
  type Service,
  type ServiceBundle,
  serviceNameLabel,
} from '../objects/index.ts';

/**
 * Everything known under one `namespace/name`, whether or not the Service itself is there: slices
 * may arrive before it.
 */
export class ServiceParts {
  service: Service | undefined;
  health: EndpointHealth | undefined;
  readonly slices: Map<string, EndpointSlice> = new Map();

  get isEmpty(): boolean {
    return !this.service && !this.health && this.slices.size === 0;
  }

  /** Undefined without a Service. */
  toBundle(): ServiceBundle | undefined {
    if (!this.service) return undefined;
    const slices = [...this.slices.values()].toSorted(byName);
    return { service: this.service, slices, health: this.health };
  }
}

function byName(a: EndpointSlice, b: EndpointSlice): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** `namespace/name` of the Service that a slice belongs to; undefined: to none. */
export function ownerOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[serviceNameLabel];
  return name ? objectKey({ namespace: metadata.namespace ?? '', name }) : undefined;
}

/** Whether both hold the very same objects: objects are immutable, so nothing changed then. */
export function sameBundle(a: ServiceBundle | undefined, b: ServiceBundle | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.service === b.service &&
    a.health === b.health &&
    a.slices.length === b.slices.length &&
    a.slices.every((slice, place) => slice === b.slices[place])
  );
}
